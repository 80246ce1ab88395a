import type { Assessment, Missing, Status } from "./assessment";
import { assessBgp } from "./bgp-assessment";
import type { SessionHistories } from "./bgp-history";
import { assessCluster } from "./cluster-assessment";
import type { Observation, Trouble } from "./observation";
import type { WaitOrder } from "../../plan/readiness";
import { assessRollout } from "./rollout-assessment";
import { assessControlPlaneRollout } from "./control-plane-rollout";

/** Any of the plans that can be waited for. */
export type ReadinessPlan = WaitOrder["plan"];

/** A dropped connection that is back sooner than this is not worth a line: servers close idle watches as they like. */
const quietTroubleSeconds = 2;

/** Looks at an observation with the eyes of a plan. Ready is: nothing missing. */
export function assess(
  plan: ReadinessPlan,
  observation: Observation,
  now: number,
  sessions: SessionHistories,
): Assessment {
  const subject = assessSubject(plan, observation, now, sessions);
  const trouble = assessTrouble(plan, observation, now);
  return {
    ...subject,
    statuses: [...trouble.statuses, ...subject.statuses],
    missing: [...trouble.missing, ...subject.missing],
  };
}

function assessSubject(
  plan: ReadinessPlan,
  observation: Observation,
  now: number,
  sessions: SessionHistories,
): Assessment {
  switch (plan.subject) {
    case "cluster":
      return assessCluster(plan, observation, now);
    case "control-plane":
      return assessControlPlaneRollout(plan, observation);
    case "bgp":
      return assessBgp(plan, observation, sessions, now);
    case "rollout":
      return assessRollout(plan, observation);
  }
}

/** What we remember of a server that does not answer may be old, so nothing is ready while it is silent. */
function assessTrouble(
  plan: ReadinessPlan,
  observation: Observation,
  now: number,
): { statuses: readonly Status[]; missing: readonly Missing[] } {
  const statuses: Status[] = [];
  const missing: Missing[] = [];
  const note = (name: string, phase: string, trouble: Trouble | undefined, reached: boolean) => {
    if (trouble === undefined && reached) return;
    const cause = trouble?.message;
    missing.push({ who: plan.cluster, what: `${name} answering`, ...(cause === undefined ? {} : { cause }) });
    if (trouble === undefined || now - trouble.since < quietTroubleSeconds * 1000) return;
    statuses.push({
      key: `trouble/${name}`,
      who: plan.cluster,
      phase,
      // Without the error: each watch has its own, and the line would be said again for each.
      text: `${name} not answering`,
      gone: `${name} answers again`,
    });
  };
  const { management, workload } = observation;
  note("management API", "api", management.trouble, management.reached);
  // Before its first answer a workload API that is silent is the normal course of things; and where there is none yet,
  // workers have nothing to run ahead of.
  const needed = plan.subject !== "control-plane";
  note("workload API", "api", workload.reached ? workload.trouble : undefined, workload.reached || !needed);
  return { statuses, missing };
}
