import type { NamespaceServers } from "../nodes/servers";
import type { Router } from "../router";
import type { KubernetesApi } from "../../ops/kubernetes/api";

/** What a fault can change. */
export interface FaultContext {
  readonly management: KubernetesApi;
  readonly namespace: string;
  readonly hosts: readonly { readonly name: string; readonly pool: string; readonly address?: string }[];
  readonly endpoint: { readonly host: string; readonly port: number };
  /** The routers that the stack's nodes peer with. */
  readonly routers: readonly Router[];
  /** The workload cluster, once its kubeconfig is there. */
  workload(): Promise<KubernetesApi>;
  readonly hostFaults: ActiveFaults;
  stopApiServer(): Promise<void>;
  startApiServer(): Promise<void>;
  stopResourceSetController(): Promise<void>;
  startResourceSetController(): Promise<void>;
  /** SIGKILL of the engine that runs now. */
  killEngine(): void;
}

/** One place of a stack file, below `config:`, and its value. */
export interface StackChange {
  readonly at: readonly (string | number)[];
  readonly to: unknown;
}

/** One thing that goes wrong on purpose, and how it must end. */
export interface Fault {
  readonly name: string;
  /** What it breaks, in one line. */
  readonly breaks: string;
  /** Simulated agents would not notice it. */
  readonly needsRealCilium?: boolean;
  readonly during: "up" | "destroy";
  /** Injected before the command starts, on the first event of this name in the lab's event log, or after a delay. */
  readonly when: "before" | { readonly once: string } | { readonly afterSeconds: number };
  inject(stage: FaultContext): Promise<void>;
  /** A temporary fault: repaired this many seconds after its injection, while the command still runs. */
  readonly recoversAfterSeconds?: number;
  /** Removes the cause: corrects a password, starts a process again. */
  repair(stage: FaultContext): Promise<void>;
  /** How the affected command must end, and by when. */
  readonly mustEnd: {
    readonly as: "failure" | "success" | "killed";
    readonly withinSeconds: number;
    /** Ending earlier would mean that it did not wait for what the fault delays. */
    readonly notBeforeSeconds?: number;
    /** Every one of these must be in the command's output; a cause id is among them where the program names one. */
    readonly printing: readonly RegExp[];
  };
  /** Changes to the copy of the stack file, such as a shorter time for its BGP sessions. */
  readonly changes?: readonly StackChange[];
  /** Finding ids that a comparison of both ends of BGP must give while the fault lasts, when the command has ended. */
  readonly comparisonFinds?: readonly string[];
  /** The fault of the next attempt, before one without a fault. */
  readonly then?: Fault;
}

/** Something that goes wrong in a finished cluster, or on one node of it, while it carries traffic. */
export interface TrafficFault {
  readonly name: string;
  /** What it breaks, in one line. */
  readonly breaks: string;
  readonly needsRealCilium: true;
  readonly during: "traffic";
  /** Whether it needs nodes in several networks with routers between them. */
  readonly needsRacks?: true;
  inject(nodes: NamespaceServers, node: string, workload: KubernetesApi): void | Promise<void>;
  repair(nodes: NamespaceServers, node: string, workload: KubernetesApi): void | Promise<void>;
  /** What a command of the program must print while it lasts; absent where it ends by itself. */
  readonly named?: { readonly by: "diagnose" | "verify"; readonly printing: RegExp };
  /** What the agent of a node must have written into its log when the fault was injected. */
  readonly agentLogs?: RegExp;
  /** Requests from and to the node itself get lost. */
  readonly cutsNode: boolean;
}

/** The first worker's host: it is claimed last, so that everything before it works. */
export function workerHost(stage: FaultContext): string {
  const host = stage.hosts.find((each) => each.pool !== "control-plane") ?? stage.hosts.at(-1);
  if (host === undefined) throw new Error("the stack has no hosts");
  return host.name;
}

/** How the simulated hardware can fail; each ends as the real controllers would have it end. */
export type HostFaultKind =
  /** The BMC refuses the credentials: `registering` ends in `registration error`, again and again. */
  | "bmc-password"
  /** The BMC does not answer: `registering` ends in `registration error`, whatever the login. */
  | "bmc-silent"
  /** The image's checksum does not match: `provisioning` ends in `provisioning error`. */
  | "image-checksum"
  /** The image cannot be written, as when no disk fits the hints: the operator cleans the host and begins again. */
  | "image-write"
  /** The server's kubelet never reports again, whatever reboots do: its node stays not ready. */
  | "node-dead"
  /** The BMC never finishes cleaning: the host stays in `deprovisioning`. */
  | "bmc-hangs-deprovisioning"
  /** The network card's driver takes no XDP program: an agent that shall accelerate with it ends at once. */
  | "nic-without-xdp";

/** One active fault; `host` is the name of a BareMetalHost, or all hosts when left out. */
export interface HostFault {
  readonly kind: HostFaultKind;
  readonly host?: string;
}

/** The host faults that are active now. The simulated hardware checks them before each step; faults are activated and cleared while it runs. */
export class ActiveFaults {
  private active: readonly HostFault[] = [];

  activate(fault: HostFault): void {
    this.active = [...this.active, fault];
  }

  /** Clears all faults of a kind: the password is right again, the BMC answers again. */
  clear(kind: HostFaultKind): void {
    this.active = this.active.filter((fault) => fault.kind !== kind);
  }

  isActive(kind: HostFaultKind, host: string): boolean {
    return this.active.some(
      (fault) => fault.kind === kind && (fault.host === undefined || fault.host === host),
    );
  }
}
