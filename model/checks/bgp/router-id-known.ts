import { familyOf } from "../../bgp/family";
import { defineCheck } from "../check";
import { routersOf } from "./places";

export const routerIdKnown = defineCheck({
  id: "bgp/router-id-known",
  why: "a BGP identifier has the form of an IPv4 address; without one no session starts",
  run: ({ bgp }) => [
    ...routersOf(bgp)
      .filter(({ router: { routerId, addresses } }) => {
        return routerId === undefined && !addresses.some((address) => familyOf(address) === "ipv4");
      })
      .map(({ router, at }) => ({
        at: `${at}.routerId`,
        problem: `router ${router.name} has neither an IPv4 address nor a router id`,
        fix: "write the id that the router has, such as 192.0.2.1",
      })),
    ...[
      ...routersOf(bgp).flatMap(({ router, at }) => [
        { id: router.routerId, at: `${at}.routerId` },
        { id: router.clusterId, at: `${at}.clusterId` },
      ]),
      ...(bgp?.nodeOverrides ?? []).map(({ routerId }, i) => ({
        id: routerId,
        at: `bgp.nodeOverrides[${i}].routerId`,
      })),
    ]
      .filter(({ id }) => id !== undefined && (familyOf(id) === "ipv6" || id === "0.0.0.0"))
      .map(({ id, at }) => ({
        at,
        problem: `"${id ?? ""}" is no BGP identifier`,
        fix: "write it in the form of an IPv4 address, such as 192.0.2.1",
      })),
  ],
});
