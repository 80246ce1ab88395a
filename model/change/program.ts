import type { ClusterPlan } from "../plan/plan";
import type { Effect, FieldChange, Level } from "./change";
import { fieldChanges, pathsOf } from "./fields";
import { type Words, joined, plainWords, words } from "./formatted-text";

/** Settings that are no object's: how the program itself goes about it, spelt as in the stack file. */
export function programChanges(
  before: ClusterPlan | undefined,
  after: ClusterPlan | undefined,
): readonly FieldChange[] {
  if (before === undefined || after === undefined) return [];
  return fieldChanges(settingsOf(before), settingsOf(after));
}

function settingsOf(plan: ClusterPlan): unknown {
  const { name, management, namespace, protect, timeouts, cilium, bgp } = plan;
  return {
    name,
    management: { ...management, namespace },
    protect,
    timeouts,
    cilium: { lifecycle: cilium.lifecycle },
    bgp: { lifecycle: bgp?.lifecycle },
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
