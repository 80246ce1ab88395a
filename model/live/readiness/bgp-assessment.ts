import type { CiliumBGPNodeConfig } from "../../kubernetes/cilium";
import { condition, conditionIs } from "../../kubernetes/condition";
import type { Node } from "../../kubernetes/core";
import { defined, selects } from "../../kubernetes/object";
import { type SessionCause, sessionCause, internalAddress } from "../bgp/session-cause";
import type { Assessment, Missing, Status } from "./assessment";
import { type Snapshot, agentPods, inWorkload, named as byName } from "../snapshot";
import type { BgpReadinessPlan, ExpectedPeer } from "../../plan/readiness";

type Instance = BgpReadinessPlan["instances"][number];

/** A session that was lost once must hold this long before it counts: a limit cuts it again every few seconds. */
const steadyAfterLossSeconds = 15;

/** One session as its node's agent reports it. */
export interface ReportedSession {
  readonly instance: Instance;
  readonly peer: ExpectedPeer;
  readonly node: Node;
  readonly state?: string;
  /** RFC 3339; only while established. */
  readonly establishedTime?: string;
  readonly peerASN: number;
  readonly advertised: number;
  readonly history?: SessionHistory;
  /** Why the agent's word does not count. */
  readonly trouble?: string;
  /** Why it is not established, as far as this side shows it. */
  readonly cause?: SessionCause;
}

/**
 * Every peer of every selected node must be established and announce what is planned, seen from the node and with a
 * living agent behind it.
 */
export function assessBgp(
  plan: BgpReadinessPlan,
  snapshot: Snapshot,
  histories: SessionHistories,
  now: number,
): Assessment {
  const sessions = reportedSessions(plan, snapshot, histories);
  const unsteady = sessions.flatMap((each) => missingOf(each, plan.steadySeconds, now));
  const missing = [...unselected(plan, snapshot), ...unsteady];
  return {
    statuses: sessions.flatMap(statusOf),
    missing,
    milestones: [{ phase: "bgp", started: true, done: missing.length === 0 }],
  };
}

/** All sessions that the plan wants of the nodes there are. */
export function reportedSessions(
  plan: BgpReadinessPlan,
  snapshot: Snapshot,
  histories: SessionHistories,
): readonly ReportedSession[] {
  return plan.instances.flatMap((instance) =>
    selectedNodes(instance, snapshot).flatMap((node) =>
      instance.peers.map((peer) => reported(instance, peer, node, snapshot, histories)),
    ),
  );
}

function selectedNodes(instance: Instance, snapshot: Snapshot): readonly Node[] {
  return inWorkload(snapshot, "nodes").filter((node) => selects(instance.nodeSelector, node.metadata.labels));
}

function unselected(plan: BgpReadinessPlan, snapshot: Snapshot): readonly Missing[] {
  return plan.instances
    .filter((instance) => selectedNodes(instance, snapshot).length === 0)
    .map((instance) => ({
      who: plan.cluster,
      what: `a node that ${instance.clusterConfig} selects (${selectorText(instance)})`,
    }));
}

