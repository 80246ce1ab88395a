import { parseBmcAddress } from "../../bmc/address";
import { bmcDrivers } from "../../bmc/drivers";
import { defineCheck } from "../check";

export const virtualMediaWithUefi = defineCheck({
  id: "bmc/virtual-media-with-uefi",
  severity: "warning",
  why: "many BMCs boot virtual media in UEFI mode only, and the host falls through to its old disk",
  run: ({ hosts }) =>
    hosts.flatMap(({ bmc, bootMode }, i) => {
      const name = parseBmcAddress(bmc.address)?.driver ?? "";
      if (bootMode !== "legacy" || bmcDrivers[name]?.boots !== "virtual media") return [];
      return [
        {
          at: `hosts[${i}].bootMode`,
          problem: `"legacy" with virtual media (${name})`,
          fix: "write UEFI, or accept this for a BMC that was seen to boot so",
        },
      ];
    }),
});
