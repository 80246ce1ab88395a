import { defineCheck } from "../check";
import { peersOf } from "./places";

export const localPreferenceInternal = defineCheck({
  id: "bgp/local-preference-internal",
  severity: "warning",
  why: "local preference is not sent to a router of another ASN",
  run: ({ bgp }) =>
    peersOf(bgp).flatMap(({ peer, instance, at }) => {
      const external = (bgp?.routers ?? []).filter(
        ({ name, asn }) => peer.routers.includes(name) && asn !== instance.localASN,
      );
      const given = [peer.advertise, ...peer.advertise.services].some(
        ({ attributes }) => attributes.localPreference !== undefined,
      );
      if (!given || external.length === 0) return [];
      return [
        {
          at: `${at}.advertise`,
          problem: `localPreference has no effect on ${external.map(({ name }) => name).join(", ")}, which has another ASN`,
          fix: "set a community that the router's policy knows, or remove it",
        },
      ];
    }),
});
