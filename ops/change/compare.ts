import fs from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Change, Drift } from "../../model/change/change";
import { type ChangeSide, type Comparison, compareSides, unreadableChange } from "../../model/change/compare";
import { type Words, words } from "../../model/change/formatted-text";
import type { FileChange } from "../../model/change/summary";
import { readRender } from "../../model/cilium/proofs";
import { type Finding, pathText } from "../../model/findings/finding";
import type { CiliumPlan, ClusterPlan } from "../../model/plan/plan";
import { parseYamlFile } from "../../model/stack/source/yaml-file";
import { type Base, BaseTree, findBase } from "./base";
import { type Planned, isPlanningCode, planByBase, planHere } from "./plan-at";
import { renderedText } from "../cilium/render";
import { Refusal } from "../commands/terminal";
import { openStackFile } from "../stack/read-stack-file";
import { isMap } from "../../model/kubernetes/object";

/** What is compared, and where. */
export interface ComparisonOrder {
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  readonly stack: string;
  readonly base?: string;
  /** Compares with the base itself instead of with where this branch left it. */
  readonly exact?: true;
  /** `2026-11-25`: acceptances end on a day. */
  readonly today: string;
  /** Compares a side with what runs; left out, nothing is queried. */
  readonly drift?: (side: ChangeSide) => Promise<Drift>;
}

/**
 * Compares a stack of the working tree with the committed base; undefined when neither has it. Throws a Refusal when there
 * is no base at all.
 */
export async function compareWithBase(order: ComparisonOrder): Promise<Change | undefined> {
  const base = findBase(order.directory, order.base, order.exact === true);
  const tree = new BaseTree(order.directory, base);
  try {
    return await compare(order, base, tree);
  } finally {
    tree.remove();
  }
}

async function compare(order: ComparisonOrder, base: Base, tree: BaseTree): Promise<Change | undefined> {
  const { directory, stack, today } = order;
  const file = `Pulumi.${stack}.yaml`;
  for (const name of [file, "Pulumi.yaml"]) refuseLink(directory, name);
  tree.bring([file, "Pulumi.yaml"]);
  const old = tree.has(file) ? planOfBase(order, base, tree) : undefined;
  const next = fs.existsSync(path.join(directory, file)) ? planHere(directory, stack, today) : undefined;
  if (old === undefined && next === undefined) return undefined;
  const about: Comparison = {
    stack,
    against:
      base.name === base.from
        ? words`compared with commit ${base.from.slice(0, 9)}`
        : words`compared with ${base.name} (${base.from.slice(0, 9)})`,
    file: fileChange(order, tree, file),
    notes: [old?.note].filter((note) => note !== undefined),
  };
  if (next !== undefined && next.plan === undefined) return unreadableChange(about, "new side", next);
  if (old !== undefined && old.plan === undefined) return unreadableChange(about, "base", old);
  const { before, after, notes } = await sides(order, base, tree, old, next);
  const chart = after?.plan.cilium.chartDirectory;
  const isRendered = before?.render !== undefined && after?.render !== undefined;
  const running = before ?? after;
  const drift = running === undefined ? undefined : await order.drift?.(running);
  return compareSides(before, after, {
    ...about,
    code: {
      paths: base.paths,
      ...(old?.unplanned === undefined ? {} : { unplanned: old.unplanned }),
      pulumiSettings: changedSettings(order, tree, file),
      ...(chart === undefined || !isRendered ? {} : { renderedFolder: path.normalize(chart) }),
    },
    notes: [...about.notes, ...notes],
    ...(drift === undefined ? {} : { drift }),
  });
}

/** A change of what a link leads to would be a change of another file, which affects no stack. */
function refuseLink(directory: string, name: string): void {
  const found = fs.lstatSync(path.join(directory, name), { throwIfNoEntry: false });
  if (found?.isSymbolicLink() === true)
    throw new Refusal(`${name} is a link, which cannot be compared; commit the file itself`);
}

function planOfBase({ directory, stack, today }: ComparisonOrder, base: Base, tree: BaseTree): Planned {
  return base.paths.some(isPlanningCode)
    ? planByBase(tree, directory, stack, today)
    : planHere(tree.directory, stack, today);
}

/** Whether the stack's file has other values, or only another layout. */
function fileChange({ directory, stack }: ComparisonOrder, tree: BaseTree, file: string): FileChange {
  const text = (name: string) => {
    const here = path.join(directory, name);
    return fs.existsSync(here) ? fs.readFileSync(here, "utf8") : "";
  };
  if ([file, "Pulumi.yaml"].every((name) => text(name) === tree.text(name))) return "same";
  if (text(file) === "" || !tree.has(file)) return "values";
  const data = (root: string) => openStackFile(root, stack).raw;
  const same =
    isDeepStrictEqual(data(directory), data(tree.directory)) &&
    isDeepStrictEqual(sealedValues(text(file)), sealedValues(tree.text(file)));
  return same ? "layout" : "values";
}

