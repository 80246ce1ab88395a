import { text } from "../../../model/kubernetes/object";
import { resources } from "../../../model/kubernetes/resources";
import {
  judgeInstalledVersion,
  judgeUpgrade,
  runningVersions,
} from "../../../model/preflight/cilium-upgrade";
import { notApplicable, unknown } from "../../../model/preflight/judgement";
import { judgeBootstrapOnly } from "../../../model/preflight/kinds";
import { definePreflight } from "../check";

const access = ["management/kinds-served", "management/namespace-exists", "management/permitted"];

/** Who brings a changed render to the running cluster. */
const appliedBy = {
  pulumi: "this stack owns Cilium after the bootstrap",
  "resource-set": "the resource set applies a changed render",
  gitops: "GitOps owns Cilium after the bootstrap",
} as const;

/** What of a running Cilium a stack file may change. */
export const lifecycleChecks = [
  definePreflight({
    id: "lifecycle/change-reaches-cluster",
    why: "with bootstrap-only a changed render silently does nothing",
    after: access,
    run: async ({ plan, management, rendered }) => {
      if (plan.cilium.lifecycle !== "bootstrap-only") return notApplicable(appliedBy[plan.cilium.lifecycle]);
      const { render } = await rendered;
      if (render === undefined) return unknown("Cilium was not rendered, so a change cannot be seen");
      const { name } = plan.resourceSet.payload.metadata;
      const api = await management.api();
      const [binding, payload] = await Promise.all([
        api.get(resources.ClusterResourceSetBinding, plan.name, plan.namespace),
        api.get(resources.ConfigMap, name, plan.namespace),
      ]);
      const sameRender = text(payload, "data", "cilium.yaml") === render.text;
      return judgeBootstrapOnly({ binding, payload: name, sameRender });
    },
  }),
  definePreflight({
    id: "lifecycle/upgrade-by-one-minor",
    why: "Cilium tests upgrades from one minor to the next only; a jump or a step back can cut running pods off",
    after: access,
    run: async ({ plan, management }) => {
      const running = await management.runningCilium();
      if (running === undefined) return notApplicable("the cluster was not made yet");
      if (typeof running === "string") return unknown(running);
      return judgeUpgrade(plan.cilium.version, running);
    },
  }),
  definePreflight({
    id: "lifecycle/installed-version-kept",
    why: "the chart chooses some defaults by the version that a cluster was first installed with",
    after: access,
    run: async ({ plan, management }) => {
      const live = await management.cluster();
      if (live === undefined) return notApplicable("the cluster was not made yet");
      const running = await management.runningCilium();
      const versions = typeof running === "object" ? runningVersions(running) : undefined;
      return judgeInstalledVersion(plan.cluster.cluster, live, versions?.[0]);
    },
  }),
];
