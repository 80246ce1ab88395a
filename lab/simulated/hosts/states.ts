import type { Pace } from "../../context";
import { type KubernetesObject, field, number, text } from "../../../model/kubernetes/object";
import { detachedAnnotation, isDetached } from "../../../model/live/rollout/server";

/** How the BMC answers the credentials that the Secret holds now. */
export type Credentials = "missing" | "refused" | "accepted";

/** What a host's next step depends on in addition to the BareMetalHost itself. */
export interface HostCircumstances {
  /** Seconds that the host has been in its present state, or since its last error. */
  readonly inState: number;
  readonly credentials: Credentials;
  /** The Secret is another than the one that was tried last. */
  readonly credentialsChanged: boolean;
  readonly checksumWrong: boolean;
  /** The BMC does not answer at all. */
  readonly bmcSilent: boolean;
  /** The image cannot be written, for another reason than its checksum. */
  readonly writeFails: boolean;
  /** Spec or annotations have changed since the last error: the operator reconciles at once, whatever its back-off. */
  readonly retryRequested: boolean;
  readonly bmcHangs: boolean;
}

/** An error as BMO writes it into the status. */
export interface HostError {
  readonly type: "registration error" | "provisioning error";
  readonly message: string;
}

/** What happens to a host next. */
export type HostStep =
  | { readonly kind: "rest" }
  | { readonly kind: "wait"; readonly seconds: number }
  | { readonly kind: "go"; readonly state: string }
  | { readonly kind: "fail"; readonly error: HostError }
  | { readonly kind: "power"; readonly on: boolean }
  | { readonly kind: "release" }
  | DetachStep;

/** The state in `status.provisioning.state`; empty before BMO has seen the host. */
export function stateOf(host: KubernetesObject): string {
  return text(host, "status", "provisioning", "state") ?? "";
}

/** Seconds until BMO tries again after its n-th error: short at first, and after the third longer than a rehearsal waits. */
export function retryAfter(errorCount: number): number {
  return errorCount < 3 ? 2 ** Math.max(0, errorCount - 1) : 90;
}

const wiped = new Set(["provisioning", "provisioned", "deprovisioning"]);

/** BMO's state machine (baremetalhost-states.md): what one host does next. Pure. */
export function nextStep(host: KubernetesObject, around: HostCircumstances, pace: Pace): HostStep {
  const state = stateOf(host);
  const detaching = detachStep(host);
  if (detaching !== undefined) return detaching;
  if (host.metadata.deletionTimestamp !== undefined) return leaving(state, around, pace);
  if (field(host, "metadata", "annotations", "baremetalhost.metal3.io/paused") !== undefined) return rest;
  if (around.credentialsChanged && state !== "" && state !== "registering") {
    if (around.credentials === "refused") return { kind: "fail", error: refused(host) };
  }
  const image = text(host, "spec", "image", "url");
  switch (state) {
    case "":
      return text(host, "spec", "bmc", "address") === undefined
        ? { kind: "go", state: "unmanaged" }
        : { kind: "go", state: "registering" };
    case "registering":
      return registering(host, around, pace);
    case "inspecting":
      return after(pace.inspect, around, "preparing");
    case "preparing":
      return after(pace.prepare, around, "available");
    case "available":
      if (isAdopted(host)) return { kind: "go", state: "externally provisioned" };
      return image === undefined ? rest : { kind: "go", state: "provisioning" };
    case "externally provisioned":
      return isAdopted(host) ? powering(host) : { kind: "go", state: "provisioned" };
    case "provisioning":
      return provisioning(host, image, around, pace);
    case "provisioned":
      return image === undefined ? { kind: "go", state: "deprovisioning" } : powering(host);
    case "deprovisioning":
      return around.bmcHangs ? rest : after(pace.deprovision, around, "available");
    default:
      return rest;
  }
}

/** Whether the host runs a system that is neither inspected nor wiped (host_state_machine.go, handleRegistering). */
function isAdopted(host: KubernetesObject): boolean {
  return field(host, "spec", "externallyProvisioned") === true;
}

function powering(host: KubernetesObject): HostStep {
  const on = poweredOn(host, "provisioned");
  return field(host, "status", "poweredOn") === on ? rest : { kind: "power", on };
}

const rest: HostStep = { kind: "rest" };

function after(seconds: number, around: HostCircumstances, state: string): HostStep {
  return around.inState >= seconds
    ? { kind: "go", state }
    : { kind: "wait", seconds: seconds - around.inState };
}

function registering(host: KubernetesObject, around: HostCircumstances, pace: Pace): HostStep {
  const errors = number(host, "status", "errorCount") ?? 0;
  if (errors > 0 && !around.credentialsChanged && !around.retryRequested) {
    const due = retryAfter(errors);
    if (around.inState < due) return { kind: "wait", seconds: due - around.inState };
  }
  const next = isAdopted(host) ? "externally provisioned" : "inspecting";
  if (around.inState < pace.register && errors === 0) return after(pace.register, around, next);
  if (around.bmcSilent) {
    const message = `Failed to get power state for node ${host.metadata.uid ?? ""}. Error: connection to the BMC timed out`;
    return { kind: "fail", error: { type: "registration error", message } };
  }
  if (around.credentials === "accepted") return { kind: "go", state: next };
  return { kind: "fail", error: refused(host, around.credentials) };
}

