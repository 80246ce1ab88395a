import type { NodeBgp, PeerPlan } from "./plan-nodes";
import { timestamp, withConditions } from "../../conditions";
import {
  type KubernetesObject,
  defined,
  field,
  list,
  number,
  text,
} from "../../../../model/kubernetes/object";

/** What a speaker knows of one session. */
export interface SessionState {
  readonly address: string;
  /** In Cilium's words. */
  readonly state: PeeringState;
  /** The peer's ASN: learned where the configuration leaves it open. */
  readonly asn: number;
  /** RFC 3339, while established. */
  readonly establishedTime?: string;
  readonly holdSeconds?: number;
  readonly keepAliveSeconds?: number;
  readonly routes: readonly {
    readonly afi: string;
    readonly safi: string;
    readonly received: number;
    readonly advertised: number;
  }[];
}

/** In the order of GoBGP's own numbers. */
const states = ["unknown", "idle", "connect", "active", "open_sent", "open_confirm", "established"] as const;
/** How Cilium spells a session's state in CiliumBGPNodeConfig. */
type PeeringState = (typeof states)[number];

const afis: Readonly<Record<number, string>> = { 1: "ipv4", 2: "ipv6" };
const safis: Readonly<Record<number, string>> = { 1: "unicast" };

/** Reads the answer of `gobgp -j neighbor ADDRESS`. Fields that are zero are left out there; the password is not taken. */
export function sessionState(answer: unknown): SessionState {
  const state = states[number(answer, "state", "session_state") ?? 0] ?? "unknown";
  const base = {
    address: text(answer, "conf", "neighbor_address") ?? "",
    state,
    asn: number(answer, "state", "peer_asn") ?? number(answer, "conf", "peer_asn") ?? 0,
  };
  if (state !== "established") return { ...base, routes: [] };
  const up = number(answer, "timers", "state", "uptime", "seconds");
  const hold = number(answer, "timers", "state", "negotiated_hold_time");
  const keepAlive = number(answer, "timers", "state", "keepalive_interval");
  return {
    ...base,
    ...(up === undefined
      ? {}
      : { establishedTime: new Date(up * 1000).toISOString().replace(/\.\d+Z$/, "Z") }),
    ...defined({ holdSeconds: hold, keepAliveSeconds: keepAlive }),
    routes: list(answer, "afi_safis")
      .filter((entry) => field(entry, "state", "enabled") === true)
      .map((entry) => ({
        afi: afis[number(entry, "config", "family", "afi") ?? 0] ?? "unknown",
        safi: safis[number(entry, "config", "family", "safi") ?? 0] ?? "unknown",
        received: number(entry, "state", "received") ?? 0,
        advertised: number(entry, "state", "advertised") ?? 0,
      })),
  };
}

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
