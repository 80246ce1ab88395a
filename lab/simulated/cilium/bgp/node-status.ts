import type { KubernetesObject } from "../../../../model/kubernetes/object";
import { timestamp, withConditions } from "../../conditions";
import type { NodeBgp, PeerPlan } from "./plan-nodes";
import type { SessionState } from "./session-state";

/** What the speakers of one node report: by instance, its sessions. */
export type NodeSessions = ReadonlyMap<string, readonly SessionState[]>;

/** The status that the agent writes into its CiliumBGPNodeConfig; a peer without a session is left out. */
export function nodeStatus(
  config: KubernetesObject,
  plan: NodeBgp,
  sessions: NodeSessions,
): Record<string, unknown> {
  const errors = {
    type: "cilium.io/BGPReconcileError",
    status: plan.errors.length > 0 ? ("True" as const) : ("False" as const),
    reason: "BGPReconcileError",
    message: plan.errors.join("; "),
  };
  return {
    bgpInstances: plan.speakers.map(({ instance, localASN, peers }) => ({
      name: instance,
      localASN,
      peers: peers.flatMap((peer) => {
        const session = sessions.get(instance)?.find((entry) => entry.address === peer.address);
        return session === undefined ? [] : [peerStatus(peer, session)];
      }),
    })),
    conditions: withConditions(config, [errors], timestamp()),
  };
}

function peerStatus(peer: PeerPlan, session: SessionState): Record<string, unknown> {
  const { state, asn, establishedTime, holdSeconds, keepAliveSeconds, routes } = session;
  const base = { name: peer.name, peerAddress: peer.address, peerASN: asn, peeringState: state };
  if (state !== "established") return base;
  return {
    ...base,
    ...(establishedTime === undefined ? {} : { establishedTime }),
    timers: {
      appliedHoldTimeSeconds: holdSeconds ?? peer.holdSeconds,
      appliedKeepaliveSeconds: keepAliveSeconds ?? peer.keepAliveSeconds,
    },
    routeCount: routes,
  };
}
