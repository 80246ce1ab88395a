import { isHarmless } from "../stack/project-paths";
import type { Effect } from "./change";
import { rendersOtherwise, usesSurroundings } from "./surroundings";
import { type Words, named, plainWords, words } from "./formatted-text";

/** What a change does to the program's own code, as far as it bears on a stack. */
export interface CodeChange {
  /** Every changed file of the project, relative to it. */
  readonly paths: readonly string[];
  /** Why the base's own code could not plan the base; absent where it could, or where both sides share the planning code. */
  readonly unplanned?: string;
  /** Keys of the stack file that are Pulumi's own and differ: `environment`, `secretsprovider`, `config.pulumi:tags`. */
  readonly pulumiSettings?: readonly string[];
  /** The stack's chart folder, if it was rendered, so that the effect of its files is part of the comparison. */
  readonly renderedFolder?: string;
  /** The kubeconfig of the management cluster, relative to the project. */
  readonly kubeconfig?: string;
  /** Changed files whose effect depends on where and when they are used ({@link reachesOut}). */
  readonly reaching?: readonly string[];
  /** Links and submodules of the project, changed or not. */
  readonly links?: readonly string[];
}

/**
 * Code of the repository that `pulumi up` never runs: commands, their logic and what compares changes. The rest that no
 * stack depends on is in `isHarmless`.
 */
const outsideProgram =
  /^model\/live\/(?:bgp\/verify\.ts|diagnosis|hand-over(?!\/tool\.ts)|recover(?!\/remediation\.ts)|status|teardown|verify|live-plan\.ts|observation\.ts)(?:\/.*\.ts)?$/;

/**
 * Code whose effect on a cluster is data of the plan: both sides of a comparison are planned with their own, so the comparison
 * shows what an edit does. The exceptions are files that components call themselves (test/change/code.test.ts holds this).
 */
const planned: readonly RegExp[] = [
  /^model\/(bgp|checks|net|plan|stack)\/(?!manifests\/hosts\.ts|stack-report\.ts|read-stack\.ts|secrets\.ts|project-paths\.ts).*\.ts$/,
  /^Pulumi\.[^/]+\.yaml$/,
];

/**
 * Code that rates a deployment, in the same process as every command, and what starts it; git's own files, which decide what is
 * compared. A change of these would rate itself.
 */
const gate = [
  /^(?:model\/change|ops|\.github|\.ci)\//,
  /^docs\/examples\/[^/]+\.ya?ml$/,
  /^\.gitmodules$|(?:^|\/)\.gitattributes$/,
];

/**
 * Whether a changed file of the project, with this text, does something else in a comparison than in an update, or later: code of
 * the model, which planning code may import, or a file of the stack's chart.
 */
export function reachesOut(path: string, text: () => string, chart?: string): boolean {
  if (/^model\/.*\.ts$/.test(path)) return usesSurroundings(path, text());
  return chart !== undefined && path.startsWith(`${chart}/`) && rendersOtherwise(path, text());
}

function isGate(path: string): boolean {
  return gate.some((pattern) => pattern.test(path));
}

/** Whether `pulumi up` may do something else after this file has changed, and no comparison of two plans shows what. */
export function isHiddenCode(path: string): boolean {
  if (isGate(path)) return true;
  return !isHarmless(path) && !outsideProgram.test(path) && !planned.some((pattern) => pattern.test(path));
}

/** Rows of the overview for code whose effect cannot be determined; it counts as the worst. */
export function codeEffects({
  paths,
  unplanned,
  pulumiSettings = [],
  renderedFolder,
  kubeconfig,
  reaching = [],
  links = [],
}: CodeChange): readonly Effect[] {
  const isRendered = (path: string) =>
    renderedFolder !== undefined && path.startsWith(`${renderedFolder}/`) && !isGate(path);
  const hidden = paths
    .filter(
      (path) => path === kubeconfig || reaching.includes(path) || (isHiddenCode(path) && !isRendered(path)),
    )
    .sort();
  const followed = links.filter((path) => !/^(docs|test)\//.test(path)).sort();
  return [
    ...(unplanned === undefined
      ? []
      : worstOf(
          plainWords("the code that plans"),
          words`its effect cannot be determined, because the base's code could not plan (${unplanned}); the worst is assumed`,
          plainWords("the code that plans changes and could not be compared, so the worst is assumed"),
        )),
    ...(pulumiSettings.length === 0
      ? []
      : worstOf(
          named(pulumiSettings),
          plainWords(
            "a setting of Pulumi itself: it may supply other values, secrets or providers; the worst is assumed",
          ),
          words`settings of Pulumi itself change (${named(pulumiSettings, 3)}), so the worst is assumed`,
        )),
    ...(followed.length === 0
      ? []
      : worstOf(
          named(followed),
          plainWords(
            "a link or a submodule: what it leads to changes without it; commit the files themselves in its place",
          ),
          words`${named(followed, 3)} leads elsewhere, where changes are not compared, so the worst is assumed`,
        )),
    ...(hidden.length === 0
      ? []
      : worstOf(
          named(hidden),
          plainWords(
            "the plan does not show what this changes in the cluster; the worst is assumed: read pulumi preview",
          ),
          words`${named(hidden, 3)}: the plan does not show what this changes, so the worst is assumed`,
        )),
  ];
}

function worstOf(what: Words, effect: Words, headline: Words): readonly Effect[] {
  return [{ level: "high", area: "program", what, effect, headline }];
}
