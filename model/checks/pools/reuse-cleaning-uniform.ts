import { hostsOf } from "../../plan/addressing";
import { defineCheck } from "../check";
import { machinePools } from "../machine-pools";

export const reuseCleaningUniform = defineCheck({
  id: "pools/reuse-cleaning-uniform",
  why: "nodeReuse brings a machine back to its disks, and on some hosts of the pool they would be wiped in between",
  severity: "warning",
  run: (stack) =>
    machinePools(stack).flatMap(({ at, name, nodeReuse }) => {
      const hosts = hostsOf(stack, name);
      const wiped = hosts.filter(({ cleaning }) => cleaning === "metadata");
      if (!nodeReuse || wiped.length === 0 || wiped.length === hosts.length) return [];
      return [
        {
          at: `${at}.nodeReuse`,
          problem: `an upgrade wipes ${wiped.map((host) => host.name).join(", ")} and leaves the disks of the pool's other hosts`,
          fix: "give all hosts of the pool the same cleaning",
        },
      ];
    }),
});
