import { text } from "../../../model/kubernetes/object";
import { resources } from "../../../model/kubernetes/resources";
import {
  judgeInstalledVersion,
  judgeUpgrade,
  runningVersions,
} from "../../../model/live/preflight/cilium-upgrade";
import { notApplicable, unknown } from "../../../model/live/preflight/check-result";
import { judgeBootstrapOnly } from "../../../model/live/preflight/kinds";
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
    summary: "A changed render reaches the cluster.",
    why: "with bootstrap-only a changed render has no effect",
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
    summary: "Cilium is upgraded by one minor version at most.",
    why: "Cilium tests upgrades from one minor version to the next only; a larger step or a downgrade can disconnect running pods",
    after: access,
    run: async ({ plan, management }) => {
      const running = await management.runningCilium();
      if (running === undefined) return notApplicable("the cluster has not been created yet");
      if (typeof running === "string") return unknown(running);
      return judgeUpgrade(plan.cilium.version, running);
    },
  }),
  definePreflight({
    id: "lifecycle/installed-version-kept",
    summary: "cilium.installedVersion is the version of the first installation.",
    why: "the chart chooses some defaults by the version that a cluster was first installed with",
    after: access,
    run: async ({ plan, management }) => {
      const live = await management.cluster();
      if (live === undefined) return notApplicable("the cluster has not been created yet");
      const running = await management.runningCilium();
      const versions = typeof running === "object" ? runningVersions(running) : undefined;
      return judgeInstalledVersion(plan.cluster.cluster, live, versions?.[0]);
    },
  }),
];
