import { isHarmless } from "./review/affected-stacks";
import type { Effect } from "./change";
import { named, plainWords, words } from "./formatted-text";

/** What a change does to the program's own code, as far as it bears on a stack. */
export interface CodeChange {
  /** Every changed file of the project, relative to it. */
  readonly paths: readonly string[];
  /** Why the base's own code could not plan the base; absent where it could, or where both sides share the planning code. */
  readonly unplanned?: string;
  /** Keys of the stack file that are Pulumi's own and differ: `environment`, `secretsprovider`, `config.pulumi:tags`. */
  readonly pulumiSettings?: readonly string[];
  /** A chart folder of the stack whose files were rendered on both sides, so that their effect is part of the comparison. */
  readonly renderedFolder?: string;
}

/**
 * Code of the repository that `pulumi up` never runs: commands, their logic and what compares changes. The rest that no
 * stack depends on is in `isHarmless`.
 */
const outsideProgram =
  /^(?:model\/(?:fleet|live\/(?:bgp\/(?:router-state|verify)\.ts|diagnosis|hand-over|recover(?!\/remediation\.ts)|status|teardown|verify))|ops\/(?:bundle|recover(?!\/remediations\.ts)|teardown(?!\/cleanup-main\.ts)|verify))(?:\/|$)/;

/**
 * Code whose effect on a cluster is data of the plan: both sides of a comparison are planned with their own, so the comparison
 * shows what an edit does. The exceptions are files that components call themselves (test/change/code.test.ts holds this).
 */
const planned: readonly RegExp[] = [
  /^model\/(bgp|checks|net|plan|stack)\/(?!manifests\/hosts\.ts|stack-report\.ts|read-stack\.ts|secrets\.ts)/,
  /^Pulumi\.[^/]+\.yaml$/,
];

/** Code that rates a deployment, and what starts it: a change of it would rate itself. */
const gate =
  /^(?:model\/change\/|ops\/(?:change|commands|review)\/|\.github\/|\.gitattributes$|\.gitmodules$)/;

/** Whether `pulumi up` may do something else after this file has changed, and no comparison of two plans shows what. */
export function isHiddenCode(path: string): boolean {
  if (gate.test(path)) return true;
  return !isHarmless(path) && !outsideProgram.test(path) && !planned.some((pattern) => pattern.test(path));
}

/** Rows of the overview for code whose effect cannot be determined; it counts as the worst. */
export function codeEffects({
  paths,
  unplanned,
  pulumiSettings = [],
  renderedFolder,
}: CodeChange): readonly Effect[] {
  const isRendered = (path: string) => renderedFolder !== undefined && path.startsWith(`${renderedFolder}/`);
  const hidden = paths.filter((path) => isHiddenCode(path) && !isRendered(path)).sort();
  return [
    ...(unplanned === undefined
      ? []
      : [
          {
            level: "high" as const,
            area: "program" as const,
            what: plainWords("the code that plans"),
            effect: words`its effect cannot be determined, because the base's code could not plan (${unplanned}); the worst is assumed`,
            headline: plainWords(
              "the code that plans changes and could not be compared, so the worst is assumed",
            ),
          },
        ]),
    ...(pulumiSettings.length === 0
      ? []
      : [
          {
            level: "high" as const,
            area: "program" as const,
            what: named(pulumiSettings),
            effect: plainWords(
              "a setting of Pulumi itself: it may supply other values, secrets or providers; the worst is assumed",
            ),
            headline: words`settings of Pulumi itself change (${named(pulumiSettings, 3)}), so the worst is assumed`,
          },
        ]),
    ...(hidden.length === 0
      ? []
      : [
          {
            level: "high" as const,
            area: "program" as const,
            what: named(hidden),
            effect: plainWords(
              "the plan does not show what this changes in the cluster; the worst is assumed: read pulumi preview",
            ),
            headline: words`${named(hidden, 3)}: the plan does not show what this changes, so the worst is assumed`,
          },
        ]),
  ];
}
