import { isHarmless } from "../stack/project-paths";
import type { Effect, FieldChange, Level } from "./change";
import { type Words, named, plainWords, words, joined } from "./formatted-text";
import type { ClusterPlan } from "../plan/plan";
import { fieldChanges, pathsOf } from "./fields";

/** What a change does to the program's own code, as far as it bears on a stack. */
export interface CodeChange {
  /** Every changed file of the project, relative to it. */
  readonly paths: readonly string[];
  /** Why the base's own code could not plan the base; absent where it could, or where both sides share the planning code. */
  readonly unplanned?: string;
  /** Keys of the stack file that are Pulumi's own and differ: `environment`, `secretsprovider`, `config.pulumi:tags`. */
  readonly pulumiSettings?: readonly string[];
  /** The kubeconfig of the management cluster, relative to the project. */
  readonly kubeconfig?: string;
  /** Links and submodules of the project, changed or not. */
  readonly links?: readonly string[];
}

/** Stack files: what an edit of one does is what a comparison shows. */
const stackFile = /^Pulumi\.[^/]+\.yaml$/;

/**
 * What rates a deployment and what starts it, in the same process as every command, and git's own files, which decide what is
 * compared: harmless for a cluster, but a change of these would rate itself.
 */
const gate = [
  /^(?:ops|\.github|\.ci)\//,
  /^docs\/examples\/[^/]+\.ya?ml$/,
  /^\.gitmodules$|(?:^|\/)\.gitattributes$/,
];

/**
 * Whether a file is code that decides what a deployment does. Two plans do not show all that such code does: it could recognize
 * that it is compared, and plan something else for an update. So could a chart: a template reads any file of its chart, and may
 * evaluate what it reads, in whichever spelling.
 */
export function isCode(path: string): boolean {
  return gate.some((pattern) => pattern.test(path)) || !(isHarmless(path) || stackFile.test(path));
}

/** Rows of the overview for code whose effect cannot be determined; it counts as the worst. */
export function codeEffects({
  paths,
  unplanned,
  pulumiSettings = [],
  kubeconfig,
  links = [],
}: CodeChange): readonly Effect[] {
  const code = paths.filter((path) => path === kubeconfig || isCode(path)).sort();
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
    ...(code.length === 0
      ? []
      : worstOf(
          named(code),
          plainWords(
            "a comparison of plans does not show all that this changes; the worst is assumed: read pulumi preview",
          ),
          words`${named(code, 3)}: a plan does not show all that this changes, so the worst is assumed`,
        )),
  ];
}

function worstOf(what: Words, effect: Words, headline: Words): readonly Effect[] {
  return [{ level: "high", area: "program", what, effect, headline }];
}

/** Settings that are no object's: how the program itself goes about it, spelt as in the stack file. */
export function programChanges(
  before: ClusterPlan | undefined,
  after: ClusterPlan | undefined,
): readonly FieldChange[] {
  if (before === undefined || after === undefined) return [];
  return fieldChanges(settingsOf(before), settingsOf(after));
}

function settingsOf(plan: ClusterPlan): unknown {
  const { name, management, namespace, protect, timeouts, cilium, bgp, routers } = plan;
  return {
    name,
    management: { ...management, namespace },
    protect,
    timeouts,
    cilium: { lifecycle: cilium.lifecycle },
    bgp: {
      lifecycle: bgp?.lifecycle,
      routers: Object.fromEntries(
        routers.flatMap(({ router, management: at }) =>
          at === undefined ? [] : [[router, { management: at }]],
        ),
      ),
    },
  };
}

interface ProgramRule {
  readonly path: RegExp;
  /** Holds only for a change to this value. */
  readonly to?: string;
  readonly level: Level;
  readonly effect: string;
}

const rules: readonly ProgramRule[] = [
  {
    path: /^(name|management\.(context|namespace))$/,
    level: "high",
    effect: "Pulumi makes another cluster and deletes the present one: what is on its disks is lost",
  },
  {
    path: /^management\.kubeconfig$/,
    level: "high",
    effect:
      "another kubeconfig, which may lead to another management cluster and start programs where the update runs",
  },
  {
    path: /^protect$/,
    to: "false",
    level: "medium",
    effect: "Pulumi no longer refuses to delete the cluster and its hosts",
  },
  { path: /^cilium\.lifecycle$/, level: "medium", effect: "another owner for the running Cilium" },
  {
    path: /^bgp\.lifecycle$/,
    level: "medium",
    effect: "another owner for the BGP objects of the cluster",
  },
  {
    path: /./,
    level: "low",
    effect: "the program itself goes about it differently; the cluster stays as it is",
  },
];

/** The rows of the overview about the program's settings. */
export function programEffects(changes: readonly FieldChange[]): readonly Effect[] {
  return changes.map((change) => {
    const rule = rules.find(
      ({ path, to }) =>
        pathsOf(change).some((each) => path.test(each)) && (to === undefined || to === change.after.join()),
    );
    return {
      level: rule?.level ?? "low",
      area: rule?.level === "high" ? "cluster" : "program",
      what: words`${joined(
        pathsOf(change).map((path) => words`${`metal:${path}`}`),
        ", ",
      )}: ${side(change.before)} → ${side(change.after)}`,
      effect: plainWords(rule?.effect ?? ""),
    };
  });
}

function side(lines: readonly string[]): Words {
  return lines.length === 0 ? plainWords("none") : words`${lines.join(" ")}`;
}

/** One stack whose preview can look different after a change, and why. */
interface AffectedStack {
  readonly stack: string;
  readonly reason: string;
}

/** What a change touches. */
export interface Affected {
  readonly stacks: readonly AffectedStack[];
  /** Stacks whose file the change deletes: there is nothing left to preview, and perhaps a cluster. */
  readonly removed: readonly string[];
  /** How many changed files concern no stack. */
  readonly harmless: number;
}

/** The stacks that a change of these files affects; paths are relative to the project, stacks those it has afterwards. */
export function affectedStacks(changed: readonly string[], stacks: readonly string[]): Affected {
  const paths = [...new Set(changed)].sort();
  const own = paths.map(stackOf).filter((stack) => stack !== undefined);
  const code = paths.filter((path) => stackOf(path) === undefined && !isHarmless(path));
  const shared = code.length === 0 ? undefined : `${shortened(code)}: every stack runs this`;
  const affected = [...stacks].sort().flatMap((stack): AffectedStack[] => {
    const reasons = [
      ...(own.includes(stack) ? [`Pulumi.${stack}.yaml`] : []),
      ...(shared === undefined ? [] : [shared]),
    ];
    return reasons.length === 0 ? [] : [{ stack, reason: reasons.join("; ") }];
  });
  return {
    stacks: affected,
    removed: own.filter((stack) => !stacks.includes(stack)),
    harmless: paths.filter((path) => stackOf(path) === undefined && isHarmless(path)).length,
  };
}

function stackOf(path: string): string | undefined {
  return /^Pulumi\.([^/]+)\.yaml$/.exec(path)?.[1];
}

function shortened(paths: readonly string[]): string {
  const [first = "", second, ...others] = paths;
  if (second === undefined) return first;
  return others.length === 0 ? `${first} and ${second}` : `${first}, ${second} and ${others.length} more`;
}
