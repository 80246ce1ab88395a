import type { ArmedFaults } from "./armed";
import type { KubernetesApi } from "../../ops/kubernetes/api";
import type { Router } from "../router";

/** What a fault may touch. */
export interface FaultStage {
  readonly management: KubernetesApi;
  readonly namespace: string;
  readonly hosts: readonly { readonly name: string; readonly pool: string; readonly address?: string }[];
  /** The routers that the stack's nodes peer with. */
  readonly routers: readonly Router[];
  /** The workload cluster, once its kubeconfig is there. */
  workload(): Promise<KubernetesApi>;
  readonly armed: ArmedFaults;
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
  readonly during: "up" | "destroy";
  /** Struck before the command starts, as soon as the lab's event log shows this deed, or after a while. */
  readonly strikes: "before" | { readonly once: string } | { readonly afterSeconds: number };
  strike(stage: FaultStage): Promise<void>;
  /** The fault passes by itself: healed this many seconds after it struck, while the command still runs. */
  readonly healsAfterSeconds?: number;
  /** Makes it good again: a password corrected, a process back. */
  heal(stage: FaultStage): Promise<void>;
  /** How the command that the fault hits must end, and by when. */
  readonly mustEnd: {
    readonly as: "failure" | "success" | "killed";
    readonly withinSeconds: number;
    /** Ending earlier would mean that it did not wait for what the fault delays. */
    readonly notBeforeSeconds?: number;
    /** Every one of these must be in the command's output; a cause id is among them where the program names one. */
    readonly saying: readonly RegExp[];
  };
  /** What the copy of the stack file says otherwise, such as a shorter time for its BGP sessions. */
  readonly changes?: readonly StackChange[];
  /** Finding ids that a comparison of both ends of BGP must give while the fault lasts, when the command has ended. */
  readonly comparisonFinds?: readonly string[];
  /** What strikes the next attempt, before one is left alone. */
  readonly then?: Fault;
}

/** The first worker's host: it is claimed last, so that everything before it works. */
export function workerHost(stage: FaultStage): string {
  const host = stage.hosts.find((each) => each.pool !== "control-plane") ?? stage.hosts.at(-1);
  if (host === undefined) throw new Error("the stack has no hosts");
  return host.name;
}
