import type { Fault, TrafficFault } from "../faults/fault";
import { type Engine, type EngineRun, changedLines } from "./engine";
import type { LabRun } from "./lab-run";
import { type Fingerprints, fingerprints, nothingLeft } from "./nothing-left";
import { type Narrator, type Verdict, timelineTable } from "./report";
import type { StackFacts } from "./stack-file";
import { expectedLogins, previewRights, refreshRights } from "./stack-users";
import { type LabEvents, runUnderFault } from "./under-fault";
import { verify } from "./verify";

/** Everything that the steps of a rehearsal work with. */
export interface Rehearsal {
  readonly engine: Engine;
  readonly lab: LabRun;
  readonly facts: StackFacts;
  readonly narrator: Narrator;
  readonly events: LabEvents;
  readonly fault?: Fault | TrafficFault;
}

/** What a rehearsal found: it passes when `contradictions` is empty. */
export interface RehearsalResult {
  readonly statements: number;
  readonly contradictions: readonly string[];
  readonly seconds: Readonly<Record<string, number>>;
  readonly timeline: unknown;
}

/** A command of the engine that had to succeed did not: the rehearsal cannot go on. */
export class StepFailed extends Error {}

/** Collects verdicts and prints each one at once. */
export class Findings {
  readonly contradictions: string[] = [];
  statements = 0;

  constructor(private readonly narrator: Narrator) {}

  add(verdicts: readonly Verdict[]): void {
    for (const { statement, against, notApplicable } of verdicts) {
      if (notApplicable !== undefined) {
        this.narrator.holds(`not applicable: ${statement} (${notApplicable})`);
        continue;
      }
      this.statements += 1;
      if (against.length === 0) this.narrator.holds(statement);
      else
        this.narrator.fails(`contradicted: ${statement}\n${against.map((each) => `  ${each}`).join("\n")}`);
      this.contradictions.push(...against.map((each) => `${statement}: ${each}`));
    }
  }

  /** As the result of a part of the rehearsal. */
  result(): RehearsalResult {
    const { statements, contradictions } = this;
    return { statements, contradictions, seconds: {}, timeline: undefined };
  }
}

/** Preview, up, verify, a second up and preview without changes; with a fault, the up that it affects comes first. */
export async function provisionAndVerify(rehearsal: Rehearsal): Promise<RehearsalResult> {
  const { engine, lab, facts, narrator, fault } = rehearsal;
  const findings = new Findings(narrator);
  const seconds: Record<string, number> = {};
  const must = async (name: string, ...args: string[]) => {
    narrator.step(`pulumi ${args.join(" ")}`);
    const run = await engine.run(...args);
    seconds[name] = run.seconds;
    if (run.code !== 0) throw new StepFailed(`pulumi ${args[0] ?? ""} ended with exit code ${run.code}`);
    narrator.holds(`pulumi ${args[0] ?? ""} took ${run.seconds.toFixed(1)} s`);
  };
  narrator.step("pulumi preview, with the rights of a preview");
  const first = await engine.previewOnly();
  seconds["preview"] = first.seconds;
  if (first.code !== 0) throw new StepFailed(`pulumi preview ended with exit code ${first.code}`);
  narrator.holds(`pulumi preview took ${first.seconds.toFixed(1)} s`);
  let underFault: EngineRun | undefined;
  for (let next = fault?.during === "up" ? fault : undefined; next !== undefined; next = next.then) {
    underFault = await upUnderFault(rehearsal, next, findings, seconds);
  }
  if (underFault?.code !== 0) await must("up", "up", "--yes", "--skip-preview", "--suppress-outputs");
  narrator.step("verify against both clusters");
  findings.add(await verify(lab, facts));
  for (const args of [
    ["up", "--yes", "--skip-preview", "--suppress-outputs", "--expect-no-changes"],
    ["preview", "--expect-no-changes"],
  ]) {
    narrator.step(`pulumi ${args.join(" ")}`);
    const run = await engine.run(...args);
    seconds[`second ${args[0] ?? ""}`] = run.seconds;
    findings.add([unchanged(args[0] ?? "", run)]);
  }
  narrator.step("pulumi preview, with the rights of a preview");
  findings.add(await previewRights(lab, facts, await engine.previewOnly()));
  narrator.step("pulumi preview --refresh, with the rights of drift detection");
  findings.add(await refreshRights(lab, facts, await engine.driftOnly()));
  const timeline = await engine.output("timeline");
  return { statements: findings.statements, contradictions: findings.contradictions, seconds, timeline };
}

