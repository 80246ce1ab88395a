import { parseBmcAddress, shownBmcAddress } from "../../bmc/address";
import { defineCheck } from "../check";

export const bootsWithoutPxe = defineCheck({
  id: "bmc/boots-without-pxe",
  severity: "warning",
  why: "an IPMI host can only boot over PXE: without Ironic's DHCP and TFTP on the network of hosts[].mac it hangs in inspecting",
  run: ({ hosts }) =>
    hosts.flatMap(({ bmc }, i) =>
      parseBmcAddress(bmc.address)?.driver === "ipmi"
        ? [
            {
              at: `hosts[${i}].bmc.address`,
              problem: `"${shownBmcAddress(bmc.address)}" needs a provisioning network`,
              fix: "use a redfish-virtualmedia address if the BMC has Redfish, or accept this where Ironic serves PXE",
            },
          ]
        : [],
    ),
});
