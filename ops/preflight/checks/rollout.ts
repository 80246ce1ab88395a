import { resources } from "../../../model/kubernetes/resources";
import { notApplicable, unknown } from "../../../model/live/preflight/check-result";
import {
  judgeInstalledVersion,
  judgeUpgrade,
  runningVersions,
} from "../../../model/live/preflight/cilium-upgrade";
import { judgeFixedFields } from "../../../model/live/preflight/fixed-fields";
import { judgeBootstrapOnly } from "../../../model/live/preflight/kinds";
import { judgeVersionStep } from "../../../model/live/preflight/kubernetes-version";
import { judgeLeavingHosts } from "../../../model/live/preflight/leaving-hosts";
import { judgeQuorum, judgeReplacements, judgeSpare } from "../../../model/live/preflight/rollout";
import { liveMachines } from "../../../model/live/rollout/live-cluster";
import { type PoolChange, poolChanges } from "../../../model/live/rollout/pool-change";
import { type PreflightContext, definePreflight } from "../check";

const after = ["management/kinds-served"];

/** What the update does to machines that run: which go, whether they may, and what cannot be changed at all. */
export const rolloutChecks = [
  definePreflight({
    id: "rollout/machines-kept",
    summary: "No edit replaces running machines unnoticed.",
    why: "a new template wipes and installs every machine of its pool, which a diff of names does not show",
    after,
    run: async (context) => judgeReplacements(await changes(context), await context.management.live()),
  }),
  definePreflight({
    id: "rollout/hosts-kept",
    summary: "No host in use is removed.",
    why: "a host that is removed is powered off, and one in use is wiped under its node",
    after,
    run: async ({ stack, management }) => judgeLeavingHosts(stack, await management.live()),
  }),
  definePreflight({
    id: "rollout/quorum-kept",
    summary: "etcd keeps its quorum.",
    why: "etcd does not work without a majority, and its loss is the loss of the cluster",
    after,
    run: async (context) => judgeQuorum(await changes(context)),
  }),
  definePreflight({
    id: "rollout/spare-available",
    summary: "A rollout that needs a spare host has one.",
    why: "a rollout that creates the successor first waits indefinitely without a host for it",
    after,
    run: async (context) =>
      judgeSpare(context.stack, await changes(context), await context.management.live()),
  }),
  definePreflight({
    id: "rollout/version-one-minor",
    summary: "Kubernetes is upgraded by one minor version at most.",
    why: "kubeadm upgrades one minor version at a time, and Cluster API refuses anything else halfway through the update",
    after,
    run: async ({ stack, management }) => {
      const live = await management.live();
      return judgeVersionStep(stack.kubernetes.version, live, liveMachines(live, stack.name));
    },
  }),
  definePreflight({
    id: "rollout/fixed-fields-kept",
    summary: "No edit changes a field that cannot be changed.",
    why: "the API server refuses the change in the middle of the update, or accepts it without any effect",
    after,
    run: async ({ stack, plan, management }) => judgeFixedFields(stack, plan, await management.live()),
  }),
];

async function changes({ stack, plan, management }: PreflightContext): Promise<readonly PoolChange[]> {
  return poolChanges(stack, plan, await management.live());
}

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
      const sameRender = payload?.data?.["cilium.yaml"] === render.text;
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
