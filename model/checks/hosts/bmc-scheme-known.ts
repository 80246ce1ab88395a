import { defineCheck } from "../check";

/** What baremetal-operator v0.13 registers (facts/capi-metal3.md 4.1); idrac, ilo4, ilo5 and irmc are gone. */
const bmcSchemes = [
  "redfish",
  "redfish-virtualmedia",
  "redfish-uefihttp",
  "idrac-redfish",
  "idrac-virtualmedia",
  "ilo5-redfish",
  "ilo5-virtualmedia",
];

export const bmcSchemeKnown = defineCheck({
  id: "hosts/bmc-scheme-known",
  why: "Metal3 has no driver for another scheme, and the host would never register",
  run: ({ hosts }) =>
    hosts.flatMap(({ bmc }, i) => {
      const scheme = bmc.address.split("://")[0] ?? "";
      const known = [
        "ipmi",
        "libvirt",
        ...bmcSchemes.flatMap((name) => [name, `${name}+http`, `${name}+https`]),
      ];
      if (bmc.address.includes("://") && known.includes(scheme)) return [];
      return [
        {
          at: `hosts[${i}].bmc.address`,
          problem: `"${bmc.address}" has no known BMC scheme`,
          fix: "write for example redfish-virtualmedia://10.250.251.11/redfish/v1/Systems/1",
        },
      ];
    }),
});
