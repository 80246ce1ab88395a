import { podsOf, toleratesAll, toleratesKey } from "./anatomy";
import { defineProof } from "./proof";

const controlPlaneTaint = "node-role.kubernetes.io/control-plane";

export const jobsSchedulable = defineProof({
  id: "render/jobs-schedulable",
  why: "in a cluster of control planes only, a job without toleration never runs, and what waits for its certificates neither",
  run: (render, { machines }) =>
    machines.workers > 0
      ? []
      : podsOf(render)
          .filter(({ place }) => /^(Job|CronJob) /.test(place))
          .filter(({ pod }) => !toleratesAll(pod) && !toleratesKey(pod, controlPlaneTaint))
          .map(({ place }) => ({
            key: "certgen.tolerations",
            problem: `${place} does not tolerate control plane nodes, and this cluster has no workers`,
            fix: "write certgen.tolerations: [{operator: Exists}] in cilium.values",
          })),
});
