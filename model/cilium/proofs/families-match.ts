import { parseCidr } from "../../addresses/range";
import { configOf, quoted } from "./anatomy";
import { defineProof } from "./proof";

export const familiesMatch = defineProof({
  id: "render/families-match",
  why: "the agent ends at its start when a family is on for which the nodes get no pod network",
  run: (render, { network }) => {
    const config = configOf(render);
    if (config === undefined) return [];
    const families = network.pods.map((cidr) => parseCidr(cidr)?.family);
    return ([4, 6] as const).flatMap((family) => {
      const wanted = String(families.includes(family));
      const found = config[`enable-ipv${family}`];
      if (found === wanted) return [];
      return [
        {
          key: `ipv${family}.enabled`,
          problem: `cilium-config: enable-ipv${family} is ${quoted(found)}, and network.pods is ${network.pods.join(", ")}`,
          fix: `remove ipv${family} from cilium.values; it follows network.pods`,
        },
      ];
    });
  },
});
