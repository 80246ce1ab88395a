import { addressingOf } from "../../plan/addressing";
import { poolMachines } from "../../plan/machines";
import { defineCheck } from "../check";

export const dnsGiven = defineCheck({
  id: "net/dns-given",
  severity: "warning",
  why: "a node with a fixed address and no name server cannot resolve a registry or mirror by name",
  run: (stack) => {
    const written = poolMachines(stack).some(({ pool }) => addressingOf(stack, pool) !== "dhcp");
    if (!written || stack.network.dns.length > 0) return [];
    return [
      {
        at: "network.dns",
        problem: "machines with fixed or pooled addresses get no name server",
        fix: "add network.dns, or accept this when the image brings its own",
      },
    ];
  },
});
