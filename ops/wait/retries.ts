import { clusterNameLabel } from "../../model/kubernetes/labels";
import { resources } from "../../model/kubernetes/resources";
import { type Snapshot } from "../../model/live/snapshot";
import { retryAnnotation } from "../../model/live/readiness/host-attempts";
import { hostStates } from "../../model/live/readiness/host-state";
import type { ReadinessPlan } from "../../model/live/readiness/assess";
import { ApiError, type KubernetesApi } from "../kubernetes/api";

/** Reports one step, by host. */
export type Report = (host: string, text: string) => void;

/**
 * Asks the operator for one more attempt at each host that shows an error already: its cause may have been repaired since,
 * and the operator itself pauses for minutes to hours between attempts. A refused request is reported and costs only time.
 */
export async function retryOldErrors(
  api: Pick<KubernetesApi, "list" | "mergePatch">,
  plan: ReadinessPlan,
  snapshot: Snapshot,
  report: Report,
): Promise<void> {
  if (plan.subject !== "cluster" && plan.subject !== "control-plane") return;
  await retryRefusedClaims(api, plan, report);
  const failed = hostStates(plan, snapshot).filter(({ error }) => error !== undefined);
  const patch = { metadata: { annotations: { [retryAnnotation]: new Date().toISOString() } } };
  await Promise.all(
    failed.map(async ({ name }) => {
      try {
        await api.mergePatch(resources.BareMetalHost, name, plan.namespace, patch);
        report(name, "its error is from before this run: another attempt was requested");
      } catch (error) {
        report(
          name,
          `its error is from before this run, and no other attempt can be requested: ${(error as Error).message}`,
        );
      }
    }),
  );
}

/**
 * Removes the error of address claims that found their pool used up: Metal3 never tries a claim with an error again, not
 * even after the pool was widened (ip-address-manager ipam/ippool_manager.go). One that still finds nothing gets it again.
 */
async function retryRefusedClaims(
  api: Pick<KubernetesApi, "list" | "mergePatch">,
  { cluster, namespace }: ReadinessPlan,
  report: Report,
): Promise<void> {
  try {
    const { items } = await api.list(resources.IPClaim, namespace, {
      labelSelector: `${clusterNameLabel}=${cluster}`,
    });
    const refused = items.filter(({ status }) => /exhausted/i.test(status?.errorMessage ?? ""));
    for (const { metadata } of refused) {
      const patch = { status: { errorMessage: null } };
      await api.mergePatch(resources.IPClaim, metadata.name, namespace, patch, "status");
      report(
        cluster,
        `address claim ${metadata.name} had found the pool used up: another attempt was requested`,
      );
    }
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return;
    report(cluster, `refused address claims cannot be tried again: ${(error as Error).message}`);
  }
}
