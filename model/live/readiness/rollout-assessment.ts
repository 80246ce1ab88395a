import type { Pod } from "../../kubernetes/core";
import { versionOfImage } from "../../kubernetes/version";
import type { Assessment, Missing, Status } from "./assessment";
import { condition } from "../../kubernetes/condition";
import { type Snapshot, agentPods } from "../snapshot";
import type { Release, RolloutReadinessPlan } from "../../plan/readiness";
import { assessWorkloads, isOfRelease } from "./workload";

/** The agent of one node on its way to the new release. */
interface AgentState {
  readonly node: string;
  readonly changed: boolean;
  readonly ready: boolean;
  /** `1.19.5`, or what else distinguishes the two releases. */
  readonly runs: string;
  readonly text: string;
  readonly cause?: string;
}

/** Every workload changed and rolled out, and the agents node by node. */
export function assessRollout(plan: RolloutReadinessPlan, snapshot: Snapshot): Assessment {
  const part = assessWorkloads(plan.workloads, snapshot, plan.cluster);
  const agents = agentStates(plan, snapshot);
  const waiting = agents.filter(({ changed, ready }) => !changed || !ready);
  const missing = [
    ...part.missing,
    ...waiting.map(({ node, cause }): Missing => ({
      who: node,
      what: "agent changed and ready",
      ...(cause === undefined ? {} : { cause }),
    })),
  ];
  return {
    statuses: [...part.statuses, ...waiting.map(statusOf)],
    missing,
    milestones: [{ phase: "rollout", started: true, done: missing.length === 0 }],
    ...(agents.length === 0 ? {} : { summary: summaryOf(agents) }),
  };
}

function statusOf({ node, text: words }: AgentState): Status {
  return {
    key: `agent/${node}`,
    who: node,
    phase: "agent",
    text: words,
    gone: "the agent is changed and ready",
  };
}

function agentStates(plan: RolloutReadinessPlan, snapshot: Snapshot): readonly AgentState[] {
  const release = plan.workloads.find(({ kind, name }) => kind === "DaemonSet" && name === "cilium")?.release;
  if (release === undefined) return [];
  const byNode = new Map<string, Pod>();
  for (const pod of [...agentPods(snapshot)].sort(oldestFirst)) {
    const node = pod.spec?.nodeName;
    // The pod on its way out counts until its successor is there.
    if (node !== undefined) byNode.set(node, pod);
  }
  const next = versionOfRelease(release);
  const onlySettings = [...byNode.values()].some(
    (pod) => !isOfRelease(pod, release) && versionOf(pod) === next,
  );
  return [...byNode]
    .map(([node, pod]) => agentState(node, pod, isOfRelease(pod, release), onlySettings))
    .sort(byNodeName);
}

function agentState(node: string, pod: Pod, changed: boolean, onlySettings: boolean): AgentState {
  const going = pod.metadata.deletionTimestamp !== undefined;
  const ready = !going && condition(pod, "Ready")?.status === "True";
  const runs = `${versionOf(pod) ?? "another image"}${onlySettings ? ` with ${changed ? "new" : "old"} settings` : ""}`;
  const waiting = (pod.status?.containerStatuses ?? [])
    .map((status) => status.state?.waiting?.message)
    .find((message) => message !== undefined && message !== "");
  return {
    node,
    changed,
    ready,
    runs,
    text: going ? `stops ${runs}` : changed ? `starts ${runs}` : `still runs ${runs}`,
    ...(waiting === undefined ? {} : { cause: waiting }),
  };
}

/** Which version runs where, shown when a rollout ends. */
function summaryOf(agents: readonly AgentState[]): string {
  const done = agents.filter(({ changed, ready }) => changed && ready);
  const down = agents.filter(({ ready }) => !ready);
  const old = agents.filter(({ changed, ready }) => !changed && ready);
  const named = (some: readonly AgentState[]) => some.map(({ node }) => node).join(", ");
  return [
    `${done.length} of ${agents.length} agents are changed${done[0] === undefined ? "" : `: ${done[0].runs}`}`,
    ...(down.length === 0 ? [] : [`not ready: ${named(down)}`]),
    ...(old[0] === undefined ? [] : [`${old.length} still serve as before: ${old[0].runs}`]),
  ].join("; ");
}

function versionOf(pod: Pod): string | undefined {
  const agent = (pod.spec?.containers ?? []).find((container) => container.name === "cilium-agent");
  return versionOfImage(agent?.image ?? "");
}

function versionOfRelease({ images }: Release): string | undefined {
  return versionOfImage(images["cilium-agent"] ?? "");
}

function oldestFirst(a: Pod, b: Pod): number {
  const at = ({ metadata }: Pod) =>
    `${metadata.deletionTimestamp === undefined ? 1 : 0} ${metadata.creationTimestamp ?? ""}`;
  return at(a).localeCompare(at(b));
}

function byNodeName(a: AgentState, b: AgentState): number {
  return a.node.localeCompare(b.node);
}
