import fs from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { ChangeSide } from "../../model/change/compare";
import { type Words, words } from "../../model/change/formatted-text";
import { readRender } from "../../model/cilium/proofs";
import type { Finding } from "../../model/findings/finding";
import type { CiliumPlan, ClusterPlan } from "../../model/plan/plan";
import { folderProblem } from "../../model/stack/project-paths";
import { parseStackFile } from "../../model/stack/source/stack-file";
import { renderedText } from "../cilium/render";
import type { BaseTree } from "./base";
import type { Planned } from "./plan-at";

/** Where both sides of a comparison are. */
export interface SidesRequest {
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  /** The stack's file, such as `Pulumi.capi-1.yaml`. */
  readonly file: string;
  readonly tree: BaseTree;
  /** Renders also where both sides render the same. */
  readonly always: boolean;
}

/** Both sides of a comparison, and what limits it. */
export interface Sides {
  readonly before?: ChangeSide;
  readonly after?: ChangeSide;
  readonly notes: readonly Words[];
}

/**
 * Both sides with their renders, each from the chart of its own side. Where neither side has a chart of its own, and both would
 * render the same, nothing is rendered.
 */
export async function sidesOf(
  { directory, env, file, tree, always }: SidesRequest,
  old: Planned | undefined,
  next: Planned | undefined,
): Promise<Sides> {
  const [left, right] = [old?.plan?.cilium, next?.plan?.cilium];
  const charts = [left, right].flatMap((plan) => plan?.chartDirectory ?? []);
  const chartOfBase = left?.chartDirectory;
  if (chartOfBase !== undefined && folderProblem(chartOfBase) === undefined) tree.bring([chartOfBase]);
  const needed = always || charts.length > 0 || !isDeepStrictEqual(left, right);
  const side = async (planned: Planned | undefined, root: string, text: string) =>
    planned?.plan === undefined || next === undefined
      ? undefined
      : sideOf(planned, planned.plan, text, needed ? await rendered(planned.plan.cilium, root, env) : {});
  const here = path.join(directory, file);
  const [before, after] = await Promise.all([
    side(old, tree.directory, tree.text(file)),
    side(next, directory, next === undefined ? "" : fs.readFileSync(here, "utf8")),
  ]);
  const problems = new Set(
    [before?.unrendered, after?.unrendered].filter((problem) => problem !== undefined),
  );
  return {
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    notes: [...problems].map((problem) => words`Not rendered: ${problem}`),
  };
}

interface Rendering {
  readonly render?: ChangeSide["render"];
  readonly findings?: readonly Finding[];
  readonly problem?: string;
}

async function rendered(plan: CiliumPlan, directory: string, env: NodeJS.ProcessEnv): Promise<Rendering> {
  const { chartDirectory } = plan;
  const wrong = chartDirectory === undefined ? undefined : folderProblem(chartDirectory);
  if (wrong !== undefined)
    return { problem: `cilium.chartDirectory "${chartDirectory ?? ""}" ${wrong.problem}` };
  const outcome = await renderedText(plan, directory, env);
  if (outcome.text === undefined) return { problem: outcome.missing ?? outcome.refused };
  // A second render would only show whether Secrets stay the same; here they are compared by their keys alone.
  return readRender(outcome.text, plan, outcome.text);
}

function sideOf(
  { findings, accepted }: Planned,
  plan: ClusterPlan,
  file: string,
  { render, findings: proven = [], problem }: Rendering,
): ChangeSide {
  return {
    plan,
    ...(render === undefined ? {} : { render }),
    ...(problem === undefined ? {} : { unrendered: problem }),
    findings: [...findings, ...proven],
    accepted,
    sealed: parseStackFile({ name: "stack", text: file }).encrypted,
  };
}
