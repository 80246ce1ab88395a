import { defineCheck } from "../check";

const hashing = ["balance-xor", "802.3ad", "balance-tlb"];

export const hashPolicyUsed = defineCheck({
  id: "links/hash-policy-used",
  severity: "warning",
  why: "in this mode the bond does not hash, and traffic is not spread as the setting says",
  run: ({ hosts }) =>
    hosts.flatMap((host, i) =>
      host.bonds.flatMap(({ mode, transmitHashPolicy }, j) =>
        transmitHashPolicy === undefined || hashing.includes(mode)
          ? []
          : [
              {
                at: `hosts[${i}].bonds[${j}].transmitHashPolicy`,
                problem: `"${transmitHashPolicy}" does nothing in mode ${mode}`,
                fix: `remove it, or use ${hashing.join(", ")}`,
              },
            ],
      ),
    ),
});
