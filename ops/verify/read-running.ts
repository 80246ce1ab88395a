import type { CiliumRender } from "../../model/cilium/manifest";
import type { KubernetesObject } from "../../model/kubernetes/object";
import { claimOf, consumerOf } from "../../model/live/readiness/host-claim";
import { type Snapshot, inManagement, named } from "../../model/live/snapshot";
import type { ClusterPlan } from "../../model/plan/plan";
import type { PlannedAndLive } from "../../model/live/differences";
import { plainText } from "../../model/redaction/shown";
import type { Known, Running } from "../../model/live/verify/check";
import { ApiError, type KubernetesApi, UnreachableError } from "../kubernetes/api";
import { plannedManagementObjects, readPlanned } from "../live/planned";
import { ClusterUnreadable, type StackClusters } from "../live/clusters";
import { readSnapshot } from "../live/snapshot";
import type { RenderOutcome } from "../preflight/check";

/** Reads everything that the checks of a running cluster need, from both clusters concurrently. Changes nothing. */
export async function readRunning(
  plan: ClusterPlan,
  clusters: StackClusters,
  outcome: RenderOutcome,
  now: () => number,
): Promise<Running> {
  const { render } = outcome;
  const snapshot = await readSnapshot(plan, clusters, now);
  const workload = () => clusters.workload();
  const [cilium, bgp, management] = await Promise.all([
    render === undefined
      ? { why: outcome.missing ?? "Cilium cannot be rendered: npm run metal -- render shows the reason" }
      : withLive(workload, renderedObjects(render)),
    withLive(workload, bgpObjects(plan, snapshot)),
    withLive(() => clusters.management(), managementObjects(plan, render)),
  ]);
  return {
    plan,
    snapshot,
    render: render === undefined ? { why: "Cilium was not rendered" } : { value: render },
    cilium,
    bgp,
    management,
  };
}

/** What the resource set puts into the cluster. */
export function renderedObjects({ objects, secrets }: CiliumRender): readonly KubernetesObject[] {
  return [...objects, ...(secrets?.objects ?? [])];
}

/** What the stack puts into the cluster for BGP; settings of a node are found by the host that became it. */
export function bgpObjects({ bgp }: ClusterPlan, snapshot: Snapshot): readonly KubernetesObject[] {
  if (bgp === undefined) return [];
  const overrides = bgp.nodeOverrides.flatMap(({ host, manifest }) => {
    const found = named(inManagement(snapshot, "hosts"), host);
    const name = consumerOf(found, snapshot)?.is === "ours" ? claimOf(found)?.name : undefined;
    return name === undefined ? [] : [{ ...manifest, metadata: { name } }];
  });
  const secrets = bgp.secrets.map(({ manifest, text: plain, secret }) => ({
    ...manifest,
    stringData: { ...plain, ...secret },
  }));
  return [...secrets, ...bgp.objects, ...overrides];
}

/** Without a render the payload is unknown, so it is left out. */
function managementObjects(plan: ClusterPlan, render: CiliumRender | undefined): readonly KubernetesObject[] {
  const planned = plannedManagementObjects(plan, render);
  return render === undefined ? planned.filter(({ kind }) => kind !== "ConfigMap") : planned;
}

async function withLive(
  open: () => Promise<KubernetesApi>,
  planned: readonly KubernetesObject[],
): Promise<Known<readonly PlannedAndLive[]>> {
  try {
    return { value: planned.length === 0 ? [] : (await readPlanned(await open(), planned)).objects };
  } catch (error) {
    const isReported =
      error instanceof ClusterUnreadable || error instanceof ApiError || error instanceof UnreachableError;
    if (!isReported) throw error;
    return { why: plainText(error.message) };
  }
}
