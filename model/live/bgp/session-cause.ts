import type { Node } from "../../kubernetes/core";
import type { RouterState } from "./router-state";
import { familyOf, isInNetwork, parseAddress } from "../../net/addresses";
import type { ExpectedPeer } from "../../plan/readiness";

/** How sure a cause is: `certain` contradicts something that was read; `likely` and `possible` follow from a state. */
export type Certainty = "certain" | "likely" | "possible";

/** Why a session is not as it must be. */
export interface SessionCause {
  /** Stable id, `bgp/…`: what would have to hold. */
  readonly id: string;
  readonly certainty: Certainty;
  readonly problem: string;
  readonly evidence: string;
  readonly fix: string;
}

/** What is known of one session that is not established. */
export interface SessionFacts {
  readonly peer: ExpectedPeer;
  /** The node's ASN as planned. */
  readonly localASN: number;
  /** Where the node's session starts from, when that is known. */
  readonly nodeAddress?: string;
  /** `peeringState` of CiliumBGPNodeConfig; absent while the agent does not run the peer. */
  readonly state?: string;
  /** All states that were seen since observation began, and how often an established session was lost. */
  readonly seen?: { readonly states: ReadonlySet<string>; readonly lost: number };
  /** Routes that the node announced last. */
  readonly advertised?: number;
  readonly router?: RouterState;
  /** What the log of the node's agent says of this peer, oldest first; absent when it could not be read. */
  readonly notifications?: readonly AgentNotification[];
  /** How many other nodes are established with the same address of the router. */
  readonly others?: number;
  /** Whether the router takes TCP connections from here, which is no node. */
  readonly reach?: RouterReach;
}

/** What became of a TCP connection to a router's BGP port. */
export type RouterReach = "accepted" | "refused" | "silent";

/**
 * The cause of a session that is not established. CiliumBGPNodeConfig holds a state and no reason, so without the
 * router's word a cause is at most likely.
 */
export function sessionCause(facts: SessionFacts): SessionCause | undefined {
  if (facts.state === "established") return undefined;
  return outsideRange(facts) ?? fromAgent(facts) ?? fromRouter(facts) ?? fromState(facts);
}

function outsideRange({ peer, nodeAddress }: SessionFacts): SessionCause | undefined {
  const address = nodeAddress === undefined ? undefined : parseAddress(nodeAddress);
  if (address === undefined || peer.listenRanges.length === 0) return undefined;
  if (peer.listenRanges.some((range) => isInNetwork(address.text, range))) return undefined;
  return {
    id: "bgp/node-inside-range",
    certainty: "certain",
    problem: `${peer.router} takes no session from ${address.text}`,
    evidence: `${address.text} is outside the listen range ${peer.listenRanges.join(", ")}`,
    fix: `widen listenRanges of router ${peer.router}, and load its new configuration`,
  };
}

/** Real sessions with wrong ASNs are `active` all the time: only the agent's log tells them from silence. */
function fromAgent(facts: SessionFacts): SessionCause | undefined {
  const notification = (facts.notifications ?? []).findLast((each) => isBadPeerAs(each) || isOverLimit(each));
  if (notification === undefined) return undefined;
  const { direction, code, subcode } = notification;
  const evidence = `the agent ${direction} NOTIFICATION ${code}/${subcode}`;
  return isBadPeerAs(notification)
    ? asnMismatch(facts.peer, `${evidence}, bad peer AS`)
    : overLimit(facts, "certain", `${evidence}, maximum number of prefixes reached`);
}

/** OPEN Message Error, Bad Peer AS (RFC 4271). */
const isBadPeerAs = ({ code, subcode }: AgentNotification) => code === 2 && subcode === 2;

/** Cease, Maximum Number of Prefixes Reached (RFC 4486), by itself or as the reason of a hard reset (RFC 8538). */
const isOverLimit = ({ direction, code, subcode, reason }: AgentNotification) =>
  direction === "received" &&
  code === 6 &&
  (subcode === 1 || (subcode === 9 && reason?.code === 6 && reason.subcode === 1));

