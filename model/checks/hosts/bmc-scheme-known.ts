import { parseBmcAddress, shownBmcAddress } from "../../bmc/address";
import { bmcDrivers, replacedDrivers } from "../../bmc/drivers";
import { defineCheck } from "../check";

export const bmcSchemeKnown = defineCheck({
  id: "hosts/bmc-scheme-known",
  why: "Metal3 has no driver for another scheme, and the host would never register",
  run: ({ hosts }) =>
    hosts.flatMap(({ bmc }, i) => {
      const scheme = /^([^:/]+):\/\//.exec(bmc.address)?.[1] ?? "";
      const [driver = "", transport] = scheme.split("+");
      const known = bmcDrivers[driver];
      if (known !== undefined && (transport === undefined || (known.redfish && /^https?$/.test(transport))))
        return [];
      const replacement = replacedDrivers[driver.toLowerCase()];
      return [
        {
          at: `hosts[${i}].bmc.address`,
          problem: `"${shownBmcAddress(bmc.address)}" has ${scheme === "" ? "no BMC scheme" : `the unknown BMC scheme "${scheme}"`}`,
          fix: `write for example ${example(replacement ?? "redfish-virtualmedia", parseBmcAddress(bmc.address)?.host)}`,
        },
      ];
    }),
});

function example(driver: string, host = "10.250.251.11"): string {
  const place = host.includes(":") ? `[${host}]` : host;
  return driver === "ipmi" ? `ipmi://${place}` : `${driver}://${place}/redfish/v1/Systems/1`;
}
