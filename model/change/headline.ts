import type { Finding } from "../findings/finding";
import type { ClusterPlan } from "../plan/plan";
import type { Effect, Level } from "./change";
import { counted } from "../text/counted";
import { type Words, named, plainWords, words } from "./formatted-text";

/** How the stack's file itself differs: not at all, in comments and layout, or in what it says. */
export type FileChange = "same" | "layout" | "values";

interface Told {
  readonly kind: "new" | "changed";
  readonly level: Level;
  readonly effects: readonly Effect[];
  readonly errors: readonly Finding[];
  readonly file: FileChange;
  readonly plan: ClusterPlan;
}

/** The worst of a change in one line. */
export function headlineOf({ kind, level, effects, errors, file, plan }: Told): Words {
  if (errors.length > 0) return refusal(errors);
  if (kind === "new") return newCluster(plan);
  const [first, ...others] = effects;
  if (first === undefined) return plainWords(withoutEffect[file]);
  // Cilium's first row speaks for the settings that come with it.
  const isCounted = ({ area }: Effect) => area !== "cilium" || first.area !== "cilium";
  const equal = level === "low" ? 0 : others.filter((each) => each.level === level && isCounted(each)).length;
  const worst = first.headline ?? first.effect;
  return equal === 0 ? worst : words`${worst}; ${equal} more of ${plainWords(level)} risk`;
}

/** The program refuses to run: nothing at all would happen. */
export function refusal(findings: readonly Finding[]): Words {
  const errors = findings.filter(({ severity }) => severity === "error");
  const ids = named([...new Set(errors.map(({ id }) => id))], 4);
  return words`refused with ${plainWords(counted(errors.length, "error"))} (${ids}); nothing would be changed`;
}

const withoutEffect: Readonly<Record<FileChange, string>> = {
  same: "nothing changes",
  layout: "nothing changes: only comments or layout differ",
  values: "nothing changes: the file differs, and leads to the same plan",
};

function newCluster({ readiness }: ClusterPlan): Words {
  const workers = readiness.workerPools.reduce((sum, { replicas }) => sum + replicas, 0);
  const machines = readiness.controlPlane.replicas + workers;
  return words`a new cluster of ${plainWords(counted(machines, "machine"))} (${readiness.controlPlane.replicas} control plane, ${plainWords(counted(workers, "worker"))}); what is on their disks is lost`;
}
