import { bgpCauses } from "./bgp";
import type { CauseRule, WaitCause } from "./cause";
import { ciliumCauses } from "./cilium";
import { clusterCauses } from "./cluster";
import { controlPlaneCauses } from "./control-plane";
import { endpointCauses } from "./endpoint";
import { hostCauses } from "./hosts";
import { machineCauses } from "./machines";
import { managementCauses } from "./management";
import { nodeCauses } from "./nodes";
import { resourceSetCauses } from "./resource-set";
import { staleCauses } from "./stale";

/** One step of the way from the management cluster to the sessions, with its causes, the most specific first. */
export interface Stage {
  readonly name: string;
  /** Which cluster must answer before the stage can be assessed. */
  readonly needs: "none" | "management" | "workload";
  readonly causes: readonly CauseRule[];
}

/** Every cause, in the order of dependence: an earlier one explains a later one, so the first that holds is the diagnosis. */
export const stages: readonly Stage[] = [
  { name: "management cluster", needs: "none", causes: managementCauses },
  { name: "Cluster", needs: "management", causes: clusterCauses },
  { name: "hosts and BMCs", needs: "management", causes: hostCauses },
  { name: "control plane", needs: "management", causes: controlPlaneCauses },
  { name: "machines", needs: "management", causes: machineCauses },
  { name: "API server", needs: "management", causes: endpointCauses },
  { name: "resource set", needs: "management", causes: resourceSetCauses },
  { name: "nodes", needs: "management", causes: nodeCauses },
  { name: "Cilium", needs: "workload", causes: ciliumCauses },
  { name: "BGP", needs: "workload", causes: bgpCauses },
  { name: "changes that do not take effect", needs: "management", causes: staleCauses },
];

/** Every cause that a diagnosis can name. */
export const causes: readonly CauseRule[] = stages.flatMap((stage) => stage.causes);

/** The causes that end a wait, in the same order. */
export const waitCauses: readonly WaitCause[] = causes.filter(
  (cause): cause is WaitCause => cause.graceSeconds !== undefined,
);
