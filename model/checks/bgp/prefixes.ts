import { type Family, bitsOf, familyOf } from "../../net/addresses";
import { announcedPrefixes, blockNetworks, lengthOf } from "../../bgp/prefixes";
import { sessionsOf } from "../../bgp/sessions";
import { type Check, defineCheck } from "../check";
import { peersOf, routersOf, withBgp } from "./routers";

/** Many more than any site accepts from one cluster. FRR has no bound, but a list is read from its beginning for each route. */
const mostEntries = 2000;

/** Checks of prefix lengths and of the limits of prefixes. */
export const prefixChecks: readonly Check[] = [
  defineCheck({
    id: "bgp/blocks-ordered",
    summary: "Blocks of load balancer pools end after they start.",
    why: "Cilium refuses a block that ends before it starts, and no service gets an address",
    run: ({ bgp }) =>
      (bgp?.loadBalancerPools ?? []).flatMap((pool, i) =>
        pool.blocks.flatMap((block, j) => {
          if (typeof block === "string" || blockNetworks(block).length > 0) return [];
          return {
            at: `bgp.loadBalancerPools[${i}].blocks[${j}]`,
            problem: `${block.start} to ${block.stop} contains no address`,
            fix: "write the lower address of the same family as start",
          };
        }),
      ),
  }),
  defineCheck({
    id: "bgp/prefix-list-bounded",
    summary: "A router accepts a bounded number of prefixes from a session.",
    why: "a router reads its prefix list for each route, and a range of addresses can be hundreds of networks",
    run: withBgp((bgp, stack) => {
      const orderOf = places(bgp.routers);
      const found = sessionsOf(bgp).flatMap(({ peer, router, family }) => {
        const count = announcedPrefixes(stack, bgp, peer, router, family).rules.length;
        if (count <= mostEntries) return [];
        const isOwn = router.acceptedPrefixes.length > mostEntries;
        return {
          at: isOwn ? `bgp.routers[${orderOf(router)}].acceptedPrefixes` : "bgp.loadBalancerPools",
          problem: `router ${router.name} would accept ${count} prefixes in ${family}, more than ${mostEntries}`,
          fix: "write a few large networks in place of many small ones or of ranges",
        };
      });
      return [...new Map(found.map((result) => [`${result.at} ${result.problem}`, result])).values()];
    }),
  }),
  defineCheck({
    id: "bgp/aggregation-within-pool",
    summary: "Announced aggregates are no larger than their load balancer pool.",
    why: "an aggregate that is larger than its pool attracts traffic for addresses of others",
    run: ({ bgp }) => {
      // The smallest network of each family decides.
      const smallest = new Map<Family, string>();
      for (const network of (bgp?.loadBalancerPools ?? []).flatMap(({ blocks }) =>
        blocks.flatMap(blockNetworks),
      )) {
        const before = smallest.get(familyOf(network));
        if (before === undefined || lengthOf(network) > lengthOf(before))
          smallest.set(familyOf(network), network);
      }
      return peersOf(bgp).flatMap(({ peer, at }) =>
        peer.advertise.services.flatMap(({ addresses, aggregationLength }, i) =>
          [...smallest].flatMap(([family, network]) => {
            const length = aggregationLength[family];
            if (
              !addresses.includes("LoadBalancerIP") ||
              length === undefined ||
              length >= lengthOf(network)
            ) {
              return [];
            }
            return {
              at: `${at}.advertise.services[${i}].aggregationLength`,
              problem: `/${length} is larger than the pool's ${network}`,
              fix: `write ${lengthOf(network)} or more`,
            };
          }),
        ),
      );
    },
  }),
  defineCheck({
    id: "bgp/accepted-lengths-ordered",
    summary: "Accepted prefixes have lengths in order: prefix <= ge <= le.",
    why: "FRR refuses a prefix list whose lengths are out of order",
    run: ({ bgp }) =>
      routersOf(bgp).flatMap(({ router, at }) =>
        router.acceptedPrefixes.flatMap(({ prefix, ge, le }, i) => {
          const least = ge ?? lengthOf(prefix);
          const most = le ?? least;
          if (lengthOf(prefix) <= least && least <= most && most <= bitsOf(familyOf(prefix))) return [];
          return {
            at: `${at}.acceptedPrefixes[${i}]`,
            problem: `${prefix} from /${least} to /${most} contains no prefix`,
            fix: `write ${lengthOf(prefix)} <= ge <= le <= ${bitsOf(familyOf(prefix))}`,
          };
        }),
      ),
  }),
  defineCheck({
    id: "bgp/maximum-prefixes-suffice",
    summary: "A router's prefix limit allows the routes that each node announces.",
    why: "the router closes the session at the first route beyond its limit, and all routes of the node are gone",
    run: withBgp((bgp, stack) => {
      const orderOf = places(bgp.routers);
      return sessionsOf(bgp).flatMap(({ peer, router, family }) => {
        const { certain, possible } = announcedPrefixes(stack, bgp, peer, router, family);
        const least = certain + (possible > certain ? 1 : 0);
        if (router.maximumPrefixes === undefined || router.maximumPrefixes >= least) return [];
        return {
          at: `bgp.routers[${orderOf(router)}].maximumPrefixes`,
          problem: `${router.maximumPrefixes} is below the ${least} routes that each node announces in ${family}`,
          fix: `write ${possible}, or leave it out`,
        };
      });
    }),
  }),
  defineCheck({
    id: "bgp/maximum-prefixes-ample",
    summary: "A router's prefix limit leaves room for full load balancer pools.",
    why: "when the pools fill up, the router closes the session, and all routes of the node are gone",
    severity: "warning",
    run: withBgp((bgp, stack) => {
      const orderOf = places(bgp.routers);
      return sessionsOf(bgp).flatMap(({ peer, router, family }) => {
        const { certain, possible } = announcedPrefixes(stack, bgp, peer, router, family);
        const limit = router.maximumPrefixes;
        if (limit === undefined || limit <= certain || limit >= possible) return [];
        return {
          at: `bgp.routers[${orderOf(router)}].maximumPrefixes`,
          problem: `a node can announce ${possible} ${family} routes, the router's limit is ${limit}`,
          fix: `write ${possible}, or leave it out`,
        };
      });
    }),
  }),
];

/** Finds the place of a router in its list. */
function places<T>(list: readonly T[]): (entry: T) => number {
  const order = new Map(list.map((entry, i) => [entry, i]));
  return (entry) => order.get(entry) ?? 0;
}
