import { contains, parseAddress, parseCidr } from "../../addresses/range";
import { sessionsOf } from "../../bgp/sessions";
import { defineCheck } from "../check";

export const multihopBeyondSubnet = defineCheck({
  id: "bgp/multihop-beyond-subnet",
  severity: "warning",
  why: "eBGP packets leave with a TTL of 1, so a router behind another router never answers",
  run: ({ bgp, network }) =>
    (bgp === undefined ? [] : sessionsOf(bgp)).flatMap(({ instance, peer, router, address, at }) => {
      const [nodes, own] = [parseCidr(network.nodes), parseAddress(address)];
      if (nodes === undefined || own === undefined || nodes.family !== own.family) return [];
      if (contains(nodes, own) || peer.multihop > 1 || router.asn === instance.localASN) return [];
      return [
        {
          at: `${at}.multihop`,
          problem: `${address} of ${router.name} is outside network.nodes ${network.nodes}, and multihop is 1`,
          fix: "write multihop: 2 or more, or accept this if the router is attached to the node network",
        },
      ];
    }),
});
