import { routerShares } from "../../router/router-share";
import { defineCheck } from "../check";

export const nodeAddressKnown = defineCheck({
  id: "bgp/node-address-known",
  why: "a router accepts sessions only from addresses that it is told",
  run: (stack) => {
    const { bgp } = stack;
    if (bgp === undefined) return [];
    return routerShares(stack, bgp).flatMap(({ groups, router }, i) =>
      groups
        .filter(({ listenRanges, hosts }) => {
          return listenRanges.length === 0 && hosts.some(({ address }) => address === undefined);
        })
        .map(({ family, hosts }) => ({
          at: `bgp.routers[${i}].listenRanges`,
          problem: `the ${family} addresses of ${hosts.flatMap(({ name, address }) => (address === undefined ? [name] : [])).join(", ")} are not known, so ${router} would refuse them`,
          fix: `add the nodes' ${family} network to listenRanges, or localAddresses to nodeOverrides`,
        })),
    );
  },
});
