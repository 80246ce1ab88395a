import { addressingOf } from "../../plan/addressing";
import { defineCheck } from "../check";

export const bondsWithFixedAddresses = defineCheck({
  id: "metal3/bonds-with-fixed-addresses",
  // facts/capi-metal3.md 3.4: the v1beta2 data template refuses bond parameters, so only our own Secrets carry bonds.
  why: "only a host with a fixed address gets its own network configuration; from a pool or DHCP it boots with its booting port alone",
  run: (stack) =>
    stack.hosts.flatMap(({ name, pool, bonds, vlans }, i) => {
      const addressing = addressingOf(stack, pool);
      if (addressing === "fixed" || (bonds.length === 0 && vlans.length === 0)) return [];
      return [
        {
          at: `hosts[${i}].${bonds.length > 0 ? "bonds" : "vlans"}`,
          problem: `${[...bonds, ...vlans].map((link) => link.name).join(", ")} of ${name} would not be made: pool ${pool} uses ${addressing === "dhcp" ? "DHCP" : "network.addressPool"}`,
          fix: `give every host of pool ${pool} an address, or remove its bonds and VLANs`,
        },
      ];
    }),
});
