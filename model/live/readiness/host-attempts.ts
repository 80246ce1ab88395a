import type { BareMetalHost } from "../../kubernetes/metal3";
import { hostError } from "./host-state";
import { type Snapshot, inManagement } from "../snapshot";

/**
 * On a host: the moment at which a run requested one more attempt. The baremetal-operator reconciles a host at once when
 * an annotation changes, whatever its back-off (internal/controller/metal3.io/baremetalhost_controller.go,
 * updateEventHandler).
 */
export const retryAnnotation = "metal.internal/retry-requested";

/** What was seen of the attempts at one host since its first look. */
export interface HostAttempts {
  /** errorCount at the first look, or lower if it was reset since. */
  readonly errorsBefore: number;
  /** Version of the login Secret that had been tried at the first look. */
  readonly triedBefore?: string;
  /** Start of the image write whose error was shown at the first look already. */
  readonly writeBefore?: string;
  /** Starts of the image writes that have failed since. */
  readonly failedWrites: readonly string[];
  /** What the last of them reported; a host shows it only until the operator begins to clean. */
  readonly writeError?: string;
}

/** By host name. */
export type AttemptsByHost = ReadonlyMap<string, HostAttempts>;

/**
 * Adds what one look shows. Failed image writes are counted here, by the start of each: the operator cleans the host
 * after each of them and sets its own errorCount back to 0 (host_state_machine.go, handleDeprovisioning).
 */
export function advanceAttempts(before: AttemptsByHost, snapshot: Snapshot): AttemptsByHost {
  const after = new Map(before);
  const isFirst = before.size === 0;
  for (const host of inManagement(snapshot, "hosts")) {
    const { name } = host.metadata;
    after.set(name, advanced(before.get(name) ?? begun(host, isFirst), host));
  }
  return after;
}

/** A host that appears later had no error before the first look. */
function begun(host: BareMetalHost, isFirst: boolean): HostAttempts {
  const tried = triedVersion(host);
  const write = failedWrite(host);
  return {
    errorsBefore: isFirst ? (hostError(host)?.count ?? 0) : 0,
    ...(isFirst && tried !== undefined ? { triedBefore: tried } : {}),
    ...(isFirst && write !== undefined ? { writeBefore: write } : {}),
    failedWrites: [],
  };
}

function advanced(known: HostAttempts, host: BareMetalHost): HostAttempts {
  const write = failedWrite(host);
  const isNew = write !== undefined && write !== known.writeBefore && !known.failedWrites.includes(write);
  return {
    ...known,
    errorsBefore: Math.min(known.errorsBefore, hostError(host)?.count ?? 0),
    failedWrites: isNew ? [...known.failedWrites, write] : known.failedWrites,
    ...(isNew ? { writeError: hostError(host)?.message ?? "" } : {}),
  };
}

/** When the image write began whose error a host shows; undefined when it shows none of that kind. */
function failedWrite(host: BareMetalHost): string | undefined {
  if (hostError(host)?.type !== "provisioning error") return undefined;
  return host.status?.operationHistory?.provision?.start ?? undefined;
}

/** Version of the login Secret that the operator tried last. */
export function triedVersion(host: BareMetalHost | undefined): string | undefined {
  return host?.status?.triedCredentials?.credentialsVersion;
}

/** How often the error that a host shows was met: by the operator's counters, or by what was seen of its attempts. */
export function triesOf(host: BareMetalHost | undefined, attempts: HostAttempts | undefined): number {
  const error = hostError(host);
  if (error === undefined) return 0;
  const writes = error.type === "provisioning error" ? (attempts?.failedWrites.length ?? 0) : 0;
  // Operators after 0.14 count failed image writes themselves, and raise the number when they begin to clean.
  const counted = error.type === "provisioning error" ? (host?.status?.provisioningFailCount ?? 0) : 0;
  return Math.max(error.count, writes, counted);
}