function fromRouter(facts: SessionFacts): SessionCause | undefined {
  const { peer, localASN, nodeAddress, router } = facts;
  if (router === undefined) return undefined;
  if (router.asn !== undefined && router.asn !== peer.asn) {
    return asnMismatch(peer, `the router runs AS ${router.asn}, the stack has ${peer.asn}`);
  }
  if (nodeAddress === undefined) return undefined;
  const heard = router.log.findLast(({ address, kind }) => address === nodeAddress && kind !== "other");
  const known = router.peers?.get(nodeAddress);
  if (known?.remoteASN !== undefined && known.remoteASN !== localASN) {
    return asnMismatch(
      peer,
      `the router expects AS ${known.remoteASN} from ${nodeAddress}, the node is ${localASN}`,
    );
  }
  if (heard?.kind === "bad-peer-as") return asnMismatch(peer, heard.text);
  const reason = known?.lastNotification ?? "";
  if (
    heard?.kind === "maximum-prefix" ||
    /PfxCt/.test(known?.state ?? "") ||
    /Maximum Number of Prefixes/i.test(reason)
  ) {
    return overLimit(facts, "certain", heard?.text ?? `${nodeAddress} is ${known?.state ?? ""}; ${reason}`);
  }
  if (router.peers === undefined) return undefined;
  if (known === undefined && peer.listenRanges.length === 0) {
    return {
      id: "bgp/neighbour-configured",
      certainty: "certain",
      problem: `${peer.router} does not know ${nodeAddress}`,
      evidence: `no neighbour ${nodeAddress} among the ${router.peers.size} that it has`,
      fix: `load the configuration of npm run metal -- router --router ${peer.router}`,
    };
  }
  if (/Hold Timer Expired/i.test(reason)) {
    return {
      id: "bgp/node-answers",
      certainty: "likely",
      problem: `the node stopped answering ${peer.router}`,
      evidence: `the router ended the session: ${reason}`,
      fix: "look at the node, its agent and its link",
    };
  }
  return {
    id: peer.password ? "bgp/password-agreed" : "bgp/router-reachable",
    certainty: "likely",
    problem: peer.password
      ? `the password of ${peer.name} is not the one that ${peer.router} has, or packets are lost on the way`
      : `packets between ${nodeAddress} and ${peer.address} are lost, or the router has a password and the node none`,
    evidence: `${peer.router} ${known === undefined ? "has no session from" : `is ${known.state} with`} ${nodeAddress} and has read no OPEN from it`,
    fix: peer.password
      ? `set the same password on both sides: npm run metal -- router --router ${peer.router} --show-secrets`
      : `ping ${peer.address} from the node; look for a password and for a firewall on TCP port ${peer.port}`,
  };
}

function asnMismatch(peer: ExpectedPeer, evidence: string): SessionCause {
  return {
    id: "bgp/asn-agreed",
    certainty: "certain",
    problem: `the two ends of ${peer.name} do not agree on the ASNs`,
    evidence,
    fix: `correct asn of router ${peer.router} or localASN in the stack file, or the router`,
  };
}

function overLimit({ peer, advertised }: SessionFacts, certainty: Certainty, evidence: string): SessionCause {
  const count = advertised === undefined ? "more" : `${advertised}`;
  return {
    id: "bgp/prefixes-below-maximum",
    certainty,
    problem: `${peer.router} cut the session: the node announced ${count} routes, the limit is ${peer.maximumPrefixes}`,
    evidence,
    fix: `raise maximumPrefixes of router ${peer.router}, load its configuration, then clear the session there`,
  };
}

/** What the node's side alone shows: whether anything answered, and whether an answer was a refusal. */
function fromState(facts: SessionFacts): SessionCause {
  const { peer, state, seen } = facts;
  const states = [...(seen?.states ?? []), ...(state === undefined ? [] : [state])];
  const evidence = `session is ${state ?? "not started"}; seen so far: ${[...new Set(states)].sort().join(", ")}`;
  if (state === undefined) {
    return {
      id: "bgp/peer-started",
      certainty: "possible",
      problem: `the agent has not started peer ${peer.name}`,
      evidence: "CiliumBGPNodeConfig reports no state for it",
      fix: `see that CiliumBGPPeerConfig ${peer.peerConfig} exists and that the agent runs`,
    };
  }
  if ((seen?.lost ?? 0) > 0 && facts.notifications === undefined) {
    return {
      ...overLimit(facts, "possible", `established and lost ${seen?.lost ?? 0} times; ${evidence}`),
      problem: `${peer.router} ends the session again and again: a limit of ${peer.maximumPrefixes} routes, or a reset by hand`,
    };
  }
  if (facts.reach === "refused") {
    return {
      id: "bgp/router-answers",
      certainty: "likely",
      problem: `no BGP daemon listens at ${peer.address}:${peer.port}`,
      evidence: `a TCP connection from here is refused; ${evidence}`,
      fix: `start the router's BGP daemon, with npm run metal -- router --router ${peer.router}`,
    };
  }
  const others = facts.others ?? 0;
  if (others > 0) {
    return unexpected(facts, `${others} other node(s) are established with ${peer.address}; ${evidence}`);
  }
  // Every session begins idle, so only one that is idle now has been sent away.
  if (state === "idle" || ["open_sent", "open_confirm"].some((each) => states.includes(each))) {
    if (facts.notifications !== undefined) {
      return unexpected(facts, `the connection is closed without a NOTIFICATION; ${evidence}`);
    }
    return {
      id: "bgp/asn-agreed",
      certainty: "likely",
      problem: `${peer.router} answers and refuses: another ASN than ${peer.asn}, or it expects another than the node's ${facts.localASN}`,
      evidence,
      fix: `compare the ASNs; npm run metal -- bgp verify --router-command shows more`,
    };
  }
  if (facts.reach === "accepted") {
    return {
      id: "bgp/password-agreed",
      certainty: "likely",
      problem: peer.password
        ? `the password of ${peer.name} is not the one that ${peer.router} has, or ${peer.router} expects none of these nodes`
        : `${peer.router} has a password and the nodes have none, or it expects none of these nodes`,
      evidence: `${peer.address}:${peer.port} takes connections from here, but none of a node; ${evidence}`,
      fix: `load npm run metal -- router --router ${peer.router} --show-secrets on the router`,
    };
  }
  return {
    id: "bgp/router-answers",
    certainty: "possible",
    problem:
      `no answer from ${peer.address}:${peer.port}: router down or unreachable, no line or listen range for this node` +
      (peer.password ? ", or another password" : ", or it wants a password"),
    evidence,
    fix: `load npm run metal -- router --router ${peer.router}, then npm run metal -- bgp verify --router-command`,
  };
}

