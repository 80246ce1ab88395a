import { parseBmcAddress, shownBmcAddress } from "../../bmc/address";
import { defineCheck } from "../check";

export const transportEncrypted = defineCheck({
  id: "bmc/transport-encrypted",
  severity: "warning",
  why: "the BMC's password crosses the network in clear text, and verifyCertificate has nothing to verify",
  run: ({ hosts }) =>
    hosts.flatMap(({ bmc }, i) =>
      parseBmcAddress(bmc.address)?.transport === "http"
        ? [
            {
              at: `hosts[${i}].bmc.address`,
              problem: `"${shownBmcAddress(bmc.address)}" is not encrypted`,
              fix: "remove +http; with a self-signed certificate set bmc.verifyCertificate: false",
            },
          ]
        : [],
    ),
});
