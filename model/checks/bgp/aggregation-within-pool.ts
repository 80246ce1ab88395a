import { familyOf } from "../../bgp/family";
import { blockNetworks, lengthOf } from "../../bgp/prefixes";
import { defineCheck } from "../check";
import { peersOf } from "./places";

export const aggregationWithinPool = defineCheck({
  id: "bgp/aggregation-within-pool",
  why: "an aggregate that is larger than its pool draws traffic for addresses that belong to others",
  run: ({ bgp }) => {
    const networks = (bgp?.loadBalancerPools ?? []).flatMap(({ blocks }) => blocks.flatMap(blockNetworks));
    return peersOf(bgp).flatMap(({ peer, at }) =>
      peer.advertise.services.flatMap(({ addresses, aggregationLength }, i) =>
        networks.flatMap((network) => {
          const length = aggregationLength[familyOf(network)];
          if (!addresses.includes("LoadBalancerIP") || length === undefined || length >= lengthOf(network)) {
            return [];
          }
          return [
            {
              at: `${at}.advertise.services[${i}].aggregationLength`,
              problem: `/${length} is larger than the pool's ${network}`,
              fix: `write ${lengthOf(network)} or more`,
            },
          ];
        }),
      ),
    );
  },
});
