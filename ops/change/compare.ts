import fs from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Change, Drift } from "../../model/change/change";
import { type ChangeSide, type Comparison, compareSides, unreadableChange } from "../../model/change/compare";
import { words } from "../../model/change/formatted-text";
import type { FileChange } from "../../model/change/summary";
import { parseYamlFile } from "../../model/stack/source/yaml-file";
import { type Base, BaseTree, findBase } from "./base";
import { type Planned, isPlanningCode, planByBase, planHere } from "./plan-at";
import { sidesOf } from "./sides";
import { Refusal } from "../commands/terminal";
import { linkOn } from "../stack/project-files";
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
  const kubeconfig = next?.plan?.management.kubeconfig;
  if (kubeconfig !== undefined) refuseLink(directory, kubeconfig);
  const request = { directory, env: order.env, file, tree, always: order.drift !== undefined };
  const { before, after, notes } = await sidesOf(request, old, next);
  const running = before ?? after;
  const drift = running === undefined ? undefined : await order.drift?.(running);
  return compareSides(before, after, {
    ...about,
    code: {
      paths: base.paths,
      ...(old?.unplanned === undefined ? {} : { unplanned: old.unplanned }),
      links: base.links,
      pulumiSettings: changedSettings(order, tree, file),
      ...(kubeconfig === undefined ? {} : { kubeconfig: pathInProject(directory, kubeconfig) }),
    },
    notes: [...about.notes, ...notes],
    ...(drift === undefined ? {} : { drift }),
  });
}

/** A change of what a link leads to would be a change of another file, which affects no stack. */
function refuseLink(directory: string, name: string): void {
  const link = linkOn(directory, name);
  if (link !== undefined)
    throw new Refusal(`${link} is a link, which cannot be compared; commit the file itself`);
}

/** A file's path as git spells it, whatever links and spellings of the machine lead to it. */
function pathInProject(directory: string, file: string): string {
  const place = path.resolve(directory, file);
  const real = fs.existsSync(place) ? fs.realpathSync(place) : place;
  return path.relative(fs.realpathSync(directory), real);
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
  const values = (root: string) => {
    const { raw, encrypted } = openStackFile(root, stack);
    return [raw, encrypted];
  };
  return isDeepStrictEqual(values(directory), values(tree.directory)) ? "layout" : "values";
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