/** With `--expect-no-changes` the engine itself fails when there are some, and names them in its output. */
function unchanged(command: string, run: EngineRun): Verdict {
  const changed = changedLines(run);
  const errors = run.lines.filter((line) => /^\s*error\b/.test(line));
  const why = changed.length > 0 ? changed : errors.length > 0 ? errors : run.lines.slice(-5);
  return {
    statement: `a second ${command} changes nothing (${run.seconds.toFixed(1)} s)`,
    against: run.code === 0 ? [] : why,
  };
}

async function upUnderFault(
  { engine, lab, facts, events, narrator }: Rehearsal,
  fault: Fault,
  findings: Findings,
  seconds: Record<string, number>,
): Promise<EngineRun> {
  narrator.step(`pulumi up --yes, under the fault ${fault.name}`);
  const begin = () => engine.begin("up", "--yes", "--skip-preview", "--suppress-outputs");
  const { run, verdicts } = await runUnderFault(fault, begin, lab, facts, events, narrator);
  seconds["up under fault"] = run.seconds;
  findings.add(verdicts);
  if (run.code === -1) {
    narrator.step("pulumi cancel --yes: the killed engine left its lock");
    await engine.run("cancel", "--yes");
  }
  return run;
}

/**
 * Destroys the stack and proves that nothing of it is left; `before` are the lab's own processes, `others` the objects of
 * another stack in the same namespace.
 */
export async function destroyAndProve(
  rehearsal: Rehearsal,
  before: readonly string[],
  others: Fingerprints = new Map(),
): Promise<RehearsalResult> {
  const { engine, lab, facts, narrator, fault, events } = rehearsal;
  const findings = new Findings(narrator);
  narrator.step("pulumi destroy --yes");
  const begin = () => engine.begin("destroy", "--yes", "--skip-preview");
  let run: EngineRun;
  if (fault?.during === "destroy") {
    const underFault = await runUnderFault(fault, begin, lab, facts, events, narrator);
    findings.add(underFault.verdicts);
    run = underFault.run;
  } else run = await begin().end;
  if (run.code !== 0) throw new StepFailed(`pulumi destroy ended with exit code ${run.code}`);
  narrator.holds(`pulumi destroy took ${run.seconds.toFixed(1)} s`);
  narrator.step("proof that nothing is left");
  const now = () => lab.context.processes.names;
  const plan = lab.plans.get(facts.cluster);
  const logins = plan === undefined ? [] : expectedLogins(plan);
  findings.add(await nothingLeft(lab.plane.api, facts, { before, now }, { others, logins }));
  return {
    statements: findings.statements,
    contradictions: findings.contradictions,
    seconds: { destroy: run.seconds },
    timeline: undefined,
  };
}

/** The timeline that the program left, as lines. */
export function timelineLines(result: RehearsalResult): string[] {
  return [
    "",
    "timeline (seconds since the wait began)",
    ...timelineTable(result.timeline).map((line) => `  ${line}`),
  ];
}

/**
 * Makes a second stack in the same management cluster while the first lives, and destroys it again: neither may leave a
 * trace on the first, whether they share a namespace or not.
 */
export async function addAndRemoveSecondStack(first: Rehearsal, second: Rehearsal): Promise<RehearsalResult> {
  const { api } = first.lab.plane;
  const { namespace } = first.facts;
  const before = await fingerprints(api, namespace);
  const processes = first.lab.context.processes.names;
  const made = await provisionAndVerify(second);
  const during = untouched(`while ${second.facts.cluster} came`, before, await fingerprints(api, namespace));
  const shared = second.facts.namespace === namespace ? before : undefined;
  const gone = await destroyAndProve(second, processes, shared);
  const after = untouched(
    `when ${second.facts.cluster} had gone`,
    before,
    await fingerprints(api, namespace),
  );
  const verdicts = [during, after, ...(await verify(first.lab, first.facts))];
  for (const { statement, against, notApplicable } of verdicts) {
    if (notApplicable !== undefined) continue;
    if (against.length === 0) first.narrator.holds(statement);
    else first.narrator.fails(`contradicted: ${statement}\n${against.join("\n")}`);
  }
  const contradictions = verdicts.flatMap(({ statement, against }) =>
    against.map((each) => `${statement}: ${each}`),
  );
  return {
    statements: made.statements + gone.statements + verdicts.length,
    contradictions: [...made.contradictions, ...gone.contradictions, ...contradictions],
    seconds: {},
    timeline: made.timeline,
  };
}

function untouched(when: string, before: Fingerprints, after: Fingerprints): Verdict {
  const against = [...before].flatMap(([name, print]) => {
    const now = after.get(name);
    if (now === print) return [];
    return [now === undefined ? `${name} is gone` : `${name} was changed`];
  });
  return { statement: `its ${before.size} objects were not touched ${when}`, against };
}
