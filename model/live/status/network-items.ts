import type { DaemonSet, Deployment } from "../../kubernetes/core";
import { condition } from "../../kubernetes/condition";
import { type ReportedSession, reportedSessions } from "../readiness/bgp-assessment";
import { type Snapshot, agentPods, inWorkload } from "../snapshot";
import { ciliumContainers, workloadName, workloadState } from "../readiness/workload";
import { type Item, since, worst } from "./item";
import type { BgpReadinessPlan, ClusterReadinessPlan } from "../../plan/readiness";
import { greatest } from "../../text/numbers";

/** Cilium: what of it has rolled out, agents that are not ready, and whether kube-proxy runs beside it. */
export function ciliumItem(plan: ClusterReadinessPlan, snapshot: Snapshot): Item {
  const states = plan.workloads.map((workload) => workloadState(workload, snapshot));
  const workloads = states.map(({ workload, rolledOut, text: words }): Item => ({
    kind: "workload",
    name: workloadName(workload),
    mark: rolledOut ? "good" : "bad",
    text: words,
  }));
  const agents = agentItems(snapshot);
  const agent = states.find(({ workload }) => workload.kind === "DaemonSet" && workload.name === "cilium");
  const version = versionOf(agent?.object);
  return {
    kind: "cilium",
    name: version === undefined ? "Cilium" : `Cilium ${version}`,
    mark: worst([...workloads, ...agents].map(({ mark }) => mark)),
    text: [
      ...states.map(({ workload, text: words }) => `${workload.name} ${words}`),
      `kube-proxy: ${hasKubeProxy(snapshot) ? "runs too" : "not used"}`,
    ].join(", "),
    children: [...workloads.filter(({ mark }) => mark !== "good"), ...agents],
  };
}

function hasKubeProxy(snapshot: Snapshot): boolean {
  return inWorkload(snapshot, "daemonSets").some(({ metadata }) => metadata.name === "kube-proxy");
}

/** `v1.19.1`, from the agent's image. */
function versionOf(agent: DaemonSet | Deployment | undefined): string | undefined {
  const image = agent?.spec?.template?.spec?.containers?.[0]?.image ?? "";
  return /:(v?[0-9][^@]*)/.exec(image.slice(image.lastIndexOf("/") + 1))?.[1];
}

function agentItems(snapshot: Snapshot): readonly Item[] {
  const containers = ciliumContainers(snapshot);
  return agentPods(snapshot)
    .filter((pod) => condition(pod, "Ready")?.status === "False" || pod.status?.phase === "Pending")
    .map((pod) => {
      const waiting = containers.find((state) => state.pod === pod && state.waiting !== undefined)?.waiting;
      const words = waiting?.reason ?? condition(pod, "Ready")?.reason ?? pod.status?.phase ?? "";
      return {
        kind: "agent",
        name: `agent on ${pod.spec?.nodeName ?? "no node"}`,
        mark: "bad",
        text: `${pod.metadata.name} is not ready: ${words}`,
        ...since(condition(pod, "Ready")?.lastTransitionTime ?? pod.metadata.creationTimestamp),
      };
    });
}

/** The BGP sessions of all selected nodes, as their agents report them. */
export function bgpItem(plan: BgpReadinessPlan, snapshot: Snapshot): Item {
  const sessions = reportedSessions(plan, snapshot, new Map());
  const down = sessions.filter((session) => !isEstablished(session));
  const routers = [...new Set(sessions.map(({ peer }) => peer.router))];
  const to = routers.length === 0 ? "" : ` with ${routers.join(", ")}`;
  return {
    kind: "bgp",
    name: "BGP",
    mark: down.length > 0 || sessions.length === 0 ? "bad" : "good",
    text:
      sessions.length === 0
        ? "no node is selected"
        : `${sessions.length - down.length}/${sessions.length} sessions established${to}`,
    ...allSince(sessions),
    children: down.map(sessionItem),
  };
}

function isEstablished({ state, trouble }: ReportedSession): boolean {
  return state === "established" && trouble === undefined;
}

function sessionItem({ node, peer, state, trouble, cause }: ReportedSession): Item {
  const words = [
    state ?? "not started by the agent",
    ...(trouble === undefined ? [] : [trouble]),
    ...(cause === undefined || trouble !== undefined
      ? []
      : [`${cause.certainty} ${cause.id}: ${cause.problem}`]),
  ];
  return {
    kind: "session",
    name: `${node.metadata.name} to ${peer.name} ${peer.address}`,
    mark: "bad",
    text: words.join(", "),
  };
}

/** When the last of the sessions came up: since then all of them hold. */
function allSince(sessions: readonly ReportedSession[]): { readonly since?: number } {
  const times = sessions.map(({ establishedTime }) => Date.parse(establishedTime ?? ""));
  if (times.length === 0 || times.some(Number.isNaN)) return {};
  return { since: greatest(times) };
}