/** The router is there and right for others, or hangs up as soon as it has read who calls. */
function unexpected({ peer, nodeAddress }: SessionFacts, evidence: string): SessionCause {
  return {
    id: "bgp/neighbour-configured",
    certainty: "likely",
    problem: `${peer.router} does not expect ${nodeAddress ?? "this node"}: it has no line for it, and no listen range that holds it`,
    evidence,
    fix: `load npm run metal -- router --router ${peer.router} on the router`,
  };
}

/** One NOTIFICATION in the log of a node's agent: the only place on the node's side that says why a session ends. */
export interface AgentNotification {
  /** The peer's address. */
  readonly address: string;
  readonly direction: "sent" | "received";
  readonly code: number;
  readonly subcode: number;
  /** What a hard reset carries: the code and subcode of its reason (RFC 8538). */
  readonly reason?: { readonly code: number; readonly subcode: number };
}

/**
 * Reads what GoBGP says inside an agent's log, whether the log is written as `key=value` (Cilium's default) or as JSON.
 * Other lines are passed over; oldest first.
 */
export function agentNotifications(log: string): readonly AgentNotification[] {
  return log.split(/\r?\n/).flatMap((line) => {
    const direction = /\b(sent|received) notification\b/.exec(line)?.[1];
    const address = value(line, "Key");
    if ((direction !== "sent" && direction !== "received") || address === undefined) return [];
    const codes = codesIn(line);
    if (codes === undefined) return [];
    const reason = codes.code === 6 && codes.subcode === 9 ? reasonIn(line) : undefined;
    return [{ address, direction, ...codes, ...(reason === undefined ? {} : { reason }) }];
  });
}

/** Subcodes of an OPEN Message Error by GoBGP's words (cilium/gobgp v3.0.0-20260130142103 pkg/packet/bgp/validate.go). */
const refusedOpens: readonly (readonly [words: RegExp, subcode: number])[] = [
  [/unsupported version \d/, 1],
  [/as number mismatch expected \d/, 2],
  [/bad BGP identifier /, 3],
  [/unacceptable hold time \d/, 6],
];

/** The agents of 1.18 and 1.19 write words in place of codes where they refuse what the peer has sent (`pkg/server/fsm.go` there). */
function codesIn(line: string): { readonly code: number; readonly subcode: number } | undefined {
  const [code, subcode] = [Number(value(line, "Code")), Number(value(line, "Subcode"))];
  if (Number.isInteger(code) && Number.isInteger(subcode)) return { code, subcode };
  const refused = refusedOpens.find(([words]) => words.test(line));
  return refused === undefined ? undefined : { code: 2, subcode: refused[1] };
}

/** `Key=192.0.2.1`, `Key="192.0.2.1"` or `"Key":"192.0.2.1"`. */
function value(line: string, key: string): string | undefined {
  return new RegExp(`(?:^|[\\s,{"])${key}"?[=:]\\s*"?([^\\s",}]+)`).exec(line)?.[1];
}

/** JSON has the data of a hard reset as base64, text as `[6 1 …]`. */
function reasonIn(line: string): AgentNotification["reason"] {
  const [, first, second] = /\bData"?[=:]\s*"?\[(\d+)[ ,]+(\d+)/.exec(line) ?? [];
  if (first !== undefined) return { code: Number(first), subcode: Number(second) };
  const data = value(line, "Data") ?? "null";
  if (data === "null" || !/^[A-Za-z0-9+/]{4,}=*$/.test(data)) return undefined;
  const [code, subcode] = base64Start(data);
  return { code, subcode };
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The first two bytes of a base64 text; model/ has no Buffer. */
function base64Start(text: string): readonly [number, number] {
  const [a = 0, b = 0, c = 0] = [...text.slice(0, 3)].map((letter) => alphabet.indexOf(letter));
  return [(a << 2) | (b >> 4), ((b & 15) << 4) | (c >> 2)];
}

/** The address of a node from which it opens a session. */
export function internalAddress({ status }: Node, { family }: ExpectedPeer): string | undefined {
  return status?.addresses?.find(({ type, address }) => type === "InternalIP" && familyOf(address) === family)
    ?.address;
}
