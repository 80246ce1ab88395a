import { parseBmcAddress } from "../../bmc/address";
import { bmcDrivers } from "../../bmc/drivers";
import { defineCheck } from "../check";

export const bootModeServed = defineCheck({
  id: "bmc/boot-mode-served",
  why: "Metal3 refuses secure boot without Redfish, and nothing boots over UEFI HTTP in legacy mode",
  run: ({ hosts }) =>
    hosts.flatMap(({ bmc, bootMode }, i) => {
      const name = parseBmcAddress(bmc.address)?.driver ?? "";
      const driver = bmcDrivers[name];
      if (driver === undefined) return [];
      const secureWithoutRedfish = bootMode === "UEFISecureBoot" && !driver.redfish;
      const legacyOverHttp = bootMode === "legacy" && driver.boots === "UEFI HTTP";
      if (!secureWithoutRedfish && !legacyOverHttp) return [];
      return [
        {
          at: `hosts[${i}].bootMode`,
          problem: `"${bootMode}" does not go with the BMC driver ${name}`,
          fix: secureWithoutRedfish ? "write UEFI, or a redfish address" : "write UEFI",
        },
      ];
    }),
});
