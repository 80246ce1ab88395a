import type { CiliumRender } from "../../model/cilium/manifest";
import type { Stack } from "../../model/stack/schema";
import type { Explained } from "../../model/findings/finding";
import type { CheckResult } from "../../model/live/preflight/check-result";
import type { ClusterPlan } from "../../model/plan/plan";
import type { Management } from "./management";

/** The rendered Cilium, or why there is none. */
export type RenderOutcome =
  | { readonly render: CiliumRender; readonly refused?: undefined; readonly missing?: undefined }
  | { readonly render?: undefined; readonly refused: string; readonly missing?: undefined }
  | { readonly render?: undefined; readonly refused?: undefined; readonly missing: string };

/** Everything that a check may read. */
export interface PreflightContext {
  readonly stack: Stack;
  readonly plan: ClusterPlan;
  readonly management: Management;
  readonly rendered: Promise<RenderOutcome>;
  /** Whether checks that query the stack's own network are enabled: image, routers. */
  readonly network: boolean;
  /** Whether an unreachable management cluster is not a finding (`management.offlinePreview` in a preview). */
  readonly offline: boolean;
  /** Whether this run changes nothing (`pulumi preview`): rights to change something may then be missing. */
  readonly preview: boolean;
}

/** One thing that must hold around the stack before anything is changed. It reads, and changes nothing. */
export interface PreflightCheck extends Explained {
  /** The deadline; a check that exceeds it is unknown. */
  readonly timeoutSeconds: number;
  /** Queries the stack's own network, and runs only with `--network`. */
  readonly network?: true;
  /** Checks whose findings this one's would only repeat. */
  readonly after?: readonly string[];
  run(context: PreflightContext): Promise<CheckResult>;
}

/** A check with the usual deadline. */
export function definePreflight(
  check: Omit<PreflightCheck, "timeoutSeconds"> & { readonly timeoutSeconds?: number },
): PreflightCheck {
  return { timeoutSeconds: 10, ...check };
}
