import * as pulumi from "@pulumi/pulumi";
import type { CiliumRender } from "../model/cilium/manifest";
import type { Stack } from "../model/stack/schema";
import { findingText, reportText } from "../model/findings/finding";
import { allFindings, isError } from "../model/live/preflight/check-result";
import type { ClusterPlan } from "../model/plan/plan";
import type { RenderOutcome } from "../ops/preflight/check";
import { Management } from "../ops/preflight/management";
import { preflight } from "../ops/preflight/preflight";
import { runError, warn } from "./messages";
import type { RunMemory } from "./run-memory";

/** What the run's user may do, as far as it decides what is read. */
export interface RunRights {
  /** Whether Secrets of the stack's namespace can be read: logins to copy, the workload cluster's kubeconfig. */
  readonly secretsReadable: boolean;
}

/**
 * Refuses the run before anything is created when the management cluster would. Runs in the program's own process, in
 * previews and updates (docs/decisions/0003-preflight-in-process.md), but the update of a `pulumi up` does not repeat what
 * its preview has just passed. Most of it runs while Cilium is still being rendered. Throws a RunError with every finding, or
 * why nothing could be rendered; warnings and undecided checks are shown.
 */
export async function livePreflight(
  stack: Stack,
  plan: ClusterPlan,
  rendering: Promise<CiliumRender>,
  memory: RunMemory,
): Promise<RunRights> {
  const question = async () => [stack, plan, (await rendering).text];
  if (!pulumi.runtime.isDryRun() && memory.recall("preflight", await question()) === "passed")
    return { secretsReadable: true };
  const { context, offlinePreview } = plan.management;
  const rendered = rendering.then(
    (render): RenderOutcome => ({ render }),
    (error: Error): RenderOutcome => ({ refused: error.message }),
  );
  const preview = pulumi.runtime.isDryRun();
  const offline = offlinePreview && preview;
  const management = new Management(plan, rendered);
  const [verdicts, secretsReadable] = await Promise.all([
    preflight({ stack, plan, management, rendered, network: false, offline, preview }),
    // An update reads them or fails with the API server's refusal.
    preview ? management.mayReadSecrets().catch(() => !offline) : true,
  ]);
  await rendering;
  const findings = allFindings(verdicts);
  const unreachable = findings.find(({ id }) => id === "management/reachable");
  if (unreachable !== undefined) {
    const { problem, fix } = unreachable;
    const without = pulumi.runtime.isDryRun()
      ? "\n  or: let a new stack's first preview do without it, with management.offlinePreview"
      : "";
    throw runError(
      `the management cluster "${context}" cannot be reached, nothing was changed: ${problem}\n  fix: ${fix}${without}`,
    );
  }
  if (findings.some(isError)) {
    throw runError(
      `the management cluster "${context}" is not ready for this stack; nothing was changed\n` +
        reportText(findings, "preflight"),
    );
  }
  const unknown = verdicts.flatMap(({ id, unknown: reasons }) => reasons.map((why) => ({ id, why })));
  for (const finding of findings) await warn(findingText(finding));
  if (unknown.length > 0) await warn(unknownText(unknown));
  // An offline preview has checked nothing, and a preview with fewer rights has not checked those of its update.
  const unchecked = ["management/reachable", "management/permitted"];
  if (!unknown.some(({ id }) => unchecked.includes(id))) memory.keep("preflight", await question(), "passed");
  if (!secretsReadable) await warn(unseenText(plan));
  return { secretsReadable };
}

/** What a preview without the right to read Secrets does not show. */
function unseenText({ name, namespace }: ClusterPlan): string {
  return (
    `preview: not permitted to read Secrets in namespace ${namespace}: values copied from Secrets are shown as unknown, and ` +
    `cluster ${name} is read with the kubeconfig that the last update left in Pulumi's state, if there is one`
  );
}

/** Many checks often share one reason. */
function unknownText(unknown: readonly { readonly id: string; readonly why: string }[]): string {
  const reasons = [...new Set(unknown.map(({ why }) => why))];
  const lines = reasons.map((why) => {
    const ids = new Set(unknown.filter((entry) => entry.why === why).map(({ id }) => id));
    return `  ${[...ids].join(", ")}: ${why}`;
  });
  return ["live preflight: not checked", ...lines].join("\n");
}
