import { familyOf } from "../../bgp/family";
import { blockNetworks } from "../../bgp/prefixes";
import { sessionsOf } from "../../bgp/sessions";
import { defineCheck } from "../check";

export const poolAnnounced = defineCheck({
  id: "bgp/pool-announced",
  why: "services get addresses of the pool that no router has a route to, and no router would accept one",
  run: ({ bgp }) => {
    if (bgp === undefined) return [];
    const families = sessionsOf(bgp)
      .filter(({ peer }) =>
        peer.advertise.services.some(({ addresses }) => addresses.includes("LoadBalancerIP")),
      )
      .map(({ family }) => family);
    return bgp.loadBalancerPools.flatMap((pool, i) =>
      pool.blocks.flatMap((block, j) => {
        const lost = blockNetworks(block).find((network) => !families.includes(familyOf(network)));
        if (lost === undefined) return [];
        return [
          {
            at: `bgp.loadBalancerPools[${i}].blocks[${j}]`,
            problem: `no peer announces LoadBalancer addresses in ${familyOf(lost)}, so ${lost} is reachable from nowhere`,
            fix: `let a peer with a router's ${familyOf(lost)} address advertise LoadBalancerIP, or remove the block`,
          },
        ];
      }),
    );
  },
});
