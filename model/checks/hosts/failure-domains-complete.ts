import { hostsOf } from "../../plan/addressing";
import { controlPlanePool } from "../../plan/labels";
import { defineCheck } from "../check";

export const failureDomainsComplete = defineCheck({
  id: "hosts/failure-domains-complete",
  severity: "warning",
  why: "the control plane is spread over the named domains first, and a host without one is taken only when nothing else is left",
  run: (stack) => {
    const hosts = hostsOf(stack, controlPlanePool);
    const without = hosts.filter(({ failureDomain }) => failureDomain === undefined);
    if (without.length === 0 || without.length === hosts.length) return [];
    return without.map((host) => ({
      at: `hosts[${stack.hosts.indexOf(host)}].failureDomain`,
      problem: `${host.name} has no failure domain, other control plane hosts have one`,
      fix: "name its rack or room",
    }));
  },
});
