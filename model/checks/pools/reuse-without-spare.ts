import { defineCheck } from "../check";
import { machinePools } from "../machine-pools";

export const reuseWithoutSpare = defineCheck({
  id: "pools/reuse-without-spare",
  why: "a rollout that takes a free host first never comes back to the old one, so nodeReuse silently does nothing",
  run: (stack) =>
    machinePools(stack).flatMap(({ at, nodeReuse, rollout, replicas, name }) => {
      if (!nodeReuse) return [];
      if (rollout.spareHost)
        return [
          {
            at: `${at}.nodeReuse`,
            problem: `${at}.rollout.spareHost gives the new machine another host than the old one`,
            fix: `remove one of ${at}.nodeReuse and ${at}.rollout.spareHost`,
          },
        ];
      // KubeadmControlPlane surges below three members (facts/capi-metal3.md 2.7).
      if (at !== "controlPlane" || replicas >= 3) return [];
      return [
        {
          at: `${at}.nodeReuse`,
          problem: `a ${name} of ${replicas} can only be rolled onto a spare host`,
          fix: "remove it, or use 3 control plane machines",
        },
      ];
    }),
});
