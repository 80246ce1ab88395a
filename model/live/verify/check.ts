import type { CiliumRender } from "../../cilium/manifest";
import type { Explained } from "../../findings/finding";
import type { ManagementPart, Snapshot, WorkloadPart } from "../snapshot";
import type { ClusterPlan } from "../../plan/plan";
import { type CheckResult, unknown } from "../preflight/check-result";
import type { PlannedAndLive } from "../differences";

/** What was read, or why it could not be. */
export type Known<T> =
  { readonly value: T; readonly why?: undefined } | { readonly value?: undefined; readonly why: string };

/** A cluster as it runs, beside what its stack says. */
export interface Running {
  readonly plan: ClusterPlan;
  readonly snapshot: Snapshot;
  readonly render: Known<CiliumRender>;
  /** The render's objects beside the workload cluster's, field managers included. */
  readonly cilium: Known<readonly PlannedAndLive[]>;
  /** The same for BGP's objects; none without BGP. */
  readonly bgp: Known<readonly PlannedAndLive[]>;
  /** The same for what the stack keeps in the management cluster. */
  readonly management: Known<readonly PlannedAndLive[]>;
}

/** One thing that holds on a healthy cluster. It looks at what was read, and changes nothing. */
export interface VerifyCheck extends Explained {
  judge(running: Running): CheckResult;
}

/** Judges parts of the workload cluster, when they could be read. */
export function inWorkloadCluster(
  { snapshot: { workload } }: Running,
  parts: readonly WorkloadPart[],
  judge: () => CheckResult,
): CheckResult {
  const why = workload.trouble?.message ?? parts.map((part) => workload.parts[part].unread?.why).find(isSaid);
  return why === undefined ? judge() : unknown(why);
}

/** Judges parts of the management cluster, when they could be read. */
export function inManagementCluster(
  { snapshot: { management } }: Running,
  parts: readonly ManagementPart[],
  judge: () => CheckResult,
): CheckResult {
  const why =
    management.trouble?.message ?? parts.map((part) => management.parts[part].unread?.why).find(isSaid);
  return why === undefined ? judge() : unknown(why);
}

/** Judges what was read, when it could be. */
export function known<T>(found: Known<T>, judge: (value: T) => CheckResult): CheckResult {
  return found.why === undefined ? judge(found.value) : unknown(found.why);
}

function isSaid(why: string | undefined): boolean {
  return why !== undefined;
}
