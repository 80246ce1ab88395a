import * as pulumi from "@pulumi/pulumi";
import type { CiliumRender } from "../model/cilium/manifest";
import { reportText } from "../model/findings";
import type { ClusterPlan } from "../model/plan/plan";
import { KubernetesApi, UnreachableError } from "../ops/kubernetes/api";
import { KubeconfigError, readKubeconfig } from "../ops/kubernetes/connection";
import { preflight } from "../ops/preflight/preflight";

/**
 * Refuses the run before anything is created when the management cluster would. Runs in the program's own process, in
 * previews and updates (docs/decisions/0003-preflight-in-process.md). Throws a RunError with every finding.
 */
export async function livePreflight(plan: ClusterPlan, render: CiliumRender): Promise<void> {
  const { context, kubeconfig, offlinePreview } = plan.management;
  try {
    const api = await KubernetesApi.open(readKubeconfig(kubeconfig, context), context);
    try {
      const findings = await preflight(api, plan, render);
      if (findings.length > 0) {
        throw new pulumi.RunError(
          `the management cluster "${context}" is not ready for this stack; nothing was changed\n` +
            reportText(findings, "preflight"),
        );
      }
    } finally {
      api.close();
    }
  } catch (error) {
    if (!(error instanceof UnreachableError || error instanceof KubeconfigError)) throw error;
    if (offlinePreview && pulumi.runtime.isDryRun()) {
      await pulumi.log.warn(`live preflight skipped: ${error.message}`);
      return;
    }
    throw new pulumi.RunError(
      `the management cluster "${context}" cannot be reached, nothing was changed: ${error.message}`,
    );
  }
}
