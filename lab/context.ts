import type { KubernetesApi } from "../ops/kubernetes/api";
import type { ActiveFaults } from "./faults/fault";
import type { EventLog } from "./processes/event-log";
import type { KeyPair } from "./processes/pki";
import type { Processes } from "./processes/processes";
import type { Toolchain } from "./toolchain";
import type { Servers } from "./workload/servers";

/** How long the simulated hardware takes for each step of a server's life, in seconds. */
export interface Pace {
  readonly register: number;
  readonly inspect: number;
  readonly prepare: number;
  readonly provision: number;
  readonly boot: number;
  readonly join: number;
  readonly deprovision: number;
  /** Until a controller of Metal3 looks again that has found nothing; 30 s in reality. */
  readonly requeue: number;
  /** How much faster than written a remediation's time passes. */
  readonly remediationSpeed: number;
}

/** `fast` for every day; `realistic` keeps the proportions of real servers at about a tenth of their time. */
export const paces = {
  fast: {
    register: 0.5,
    inspect: 1,
    prepare: 0.3,
    provision: 1,
    boot: 0.5,
    join: 0.5,
    deprovision: 1,
    requeue: 0.5,
    remediationSpeed: 200,
  },
  realistic: {
    register: 3,
    inspect: 25,
    prepare: 3,
    provision: 16,
    boot: 15,
    join: 8,
    deprovision: 10,
    requeue: 3,
    remediationSpeed: 20,
  },
} as const satisfies Record<string, Pace>;

/** The management cluster as the lab runs it. */
export interface ManagementAccess {
  /** Full rights (`system:masters`). */
  readonly api: KubernetesApi;
  readonly kubeconfig: string;
  readonly kubeconfigFile: string;
  /** The lab's own authority: signs the management plane and the webhooks, never the workload cluster. */
  readonly authority: KeyPair;
}

/** A network port of a server. */
export interface ServerPort {
  readonly name: string;
  readonly mac: string;
}

/** What every part of the lab is given. Nothing of the lab is found through globals or the process's environment. */
export interface LabContext {
  /** The lab's own folder: logs, data, keys. Its creator removes it. */
  readonly directory: string;
  readonly tools: Toolchain;
  readonly processes: Processes;
  readonly management: ManagementAccess;
  readonly pace: Pace;
  readonly log: EventLog;
  readonly faults: ActiveFaults;
  readonly servers: Servers;
  /** Endpoint addresses that a load balancer serves; any other must be announced by a control plane node itself. */
  readonly loadBalancers: ReadonlySet<string>;
  /** The network ports that servers have besides the one that they boot from, by `namespace/name` of the host. */
  readonly serverPorts: ReadonlyMap<string, readonly ServerPort[]>;
  /** Aborts when the lab ends: watches and loops stop. */
  readonly signal: AbortSignal;
}

/** A running part of the lab, such as the simulated hardware. */
export interface LabPart {
  /** Rejects when the part can no longer do its work; resolves when it was stopped. */
  readonly done: Promise<void>;
  stop(): Promise<void>;
}
