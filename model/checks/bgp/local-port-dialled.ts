import { routerShares } from "../../router/router-share";
import { defineCheck } from "../check";

export const localPortDialled = defineCheck({
  id: "bgp/local-port-dialled",
  severity: "warning",
  why: "a router dials only nodes that it knows by address, so nobody would use the port",
  run: (stack) => {
    const { bgp } = stack;
    if (bgp === undefined) return [];
    const shares = routerShares(stack, bgp);
    return bgp.instances.flatMap((instance, i) => {
      const names = instance.peers.map(({ name }) => name);
      const ranged = shares.filter(({ groups }) =>
        groups.some(({ peer, listenRanges }) => names.includes(peer) && listenRanges.length > 0),
      );
      if (instance.localPort === undefined || ranged.length === 0) return [];
      return [
        {
          at: `bgp.instances[${i}].localPort`,
          problem: `${ranged.map(({ router }) => router).join(", ")} has a listen range and never dials`,
          fix: "leave localPort out, or leave listenRanges out and give every host an address",
        },
      ];
    });
  },
});
