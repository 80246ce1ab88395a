import { field, text, type KubernetesObject } from "../../../model/kubernetes/object";
import type { ArmedFaults } from "../../faults/armed";
import { keyOf } from "../store";
import { fingerprint } from "./secret";
import { stateOf, type Credentials } from "./states";

/** What the played operator remembers of hosts between two looks. */
export class HostMemory {
  private readonly entered = new Map<string, { readonly mark: string; readonly at: number }>();
  private readonly failed = new Map<string, { readonly count: unknown; readonly asked: string }>();
  /** Per host: the password that the armed fault made its BMC refuse; any other is then the right one. */
  private readonly refused = new Map<string, string>();

  /** Hosts that are deleted as detached ones, by uid: their servers go on as they are. */
  private readonly leftRunning = new Set<string>();

  constructor(private readonly faults: ArmedFaults) {}

  /** When the host entered its present state, or failed in it; epoch milliseconds. */
  sinceEntered(host: KubernetesObject): number {
    const key = host.metadata.uid ?? keyOf(host);
    const mark = `${stateOf(host)}/${String(field(host, "status", "errorCount") ?? 0)}`;
    const known = this.entered.get(key);
    if (known?.mark === mark) return known.at;
    // A lab that was restarted reads the moment from the object.
    const written = Date.parse(text(host, "status", "lastUpdated") ?? "");
    const at = known === undefined && !Number.isNaN(written) ? written : Date.now();
    this.entered.set(key, { mark, at });
    return at;
  }

  /** What the host's BMC says to the login in that Secret. */
  credentialsOf(host: KubernetesObject, secret: KubernetesObject | undefined): Credentials {
    const print = fingerprint(secret);
    if (print === undefined) return "missing";
    const key = keyOf(host);
    if (!this.faults.strikes("bmc-password", host.metadata.name)) {
      this.refused.delete(key);
      return "accepted";
    }
    if (!this.refused.has(key)) this.refused.set(key, print);
    return this.refused.get(key) === print ? "refused" : "accepted";
  }

  /** Whether spec or annotations have changed since the host's error was met. */
  retryRequested(host: KubernetesObject): boolean {
    const key = host.metadata.uid ?? keyOf(host);
    const count = field(host, "status", "errorCount") ?? 0;
    const asked = JSON.stringify([host.metadata.generation, host.metadata.annotations]);
    const known = this.failed.get(key);
    if (known?.count === count) return count !== 0 && known.asked !== asked;
    this.failed.set(key, { count, asked });
    return false;
  }

  /** A host is deleted without touching its server. */
  leaveRunning(host: KubernetesObject): void {
    this.leftRunning.add(host.metadata.uid ?? keyOf(host));
  }

  isLeftRunning(host: KubernetesObject): boolean {
    return this.leftRunning.has(host.metadata.uid ?? keyOf(host));
  }

  forget(host: KubernetesObject): void {
    this.leftRunning.delete(host.metadata.uid ?? keyOf(host));
    this.entered.delete(host.metadata.uid ?? keyOf(host));
    this.failed.delete(host.metadata.uid ?? keyOf(host));
  }
}
