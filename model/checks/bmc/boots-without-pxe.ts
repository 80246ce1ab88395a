import { shownBmcAddress } from "../../bmc/address";
import { bootsOverNetwork } from "../../bmc/drivers";
import { defineCheck } from "../check";

export const bootsWithoutPxe = defineCheck({
  id: "bmc/boots-without-pxe",
  severity: "warning",
  why: "the driver boots the installer over PXE: without Ironic's DHCP and TFTP on the network of hosts[].mac the host hangs in inspecting",
  run: ({ hosts }) =>
    hosts.flatMap(({ bmc }, i) =>
      bootsOverNetwork(bmc.address)
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
