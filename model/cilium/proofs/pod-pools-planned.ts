import { contains, parseCidr } from "../../addresses/range";
import { configOf, quoted } from "./anatomy";
import { defineProof } from "./proof";

export const podPoolsPlanned = defineProof({
  id: "render/pod-pools-planned",
  why: "the chart's own pool 10.0.0.0/8 takes in the nodes, the services and whatever else a site has there (cilium#42383)",
  run: (render, { network }) => {
    const config = configOf(render);
    if (config?.["ipam"] !== "cluster-pool") return [];
    return network.pods.flatMap((pods) => {
      const planned = parseCidr(pods);
      if (planned === undefined) return [];
      const found = config[`cluster-pool-ipv${planned.family}-cidr`];
      const pools = typeof found === "string" ? found.split(/[\s,]+/).map(parseCidr) : [];
      if (pools.length > 0 && pools.every((pool) => pool !== undefined && contains(planned, pool))) return [];
      const key = `ipam.operator.clusterPoolIPv${planned.family}PodCIDRList`;
      return [
        {
          key,
          problem: `cilium-config: cluster-pool-ipv${planned.family}-cidr is ${quoted(found)}, outside network.pods ${pods}`,
          fix: `write ${key}: ["${pods}"] in cilium.values, or remove ipam.mode`,
        },
      ];
    });
  },
});
