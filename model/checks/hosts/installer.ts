import { bootsOverNetwork } from "../../stack/bmc";
import { installerNetwork } from "../../plan/manifests/network-data";
import { addressingOf } from "../../stack/addressing";
import { nodeLinkOf } from "../../plan/node-link";
import { type Check, defineCheck } from "../check";

/** Checks of how the installer gets an address. */
export const installerChecks: readonly Check[] = [
  defineCheck({
    id: "hosts/installer-addressed",
    summary: "The installer has a way to get an address on the host.",
    why: "the installer does not get the node's address automatically: without DHCP on the boot port the host stays in inspecting until Ironic times out, and again at provisioning and cleaning",
    severity: "warning",
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
      return {
        at: "network.installer",
        problem: `no setting gives the installer of ${first?.name}${others} an address: the nodes' addresses reach the installed system only`,
        fix: "write installer: static (the node's address, by virtual media), or installer: dhcp where a DHCP server answers on hosts[].mac",
      };
    },
  }),
  defineCheck({
    id: "hosts/installer-static-possible",
    summary: "With installer: static every host has a fixed address on its boot port.",
    why: "the installer has only the boot port and comes up without an address: the host stays in inspecting",
    run: (stack) =>
      stack.hosts.flatMap((host, i) => {
        const { name, pool, bmc, mac, preprovisioningNetworkDataName: own } = host;
        const addressing = addressingOf(stack, pool);
        if (stack.network.installer !== "static" || own !== undefined || addressing === "dhcp") return [];
        if (bootsOverNetwork(bmc.address)) return [];
        if (installerNetwork(stack, host) !== undefined) return [];
        return {
          at: `hosts[${i}]`,
          problem:
            addressing === "pool"
              ? `network.installer is static, and ${name} has no fixed address for the installer`
              : `network.installer is static, and ${nodeLinkOf(host)} of ${name} is not on the boot port, ${mac}`,
          fix: "add the network on the boot port to network.additional and hosts[].networks, or a Secret with the installer's network (preprovisioningNetworkDataName), or write network.installer: dhcp",
        };
      }),
  }),
];
