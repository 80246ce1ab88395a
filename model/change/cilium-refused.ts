import type { ClusterPlan } from "../plan/plan";
import { judgeInstalledVersion, judgeVersionStep } from "../live/preflight/cilium-upgrade";
import type { Effect } from "./change";
import { plainWords, words } from "./formatted-text";

/** What the preflight will refuse about Cilium's version, where the base is what runs: its judgements, asked of the base. */
export function refusedVersion(before: ClusterPlan | undefined, after: ClusterPlan): readonly Effect[] {
  if (before === undefined) return [];
  const [from, to] = [before.cilium.version, after.cilium.version];
  const step = from === to ? words`${to}` : words`${from} → ${to}`;
  return [
    judgeVersionStep(to, [from]),
    judgeInstalledVersion(after.cluster.cluster, before.cluster.cluster, from),
  ].flatMap(({ objections }) =>
    objections.map(({ at, problem, fix }) => ({
      level: "high" as const,
      area: "cilium" as const,
      what: words`${`metal:${at}`}`,
      effect: words`the preflight refuses it: ${plainWords(problem)}; fix: ${plainWords(fix)}`,
      headline: words`the preflight refuses Cilium ${step}: ${plainWords(fix)}`,
    })),
  );
}
