import { installerReachesNodes } from "../../manifests/network-data";
import { addressingOf } from "../../plan/addressing";
import { nodeLinkOf } from "../../plan/node-link";
import { defineCheck } from "../check";
import { bootsOverNetwork } from "../../bmc/drivers";

export const installerStaticPossible = defineCheck({
  id: "hosts/installer-static-possible",
  why: "the installer has only the port that boots, and comes up without an address: the host stays in inspecting",
  run: (stack) =>
    stack.hosts.flatMap((host, i) => {
      const { name, pool, bmc, mac, preprovisioningNetworkDataName: own } = host;
      const addressing = addressingOf(stack, pool);
      if (stack.network.installer !== "static" || own !== undefined || addressing === "dhcp") return [];
      if (bootsOverNetwork(bmc.address)) return [];
      if (addressing === "fixed" && installerReachesNodes(host)) return [];
      return [
        {
          at: `hosts[${i}]`,
          problem:
            addressing === "pool"
              ? `network.installer is static, and ${name} has no fixed address that the installer could take`
              : `network.installer is static, and ${nodeLinkOf(host)} of ${name} does not stand on the port that boots, ${mac}`,
          fix: "name a Secret with the installer's network (preprovisioningNetworkDataName), or write network.installer: dhcp",
        },
      ];
    }),
});
