import { bootsOverNetwork } from "../../bmc/drivers";
import { addressingOf } from "../../plan/addressing";
import { defineCheck } from "../check";

export const installerAddressed = defineCheck({
  id: "hosts/installer-addressed",
  severity: "warning",
  why: "the installer does not get the node's address by itself: without DHCP on the port that boots, the host stays in inspecting until Ironic gives up, and again at provisioning and cleaning",
  run: (stack) => {
    const { installer, dhcpRange } = stack.network;
    if (installer !== undefined || dhcpRange !== undefined) return [];
    const silent = stack.hosts.filter(({ bmc, pool, preprovisioningNetworkDataName }) => {
      // A host that boots over PXE, or whose node uses DHCP, has a DHCP server already.
      const media = !bootsOverNetwork(bmc.address);
      return media && preprovisioningNetworkDataName === undefined && addressingOf(stack, pool) !== "dhcp";
    });
    if (silent.length === 0) return [];
    const [first] = silent;
    const others = silent.length === 1 ? "" : ` and ${silent.length - 1} more`;
    return [
      {
        at: "network.installer",
        problem: `no setting gives the installer of ${first?.name}${others} an address: the nodes' addresses reach the installed system only`,
        fix: "write installer: static (the node's address, by virtual media), or installer: dhcp where a DHCP server answers on hosts[].mac",
      },
    ];
  },
});