function provisioning(
  host: KubernetesObject,
  image: string | undefined,
  around: HostCircumstances,
  pace: Pace,
): HostStep {
  if (image === undefined) return { kind: "go", state: "deprovisioning" };
  const errors = number(host, "status", "errorCount") ?? 0;
  const due = errors > 0 && !around.retryRequested ? retryAfter(errors) : errors > 0 ? 0 : pace.provision;
  if (around.inState < due) return { kind: "wait", seconds: due - around.inState };
  // After a failed write the host is cleaned, available again with no error counted, and written once more.
  if (errors > 0) return { kind: "go", state: "deprovisioning" };
  const checksum = text(host, "spec", "image", "checksum") ?? "";
  const failed = (reason: string): HostStep => ({
    kind: "fail",
    error: {
      type: "provisioning error",
      message: `Image provisioning failed (url: ${image}, checksum: ${checksum}): ${reason}`,
    },
  });
  if (around.checksumWrong) {
    return failed(
      `Deploy step deploy.write_image failed with CommandFailedError: Image failed to verify against checksum. location: ${image}; image ID: /dev/sda; image checksum: ${checksum}; verification checksum: 0`,
    );
  }
  if (around.writeFails) {
    return failed(
      "Deploy step deploy.write_image failed: No suitable device was found for deployment using these hints",
    );
  }
  return { kind: "go", state: "provisioned" };
}

function leaving(state: string, around: HostCircumstances, pace: Pace): HostStep {
  if (state === "" || state === "registering" || state === "unmanaged") return { kind: "release" };
  if (state === "provisioning" || state === "provisioned") return { kind: "go", state: "deprovisioning" };
  if (state === "deprovisioning") {
    return around.bmcHangs ? rest : after(pace.deprovision, around, "powering off before delete");
  }
  if (state === "powering off before delete") return after(0.1, around, "deleting");
  if (state === "deleting") return { kind: "release" };
  return wiped.has(state) ? rest : { kind: "go", state: "powering off before delete" };
}

/** Ironic's message for a BMC that refuses its user: Redfish answers 401, IPMI gives no reason. */
function refused(host: KubernetesObject, why: Credentials = "refused"): HostError {
  const address = text(host, "spec", "bmc", "address") ?? "";
  if (why === "missing") {
    const name = text(host, "spec", "bmc", "credentialsName") ?? "";
    return {
      type: "registration error",
      message: `The BMC secret ${host.metadata.namespace ?? ""}/${name} does not exist`,
    };
  }
  if (address.startsWith("ipmi")) {
    return {
      type: "registration error",
      message: `Failed to get power state for node ${host.metadata.uid ?? ""}. Error: IPMI call failed: power status.`,
    };
  }
  const url = address.replace(/^[^:]+:\/\//, "https://").replace(/^(https:\/\/[^/]+).*$/, "$1");
  return {
    type: "registration error",
    message: `Failed to get power state for node ${host.metadata.uid ?? ""}. Error: HTTP GET ${url}/redfish/v1/Systems returned code 401. unknown error Extended information: none`,
  };
}

/** Whether an annotation holds the server off; with a suffix (`reboot.metal3.io/x`) until that is taken away. */
function isHeldOff({ metadata }: KubernetesObject): boolean {
  return Object.keys(metadata.annotations ?? {}).some((name) => name.startsWith("reboot.metal3.io/"));
}

/** Power as a real server of that state has it: on while it runs its image, or the agent that inspects and cleans it. */
export function poweredOn(host: KubernetesObject, state: string): boolean {
  if (state === "provisioned" || state === "externally provisioned")
    return field(host, "spec", "online") === true && !isHeldOff(host);
  return ["inspecting", "preparing", "provisioning", "deprovisioning"].includes(state);
}

/** What detaching a host, or attaching it again, does next; undefined when neither is on. */
type DetachStep = { readonly kind: "detach" | "attach" | "delete-detached" | "rest" };

const resting = ["provisioned", "externally provisioned", "available", "ready"];

/**
 * BMO detaches a host with the annotation when it rests, or at once when forced, and then does nothing with it. Its deletion
 * skips wipe and power: the host goes to `deleting`, where it counts as attached again (host_state_machine.go,
 * checkInitiateDelete and checkDetachedHost).
 */
function detachStep(host: KubernetesObject): DetachStep | undefined {
  const detached = text(host, "status", "operationalStatus") === "detached";
  const state = text(host, "status", "provisioning", "state") ?? "";
  if (host.metadata.deletionTimestamp !== undefined) {
    if (!detached) return undefined;
    if (state === "deleting") return { kind: "attach" };
    return { kind: argumentsOf(host)["deleteAction"] === "delay" ? "rest" : "delete-detached" };
  }
  if (!isDetached(host)) return detached ? { kind: "attach" } : undefined;
  if (detached) return { kind: "rest" };
  return resting.includes(state) || argumentsOf(host)["force"] === true ? { kind: "detach" } : undefined;
}

/** The arguments in the annotation's value: any text will do, and only JSON has some. */
function argumentsOf({ metadata }: KubernetesObject): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(metadata.annotations?.[detachedAnnotation] ?? "");
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    // No JSON, so no arguments.
    return {};
  }
}
