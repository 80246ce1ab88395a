import { judgeFixedFields } from "../../../model/live/preflight/fixed-fields";
import { judgeVersionStep } from "../../../model/live/preflight/kubernetes-version";
import { liveMachines } from "../../../model/live/rollout/live-cluster";
import { type PoolChange, poolChanges } from "../../../model/live/rollout/pool-change";
import { type PreflightContext, definePreflight } from "../check";
import {
  judgeLeavingHosts,
  judgeQuorum,
  judgeReplacements,
  judgeSpare,
} from "../../../model/live/preflight/rollout";

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