/** `rack=a, role=worker`, or `every node`. */
function selectorText(instance: Instance): string {
  const { matchLabels = {}, matchExpressions = [] } = instance.nodeSelector;
  const parts = [
    ...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`),
    ...matchExpressions.map(({ key, values = [] }) => `${key}=${values.join("|")}`),
  ];
  return parts.length === 0 ? "every node" : parts.join(", ");
}

function reported(
  instance: Instance,
  peer: ExpectedPeer,
  node: Node,
  snapshot: Snapshot,
  histories: SessionHistories,
): ReportedSession {
  const name = node.metadata.name;
  const config = byName(inWorkload(snapshot, "bgpNodeConfigs"), name);
  const named = ({ name: own }: { readonly name: string }) => own === instance.instance;
  const running = (config?.status?.bgpInstances ?? []).find(named);
  const wanted = (config?.spec?.bgpInstances ?? []).find(named);
  const found = (running?.peers ?? []).find((entry) => entry.name === peer.name);
  const own = (wanted?.peers ?? []).find((entry) => entry.name === peer.name);
  const state = found?.peeringState;
  const establishedTime = found?.establishedTime;
  const counts = (found?.routeCount ?? []).find((entry) => entry.afi === peer.family);
  const advertised = counts?.advertised ?? 0;
  const history = histories.get(sessionKey(name, peer.name));
  const trouble = nodeTrouble(name, config, snapshot);
  const nodeAddress = own?.localAddress ?? internalAddress(node, peer);
  const notified = snapshot.workload.notifications?.[name];
  const reach = snapshot.workload.routers?.[`${peer.address} ${peer.port}`];
  const cause = sessionCause({
    peer,
    localASN: wanted?.localASN ?? instance.localASN,
    advertised,
    ...defined({ nodeAddress, state, seen: history }),
    ...(notified === undefined
      ? {}
      : { notifications: notified.filter(({ address }) => address === peer.address) }),
    others: establishedWith(peer, snapshot),
    ...(reach === undefined ? {} : { reach }),
  });
  return {
    instance,
    peer,
    node,
    peerASN: found?.peerASN ?? peer.asn,
    advertised,
    ...defined({ state, establishedTime, history, trouble, cause }),
  };
}

/** How many nodes have a session with that address of a router. */
function establishedWith(peer: ExpectedPeer, snapshot: Snapshot): number {
  return inWorkload(snapshot, "bgpNodeConfigs").filter((config) =>
    (config.status?.bgpInstances ?? [])
      .flatMap((instance) => instance.peers ?? [])
      .some((entry) => entry.peerAddress === peer.address && entry.peeringState === "established"),
  ).length;
}

const labelOf = ({ peer, peerASN }: ReportedSession) => `${peer.name} ${peer.address} AS${peerASN}`;

function statusOf(session: ReportedSession): readonly Status[] {
  const { instance, peer, node, state, advertised } = session;
  if (state === undefined) return [];
  const name = node.metadata.name;
  const routes = state === "established" ? `, announces ${advertised} ${peer.family}` : "";
  return [
    {
      key: `bgp/${name}/${instance.instance}/${peer.name}`,
      who: name,
      phase: "bgp",
      text: `${labelOf(session)} ${state}${routes}`,
    },
  ];
}

function missingOf(session: ReportedSession, steadySeconds: number, now: number): readonly Missing[] {
  const { peer, node, state, trouble, cause, history, advertised } = session;
  const who = node.metadata.name;
  const established = `BGP session with ${labelOf(session)} established`;
  if (trouble !== undefined) return [{ who, what: established, cause: trouble }];
  if (state === undefined) return [{ who, what: established, cause: "the agent has not started this peer" }];
  if (state !== "established") {
    const words = cause === undefined ? "" : `; ${cause.certainty} ${cause.id}: ${cause.problem}`;
    return [{ who, what: established, cause: `session is ${state}${words}` }];
  }
  const heldSeconds = (now - (history?.establishedSince ?? now)) / 1000;
  const lost = (history?.lost ?? 0) > 0;
  const mustHoldSeconds = lost ? Math.max(steadyAfterLossSeconds, steadySeconds) : steadySeconds;
  if (heldSeconds < mustHoldSeconds) {
    return [{ who, what: `${established} for ${mustHoldSeconds} s${lost ? " after it was lost" : ""}` }];
  }
  if (!peer.countFollows) return [];
  if (advertised < peer.advertised.least) {
    const what = `${peer.advertised.least} ${peer.family} route(s) announced to ${peer.name}`;
    return [{ who, what, cause: `announces ${advertised}: no pod network on the node, or no advertisement` }];
  }
  if (advertised - peer.endOfRibCounted > peer.maximumPrefixes) {
    const what = `at most ${peer.maximumPrefixes} routes announced to ${peer.name}`;
    return [{ who, what, cause: `announces ${advertised}: ${peer.router} cuts the session at its limit` }];
  }
  return [];
}

/** The agent writes the sessions' state and nothing clears it when the agent dies, so a dead agent's word does not count. */
function nodeTrouble(
  node: string,
  config: CiliumBGPNodeConfig | undefined,
  snapshot: Snapshot,
): string | undefined {
  if (config === undefined) return "no CiliumBGPNodeConfig for this node yet";
  const agents = agentPods(snapshot);
  const agent = agents.find((pod) => pod.spec?.nodeName === node);
  if (agents.length > 0 && !conditionIs(agent, "Ready", "True"))
    return "the Cilium agent on this node is not Ready";
  const reconcile = condition(config, "cilium.io/BGPReconcileError");
  return reconcile?.status === "True" ? `BGPReconcileError: ${reconcile.message}` : undefined;
}

/** What a session has been through since we look: Cilium's status holds the present state only. */
interface SessionHistory {
  /** Every `peeringState` that was seen. */
  readonly states: ReadonlySet<string>;
  /** How often it was established and then was not. */
  readonly lost: number;
  /** Since when it has been established; epoch milliseconds. */
  readonly establishedSince?: number;
}

/** Histories by `node/peer`. */
export type SessionHistories = ReadonlyMap<string, SessionHistory>;

/** The histories after one more look. */
export function advanceSessions(before: SessionHistories, snapshot: Snapshot, now: number): SessionHistories {
  const after = new Map(before);
  for (const config of inWorkload(snapshot, "bgpNodeConfigs")) {
    for (const instance of config.status?.bgpInstances ?? []) {
      for (const peer of instance.peers ?? []) {
        const key = sessionKey(config.metadata.name, peer.name);
        const state = peer.peeringState;
        if (state !== undefined) after.set(key, advance(before.get(key), state, now));
      }
    }
  }
  return after;
}

/** Where a session's history is kept. */
function sessionKey(node: string, peer: string): string {
  return `${node}/${peer}`;
}

function advance(before: SessionHistory | undefined, state: string, now: number): SessionHistory {
  const established = state === "established";
  const lostNow = !established && before?.establishedSince !== undefined;
  return {
    states: new Set([...(before?.states ?? []), state]),
    lost: (before?.lost ?? 0) + (lostNow ? 1 : 0),
    ...(established ? { establishedSince: before?.establishedSince ?? now } : {}),
  };
}
