import { text } from "../../model/kubernetes/object";
import { plainText, shown } from "../../model/redaction/shown";
import { programCode, reportDefects } from "../exit-codes";
import { ApiError, KubernetesApi } from "../kubernetes/api";
import { resolveKubeconfig } from "../kubernetes/kubeconfig";
import { removeOrphanedRemediations } from "../recover/remediations";
import { readAll } from "../wait/wait";

/**
 * Runs when a stack is destroyed, after its Cluster is gone: removes what would keep the namespace indefinitely. Reads
 * `{cluster, namespace, management: {kubeconfigFile?, context?}}` on standard input. A refused permission is reported and
 * does not stop the destroy.
 */
async function cleanUp(): Promise<void> {
  const order: unknown = JSON.parse(await readAll(process.stdin));
  const context = text(order, "management", "context");
  const kubeconfig = resolveKubeconfig({ context, kubeconfig: text(order, "management", "kubeconfigFile") });
  const api = await KubernetesApi.open(kubeconfig, context);
  const namespace = text(order, "namespace") ?? "";
  try {
    const removed = await removeOrphanedRemediations(api, namespace, text(order, "cluster") ?? "");
    for (const name of removed) process.stderr.write(`Metal3Remediation ${shown(name)}: orphaned, removed\n`);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 403) throw error;
    const why = plainText(error.message);
    process.stderr.write(
      `orphaned Metal3Remediations cannot be removed (${why}); any that is left keeps namespace ${namespace}\n`,
    );
  } finally {
    api.close();
  }
}

reportDefects();
cleanUp().then(
  () => process.exit(programCode.done),
  (error: unknown) => {
    process.stderr.write(`cannot clean up: ${plainText((error as Error).message)}\n`);
    process.exit(programCode.failed);
  },
);
