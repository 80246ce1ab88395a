import assert from "node:assert/strict";
import type { Scenarios } from "../scenarios";
import { CILIUM } from "./cilium";
import { INTERRUPTIONS } from "./interruptions";
import { LOOKING } from "./looking";
import { RECOVERY } from "./recovery";
import { REUSE } from "./reuse";
import { ROLLOUTS } from "./rollouts";
import { RUNBOOK } from "./runbook";
import { type OperationsStage, until } from "./stage";

/**
 * What is done to one cluster after it was made, by subject and in this order. A subject may be run alone, so each leaves
 * the cluster as healthy as it found it, and begins from the stack file as it is.
 */
const SUBJECTS: Readonly<Record<string, Scenarios<OperationsStage>>> = {
  cilium: CILIUM,
  rollouts: ROLLOUTS,
  reuse: REUSE,
  looking: LOOKING,
  recovery: RECOVERY,
  runbook: RUNBOOK,
  interruptions: INTERRUPTIONS,
};

const CREATE: Scenarios<OperationsStage> = {
  "makes the cluster, on which verify has nothing to say": async (stage) => {
    await stage.up();
    await stage.holds();
    const { code, stdout, stderr } = await stage.metal("verify");
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, / 0 errors, 0 warnings, 0 unknown, /);
  },
};

const DESTROY: Scenarios<OperationsStage> = {
  "destroys the cluster although the engine is killed and its API is gone, and nothing is left": async (
    stage,
  ) => {
    const gone = () => stage.events.some(({ did }) => did === "workload-api-gone");
    await stage.killDuringDestroy(() => until("the cluster's API is gone", 180, async () => gone()));
    await stage.destroy();
  },
};

/** The whole chain, or only some subjects of it; always on a cluster made for it, and destroyed. */
export function operations(subjects: readonly string[] = Object.keys(SUBJECTS)): Scenarios<OperationsStage> {
  const strange = subjects.find((name) => SUBJECTS[name] === undefined);
  if (strange !== undefined)
    throw new Error(`no subject "${strange}"; there are ${Object.keys(SUBJECTS).join(", ")}`);
  return Object.assign({}, CREATE, ...subjects.map((name) => SUBJECTS[name]), DESTROY) as typeof CREATE;
}
