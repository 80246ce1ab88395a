import type { Scenarios } from "../scenarios";
import { CILIUM } from "./cilium";
import { LOOKING } from "./looking";
import { RECOVERY } from "./recovery";
import { ROLLOUTS } from "./rollouts";
import { RUNBOOK } from "./runbook";
import type { OperationsStage } from "./stage";

/**
 * What is done to one cluster after it was made, by subject and in this order. A subject may be run alone, so each leaves
 * the cluster as healthy as it found it, and begins from the stack file as it is.
 */
export const SUBJECTS: Readonly<Record<string, Scenarios<OperationsStage>>> = {
  cilium: CILIUM,
  rollouts: ROLLOUTS,
  looking: LOOKING,
  recovery: RECOVERY,
  runbook: RUNBOOK,
};

const CREATE: Scenarios<OperationsStage> = {
  "makes the cluster": async (stage) => {
    await stage.up();
    await stage.holds();
  },
};

const DESTROY: Scenarios<OperationsStage> = {
  "destroys the cluster, and nothing is left": (stage) => stage.destroy(),
};

/** The whole chain, or only some subjects of it; always on a cluster made for it, and destroyed. */
export function operations(subjects: readonly string[] = Object.keys(SUBJECTS)): Scenarios<OperationsStage> {
  const strange = subjects.find((name) => SUBJECTS[name] === undefined);
  if (strange !== undefined)
    throw new Error(`no subject "${strange}"; there are ${Object.keys(SUBJECTS).join(", ")}`);
  return Object.assign({}, CREATE, ...subjects.map((name) => SUBJECTS[name]), DESTROY) as typeof CREATE;
}
