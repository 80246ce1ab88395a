import { contains, parseCidr } from "../../addresses/range";
import { configOf, quoted } from "./anatomy";
import { defineProof } from "./proof";

export const nativeCidrCovers = defineProof({
  id: "render/native-cidr-covers",
  why: "with native routing and masquerading the agent ends at its start when it is not told which addresses are routed",
  run: (render, { network }) => {
    const config = configOf(render);
    if (config?.["routing-mode"] !== "native") return [];
    return network.pods.flatMap((pods) => {
      const range = parseCidr(pods);
      if (range === undefined || config[`enable-ipv${range.family}-masquerade`] === "false") return [];
      const found = config[`ipv${range.family}-native-routing-cidr`];
      const native = typeof found === "string" ? parseCidr(found) : undefined;
      if (native !== undefined && contains(native, range)) return [];
      const key = `ipv${range.family}NativeRoutingCIDR`;
      return [
        {
          key,
          problem: `cilium-config: ipv${range.family}-native-routing-cidr is ${quoted(found)}, which does not cover the pods' ${pods}`,
          fix: `remove ${key} from cilium.values; it follows network.pods`,
        },
      ];
    });
  },
});
