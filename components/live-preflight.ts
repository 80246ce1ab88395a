import * as pulumi from "@pulumi/pulumi";
import type { CiliumRender } from "../model/cilium/manifest";
import type { Stack } from "../model/config/schema";
import { findingText, reportText } from "../model/findings";
import { allFindings, isError } from "../model/preflight/verdict";
import type { ClusterPlan } from "../model/plan/plan";
import { Management } from "../ops/preflight/management";
import { preflight } from "../ops/preflight/preflight";
import type { RunMemory } from "./run-memory";

/**
 * Refuses the run before anything is created when the management cluster would. Runs in the program's own process, in
 * previews and updates (docs/decisions/0003-preflight-in-process.md), but the update of a `pulumi up` does not repeat what
 * its preview has just passed. Throws a RunError with every finding; warnings and what could not be told are shown.
 */
export async function livePreflight(
  stack: Stack,
  plan: ClusterPlan,
  render: CiliumRender,
  memory: RunMemory,
): Promise<void> {
  const asked = [stack, plan, render.text];
  if (memory.recall("preflight", asked) === "passed") return;
  const { context, offlinePreview } = plan.management;
  const verdicts = await preflight({
    stack,
    plan,
    management: new Management(plan, render),
    rendered: Promise.resolve({ render }),
    network: false,
    offline: offlinePreview && pulumi.runtime.isDryRun(),
  });
  const findings = allFindings(verdicts);
  const silent = findings.find(({ id }) => id === "management/reachable");
  if (silent !== undefined) {
    throw new pulumi.RunError(
      `the management cluster "${context}" cannot be reached, nothing was changed: ${silent.problem}`,
    );
  }
  if (findings.some(isError)) {
    throw new pulumi.RunError(
      `the management cluster "${context}" is not ready for this stack; nothing was changed\n` +
        reportText(findings, "preflight"),
    );
  }
  const unknown = verdicts.flatMap(({ id, unknown: reasons }) => reasons.map((why) => ({ id, why })));
  for (const finding of findings) await pulumi.log.warn(findingText(finding));
  if (unknown.length > 0) await pulumi.log.warn(unknownText(unknown));
  // An offline preview has asked nothing, and its update must.
  if (!unknown.some(({ id }) => id === "management/reachable")) memory.keep("preflight", asked, "passed");
}

/** One reason often stands behind many checks. */
function unknownText(unknown: readonly { readonly id: string; readonly why: string }[]): string {
  const reasons = [...new Set(unknown.map(({ why }) => why))];
  const lines = reasons.map((why) => {
    const ids = new Set(unknown.filter((entry) => entry.why === why).map(({ id }) => id));
    return `  ${[...ids].join(", ")}: ${why}`;
  });
  return ["live preflight: not checked", ...lines].join("\n");
}
