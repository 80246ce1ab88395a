import type { NetworkNamespace } from "../namespace/network";

/** The configuration of a router in the rehearsal. */
export interface RouterOrder {
  readonly name: string;
  /** Its own addresses, at which the nodes call it. */
  readonly addresses: readonly string[];
  readonly port: number;
  /** Names of the stacks whose nodes peer with it. */
  readonly clusters: readonly string[];
  /** FRR's configuration, with passwords in place. */
  readonly configuration: string;
  /** The same in short, for a router that does not read FRR's language. */
  readonly sessions: readonly RouterSessions[];
  /**
   * Whose packets it forwards, so that it installs what it learns there: the lab's, or those of a network that has its
   * addresses already. Without it, it learns and announces only.
   */
  readonly forwardsOn?: "lab" | NetworkNamespace;
}

/** Sessions that a router accepts from one cluster. */
export interface RouterSessions {
  readonly localASN: number;
  readonly clusterASN: number;
  readonly nodes: readonly string[];
  readonly password?: string;
  readonly families: readonly ("ipv4" | "ipv6")[];
}

/** A path that the router holds. */
export interface RouterPath {
  readonly prefix: string;
  readonly nextHop: string;
  readonly valid: boolean;
}

/** A session as the router sees it. */
export interface RouterPeer {
  readonly address: string;
  readonly established: boolean;
  readonly state: string;
  readonly received: number;
}

/** A router that runs in the lab. */
export interface Router {
  readonly order: RouterOrder;
  /** `FRR 8.4.4`, or its replacement. */
  readonly software: string;
  /** A command for people, to be run in the lab's shell; `SHOW` is the query. */
  readonly inspectCommand: string;
  readonly runs: boolean;
  /** Starts it; with another configuration when one is given. */
  start(configuration?: string): Promise<void>;
  /** SIGKILL: its peers learn it from TCP only. */
  stop(): Promise<void>;
  peers(): Promise<RouterPeer[]>;
  paths(): Promise<RouterPath[]>;
  /** What it answers to `npm run metal -- bgp verify`, its log included; empty where it is no FRR. */
  answers(): Promise<string>;
}
