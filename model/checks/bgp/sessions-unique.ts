import { defineCheck } from "../check";
import { peersOf, repeated } from "./places";

export const sessionsUnique = defineCheck({
  id: "bgp/sessions-unique",
  why: "a node has one session with a router's address; the second of two peers would take the first one's name",
  run: ({ bgp }) =>
    (bgp?.instances ?? []).flatMap((instance) => {
      const routers = peersOf(bgp)
        .filter((entry) => entry.instance === instance)
        .flatMap(({ peer, at }) => peer.routers.map((name, i) => ({ name, at: `${at}.routers[${i}]` })));
      return repeated(routers).map(({ name, at, first }) => ({
        at,
        problem: `instance ${instance.name} already peers with "${name}" at ${first}`,
        fix: "name each router in one peer of an instance",
      }));
    }),
});
