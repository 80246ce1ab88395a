import { familyOf } from "../../bgp/family";
import { sessionsOf } from "../../bgp/sessions";
import { defineCheck } from "../check";

export const externalIpsAccepted = defineCheck({
  id: "bgp/external-ips-accepted",
  why: "nobody but their user knows external IPs, and the router accepts only what is written down",
  run: ({ bgp }) =>
    (bgp === undefined ? [] : sessionsOf(bgp))
      .filter(({ peer, router, family }) => {
        const external = peer.advertise.services.some(({ addresses }) => addresses.includes("ExternalIP"));
        return external && !router.acceptedPrefixes.some(({ prefix }) => familyOf(prefix) === family);
      })
      .map(({ router, family, at }) => ({
        at: `${at}.advertise.services`,
        problem: `external IPs are announced, but router ${router.name} accepts none in ${family}`,
        fix: `add acceptedPrefixes to ${router.name}, such as [{ prefix: ${family === "ipv4" ? "198.51.100.0/24, ge: 32" : "2001:db8:1::/64, ge: 128"} }]`,
      })),
});
