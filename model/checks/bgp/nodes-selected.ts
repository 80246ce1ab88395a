import { selectedHosts } from "../../bgp/nodes";
import { controlPlanePool } from "../../plan/labels";
import { defineCheck } from "../check";

export const nodesSelected = defineCheck({
  id: "bgp/nodes-selected",
  why: "an instance that selects no node starts no session, and the wait for it would never end",
  run: (stack) =>
    (stack.bgp?.instances ?? []).flatMap((instance, i) => {
      if (selectedHosts(stack, instance).length > 0) return [];
      const pools = [controlPlanePool, ...stack.workers.map(({ name }) => name)];
      const domains = [...new Set(stack.hosts.flatMap(({ failureDomain }) => failureDomain ?? []))];
      const known = domains.length === 0 ? "" : `; failure domains ${domains.join(", ")}`;
      return [
        {
          at: `bgp.instances[${i}].nodes`,
          problem: `instance ${instance.name} selects no host of the inventory`,
          fix: `there are the pools ${pools.join(", ")}${known}, and the labels of the pools; every host of a pool must name its failure domain`,
        },
      ];
    }),
});
