import { resources } from "../../model/kubernetes/resources";
import { retryAnnotation } from "../../model/readiness/host-attempts";
import { hostStates } from "../../model/readiness/host-state";
import type { Observation } from "../../model/readiness/observation";
import type { ReadinessPlan } from "../../model/readiness/assess";
import type { KubernetesApi } from "../kubernetes/api";

/** Reports one step, by host. */
export type Report = (host: string, text: string) => void;

/**
 * Asks the operator for one more attempt at each host that shows an error already: its cause may have been repaired since,
 * and the operator itself pauses for minutes to hours between attempts. A refused request is reported and costs only time.
 */
export async function retryOldErrors(
  api: Pick<KubernetesApi, "mergePatch">,
  plan: ReadinessPlan,
  observation: Observation,
  report: Report,
): Promise<void> {
  if (plan.subject !== "cluster" && plan.subject !== "control-plane") return;
  const failed = hostStates(plan, observation).filter(({ error }) => error !== undefined);
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
