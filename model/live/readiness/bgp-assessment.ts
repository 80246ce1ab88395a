import { type SessionCause, sessionCause } from "../bgp/session-cause";
import { familyOf } from "../../net/addresses";
import { type KubernetesObject, list, number, selects, text } from "../../kubernetes/object";
import type { Assessment, Missing, Status } from "./assessment";
import { type SessionHistories, type SessionHistory, sessionKey } from "./bgp-history";
import { condition, conditionIs } from "../../kubernetes/condition";
import { type Observation, agentPods, allInWorkload } from "./observation";
import type { BgpReadinessPlan, ExpectedPeer } from "../../plan/readiness";

type Instance = BgpReadinessPlan["instances"][number];

/** A session that was lost once must hold this long before it counts: a limit cuts it again every few seconds. */
const steadyAfterLossSeconds = 15;

/** One session as its node's agent reports it. */
export interface ReportedSession {
  readonly instance: Instance;
  readonly peer: ExpectedPeer;
  readonly node: KubernetesObject;
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
  observation: Observation,
  histories: SessionHistories,
  now: number,
): Assessment {
  const sessions = reportedSessions(plan, observation, histories);
  const unsteady = sessions.flatMap((each) => missingOf(each, plan.steadySeconds, now));
  const missing = [...unselected(plan, observation), ...unsteady];
  return {
    statuses: sessions.flatMap(statusOf),
    missing,
    milestones: [{ phase: "bgp", started: true, done: missing.length === 0 }],
  };
}

/** All sessions that the plan wants of the nodes there are. */
export function reportedSessions(
  plan: BgpReadinessPlan,
  observation: Observation,
  histories: SessionHistories,
): readonly ReportedSession[] {
  return plan.instances.flatMap((instance) =>
    selectedNodes(instance, observation).flatMap((node) =>
      instance.peers.map((peer) => reported(instance, peer, node, observation, histories)),
    ),
  );
}

function selectedNodes(instance: Instance, observation: Observation): readonly KubernetesObject[] {
  return allInWorkload(observation, "nodes").filter((node) =>
    selects(instance.nodeSelector, node.metadata.labels),
  );
}

function unselected(plan: BgpReadinessPlan, observation: Observation): readonly Missing[] {
  return plan.instances
    .filter((instance) => selectedNodes(instance, observation).length === 0)
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
  node: KubernetesObject,
  observation: Observation,
  histories: SessionHistories,
): ReportedSession {
  const name = node.metadata.name;
  const config = observation.workload.objects.bgpNodeConfigs?.get(name);
  const named = (entry: unknown) => text(entry, "name") === instance.instance;
  const running = list(config, "status", "bgpInstances").find(named);
  const wanted = list(config, "spec", "bgpInstances").find(named);
  const found = list(running, "peers").find((entry) => text(entry, "name") === peer.name);
  const own = list(wanted, "peers").find((entry) => text(entry, "name") === peer.name);
  const state = text(found, "peeringState");
  const establishedTime = text(found, "establishedTime");
  const counts = list(found, "routeCount").find((entry) => text(entry, "afi") === peer.family);
  const advertised = number(counts, "advertised") ?? 0;
  const history = histories.get(sessionKey(name, peer.name));
  const trouble = nodeTrouble(name, config, observation);
  const nodeAddress = text(own, "localAddress") ?? internalAddress(node, peer);
  const notified = observation.workload.notifications?.get(name);
  const reach = observation.workload.routers?.get(`${peer.address} ${peer.port}`);
  const cause = sessionCause({
    peer,
    localASN: number(wanted, "localASN") ?? instance.localASN,
    advertised,
    ...(nodeAddress === undefined ? {} : { nodeAddress }),
    ...(state === undefined ? {} : { state }),
    ...(history === undefined ? {} : { seen: history }),
    ...(notified === undefined
      ? {}
      : { notifications: notified.filter(({ address }) => address === peer.address) }),
    others: establishedWith(peer, observation),
    ...(reach === undefined ? {} : { reach }),
  });
  return {
    instance,
    peer,
    node,
    peerASN: number(found, "peerASN") ?? peer.asn,
    advertised,
    ...(state === undefined ? {} : { state }),
    ...(establishedTime === undefined ? {} : { establishedTime }),
    ...(history === undefined ? {} : { history }),
    ...(trouble === undefined ? {} : { trouble }),
    ...(cause === undefined ? {} : { cause }),
  };
}

/** How many nodes have a session with that address of a router. */
function establishedWith(peer: ExpectedPeer, observation: Observation): number {
  return allInWorkload(observation, "bgpNodeConfigs").filter((config) =>
    list(config, "status", "bgpInstances")
      .flatMap((instance) => list(instance, "peers"))
      .some(
        (entry) =>
          text(entry, "peerAddress") === peer.address && text(entry, "peeringState") === "established",
      ),
  ).length;
}

function internalAddress(node: KubernetesObject, { family }: ExpectedPeer): string | undefined {
  return list(node, "status", "addresses")
    .filter((entry) => text(entry, "type") === "InternalIP")
    .map((entry) => text(entry, "address") ?? "")
    .find((address) => address !== "" && familyOf(address) === family);
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
  if (advertised < peer.advertised.least) {
    const what = `${peer.advertised.least} ${peer.family} route(s) announced to ${peer.name}`;
    return [{ who, what, cause: `announces ${advertised}: no pod network on the node, or no advertisement` }];
  }
  if (advertised > peer.maximumPrefixes) {
    const what = `at most ${peer.maximumPrefixes} routes announced to ${peer.name}`;
    return [{ who, what, cause: `announces ${advertised}: ${peer.router} cuts the session at its limit` }];
  }
  return [];
}

/** The agent writes the sessions' state and nothing clears it when the agent dies, so a dead agent's word does not count. */
function nodeTrouble(
  node: string,
  config: KubernetesObject | undefined,
  observation: Observation,
): string | undefined {
  if (config === undefined) return "no CiliumBGPNodeConfig for this node yet";
  const agents = agentPods(observation);
  const agent = agents.find((pod) => text(pod, "spec", "nodeName") === node);
  if (agents.length > 0 && !conditionIs(agent, "Ready", "True"))
    return "the Cilium agent on this node is not Ready";
  const reconcile = condition(config, "cilium.io/BGPReconcileError");
  return reconcile?.status === "True" ? `BGPReconcileError: ${reconcile.message}` : undefined;
}
