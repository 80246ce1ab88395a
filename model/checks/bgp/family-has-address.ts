import { familyOf } from "../../bgp/family";
import { defineCheck } from "../check";
import { peersOf } from "./places";

export const familyHasAddress = defineCheck({
  id: "bgp/family-has-address",
  why: "IPv6 routes over an IPv4 session never reach the router's kernel, so each family has its own session",
  run: ({ bgp }) =>
    peersOf(bgp).flatMap(({ peer, at }) =>
      (peer.families ?? []).flatMap((family) =>
        (bgp?.routers ?? [])
          .filter(({ name, addresses }) => {
            return peer.routers.includes(name) && !addresses.some((address) => familyOf(address) === family);
          })
          .map((router) => ({
            at: `${at}.families`,
            problem: `router ${router.name} has no ${family} address for the ${family} session`,
            fix: `add its ${family} address to the router, or leave ${family} out`,
          })),
      ),
    ),
});