/** Keys of the stack file outside `metal:` that differ: Pulumi reads them, and no plan shows what they do. */
function changedSettings(
  { directory, stack }: ComparisonOrder,
  tree: BaseTree,
  file: string,
): readonly string[] {
  const here = path.join(directory, `Pulumi.${stack}.yaml`);
  if (!tree.has(file) || !fs.existsSync(here)) return [];
  const before = pulumiSettings(tree.text(file));
  const after = pulumiSettings(fs.readFileSync(here, "utf8"));
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((key) => !isDeepStrictEqual(before.get(key), after.get(key)))
    .sort();
}

function pulumiSettings(text: string): ReadonlyMap<string, unknown> {
  const { data } = parseYamlFile({ name: "stack", text });
  if (!isMap(data)) return new Map();
  const { config, ...others } = data;
  const foreign = Object.entries(isMap(config) ? config : {}).filter(
    ([key]) => !/^metal(:config)?:/.test(key),
  );
  return new Map([
    ...Object.entries(others),
    ...foreign.map(([key, value]) => [`config.${key}`, value] as const),
  ]);
}

interface Sides {
  readonly before?: ChangeSide;
  readonly after?: ChangeSide;
  readonly notes: readonly Words[];
}

/** Both sides with their renders; where both would render the same, nothing is rendered. */
async function sides(
  order: ComparisonOrder,
  base: Base,
  tree: BaseTree,
  old: Planned | undefined,
  next: Planned | undefined,
): Promise<Sides> {
  const chart = next?.plan?.cilium.chartDirectory;
  const chartChanges =
    chart !== undefined && base.paths.some((name) => name.startsWith(`${path.normalize(chart)}/`));
  if (chartChanges) tree.bring([path.normalize(chart)]);
  const isSame = !chartChanges && isDeepStrictEqual(old?.plan?.cilium, next?.plan?.cilium);
  const needed = order.drift !== undefined || !isSame;
  const side = async (planned: Planned | undefined, directory: string, file: string) =>
    planned?.plan === undefined || next === undefined
      ? undefined
      : sideOf(
          planned,
          planned.plan,
          file,
          needed ? await rendered(planned.plan.cilium, directory, order.env) : {},
        );
  const name = `Pulumi.${order.stack}.yaml`;
  const here = path.join(order.directory, name);
  const [before, after] = await Promise.all([
    side(old, chartChanges ? tree.directory : order.directory, tree.text(name)),
    side(next, order.directory, next === undefined ? "" : fs.readFileSync(here, "utf8")),
  ]);
  const problems = new Set([before?.problem, after?.problem].filter((problem) => problem !== undefined));
  return {
    ...(before === undefined ? {} : { before: before.side }),
    ...(after === undefined ? {} : { after: after.side }),
    notes: [...problems].map((problem) => words`Not rendered: ${problem}`),
  };
}

interface Rendering {
  readonly render?: ChangeSide["render"];
  readonly findings?: readonly Finding[];
  readonly problem?: string;
}

async function rendered(plan: CiliumPlan, directory: string, env: NodeJS.ProcessEnv): Promise<Rendering> {
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
): { readonly side: ChangeSide; readonly problem?: string } {
  return {
    side: {
      plan,
      ...(render === undefined ? {} : { render }),
      findings: [...findings, ...proven],
      accepted,
      sealed: sealedValues(file),
    },
    ...(problem === undefined ? {} : { problem }),
  };
}

/** The encrypted values of a stack file by their place, still encrypted: to be compared, never to be shown. */
function sealedValues(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const { data } = parseYamlFile({ name: "stack", text });
  const config =
    typeof data === "object" && data !== null ? (data as Record<string, unknown>)["config"] : undefined;
  collect(config, [], found);
  return found;
}

function collect(value: unknown, path: readonly (string | number)[], found: Map<string, string>): void {
  if (typeof value !== "object" || value === null) return;
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  const [first] = entries;
  if (entries.length === 1 && first?.[0] === "secure" && typeof first[1] === "string") {
    found.set(pathText(path), first[1]);
    return;
  }
  for (const [key, inner] of entries) {
    collect(
      inner,
      [...path, typeof key === "string" && path.length === 0 ? key.replace(/^metal:/, "") : key],
      found,
    );
  }
}
