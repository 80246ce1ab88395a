import { type KubernetesObject, field, number } from "../../kubernetes/object";
import { ownerLabel } from "../../kubernetes/labels";
import type { PlannedAndLive } from "../differences";
import { contestedFields } from "./contested-fields";
import { counted } from "../../text/wording";
import { type CheckResult, type Problem, judged } from "./check-result";

/** What exists under a planned name is this stack's own. */
export function judgeOwnership(objects: readonly PlannedAndLive[]): CheckResult {
  const problems = objects.flatMap(({ planned, live }): Problem[] => {
    const owner = live?.metadata.labels?.[ownerLabel];
    if (live === undefined || owner === planned.metadata.labels?.[ownerLabel]) return [];
    const whose = owner === undefined ? "no stack of metal" : `stack "${owner}"`;
    return [
      {
        at: "",
        problem: `${nameOf(planned)} exists and belongs to ${whose}`,
        fix: "choose another name in the stack file, or remove that object if it is not needed",
      },
    ];
  });
  return judged(existingWords(objects, "is ours"), problems);
}

/** Nothing of ours is being deleted: an update of it would reach nothing, and its successor could not be made. */
export function judgeStaying(objects: readonly PlannedAndLive[]): CheckResult {
  const problems = objects.flatMap(({ planned, live }): Problem[] => {
    const since = live?.metadata.deletionTimestamp;
    if (since === undefined) return [];
    const holding = live?.metadata.finalizers ?? [];
    const held = holding.length === 0 ? "" : `, held by ${holding.join(", ")}`;
    return [
      {
        at: "",
        problem: `${nameOf(planned)} is being deleted since ${since}${held}`,
        fix: "wait until it is gone, then run again",
      },
    ];
  });
  return judged(existingWords(objects, "stays"), problems);
}

/** No other manager has set a field of ours to another value; `ignored` names the fields of an object that are left to others. */
export function judgeFieldManagers(
  objects: readonly PlannedAndLive[],
  ignored: (planned: KubernetesObject) => readonly string[],
): CheckResult {
  const problems = objects.flatMap(({ planned, live }): Problem[] => {
    if (live === undefined || !isOurs(planned, live)) return [];
    return contestedFields(planned, live, ignored(planned)).map(({ path, manager, certain }) => ({
      severity: certain ? ("error" as const) : ("warning" as const),
      at: "",
      ...(path === "spec.replicas"
        ? contestedNumber(planned, live, manager)
        : {
            problem: certain
              ? `"${manager}" has set ${path} of ${nameOf(planned)} to another value, so the update would be refused`
              : `"${manager}" has written ${path} of ${nameOf(planned)}; if its value differs, the update will be refused`,
            fix: `let "${manager}" leave that field alone and set it back, or take its value over into the stack file`,
          }),
    }));
  });
  return judged(
    existingWords(objects, "has no field of the stack changed by another field manager"),
    problems,
  );
}

/** A number of machines that another manager has set. Taking it over is what removes machines, so the live number comes first. */
function contestedNumber(
  planned: KubernetesObject,
  live: KubernetesObject,
  manager: string,
): Pick<Problem, "problem" | "fix"> {
  const [wanted, runs] = [number(planned, "spec", "replicas") ?? 0, number(live, "spec", "replicas") ?? 0];
  const take = `let "${manager}" leave the object alone, then take the field over: ${replicasPatch(planned)}`;
  const moved = counted(Math.abs(runs - wanted), "machine");
  return {
    problem: `"${manager}" has set spec.replicas of ${nameOf(planned)} to ${runs}, and the stack sets ${wanted}, so the update would be refused`,
    fix:
      runs > wanted
        ? `write ${counted(runs, "machine")} for it into the stack file first, so that none goes. To go down to ${wanted}, ${take}. This command at once removes ${moved} and wipes what is on their disks`
        : `${take}. This command adds ${moved}; or write ${counted(runs, "machine")} for it into the stack file`,
  };
}

/** A change by kubectl itself takes a field from a manager that has scaled the object, and from kubectl the provider takes it. */
function replicasPatch(planned: KubernetesObject): string {
  const { kind, metadata } = planned;
  const patch = JSON.stringify({ spec: { replicas: field(planned, "spec", "replicas") } });
  return `kubectl -n ${metadata.namespace ?? "default"} patch ${kind.toLowerCase()} ${metadata.name} --type merge -p '${patch}'`;
}

/** What the API server said to one dry run: nothing, a refusal, or that it could not tell. */
export interface DryRunAnswer {
  readonly planned: KubernetesObject;
  readonly refusal?: string;
  readonly undecided?: string;
}

/** The API server takes every planned object: known fields, right types, webhooks content. */
export function judgeDryRuns(answers: readonly DryRunAnswer[]): CheckResult {
  const problems = answers.flatMap(({ planned, refusal }): Problem[] =>
    refusal === undefined
      ? []
      : [
          {
            at: "",
            problem: `${nameOf(planned)} is refused by the API server: ${refusal}`,
            fix: refusal.includes("failed calling webhook")
              ? "see that the controller behind that webhook runs"
              : "correct the value that it names in the stack file",
          },
        ],
  );
  const unknowns = answers.flatMap(({ planned, undecided }) =>
    undecided === undefined ? [] : [`${nameOf(planned)}: ${undecided}`],
  );
  return judged(`strict dry run of ${counted(answers.length, "object")}`, problems, unknowns);
}

/** Kind and name, as people say it. */
function nameOf({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata.name}`;
}

function isOurs(planned: KubernetesObject, live: KubernetesObject): boolean {
  return live.metadata.labels?.[ownerLabel] === planned.metadata.labels?.[ownerLabel];
}

function existingWords(objects: readonly PlannedAndLive[], statement: string): string {
  const existing = objects.filter(({ live }) => live !== undefined).length;
  if (existing === 0) return `none of the ${counted(objects.length, "planned object")} exists yet`;
  return `each of the ${existing} that exist, of ${counted(objects.length, "planned object")}, ${statement}`;
}
