import { selectedHosts } from "../../bgp/nodes";
import { defineCheck } from "../check";

export const nodesSelectedOnce = defineCheck({
  id: "bgp/nodes-selected-once",
  why: "Cilium ignores the later of two configurations that select the same node",
  run: (stack) =>
    (stack.bgp?.instances ?? []).flatMap((instance, i, all) =>
      all.slice(0, i).flatMap((earlier, j) => {
        const taken = selectedHosts(stack, earlier);
        const both = selectedHosts(stack, instance).filter((host) => taken.includes(host));
        if (both.length === 0) return [];
        return [
          {
            at: `bgp.instances[${i}].nodes`,
            problem: `${both.map(({ name }) => name).join(", ")} also belongs to bgp.instances[${j}] (${earlier.name})`,
            fix: "narrow nodes.pools, nodes.failureDomains or nodes.labels so that each node has one instance",
          },
        ];
      }),
    ),
});
