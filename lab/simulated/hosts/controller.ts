import { field, text, type KubernetesObject } from "../../../model/kubernetes/object";
import { resources } from "../../../model/kubernetes/resources";
import type { LabContext } from "../../context";
import { timestamp } from "../conditions";
import type { Controller } from "../controller";
import { type Store, keyOf } from "../store";
import { createFirmwareObjects, createHardwareData, releaseHardwareData } from "./hardware";
import { HostMemory, secretFinalizer, claimPatch, labelSecret, secretsReadIn } from "./memory";
import { nextStep, stateOf, type HostCircumstances } from "./states";
import { enterState, failed, type TriedCredentials, loggedIn } from "./status";

/** BMO's finalizer on a BareMetalHost. */
const hostFinalizer = "baremetalhost.metal3.io";

/** Cuts the power of a server: whatever ran on it is gone at once. */
export type PowerOff = (host: KubernetesObject) => Promise<void>;

/** What a step works with. */
interface HostContext {
  readonly context: LabContext;
  readonly store: Store;
  readonly memory: HostMemory;
  readonly powerOff: PowerOff;
}

/** Simulates the baremetal-operator and the BMCs behind it. */
export function hostController(context: LabContext, store: Store, powerOff: PowerOff): Controller {
  const memory = new HostMemory(context.faults);
  return {
    name: "hosts",
    primary: resources.BareMetalHost,
    also: [resources.Secret],
    parallel: true,
    async reconcile(host) {
      const { namespace } = host.metadata;
      const secret = store.get(resources.Secret, text(host, "spec", "bmc", "credentialsName"), namespace);
      if (host.metadata.deletionTimestamp === undefined) await takeCharge(store, host, secret);
      else await releaseHardwareData(store, host);
      const fresh = store.get(resources.BareMetalHost, host.metadata.name, namespace);
      const freshSecret = store.get(resources.Secret, secret?.metadata.name, secret?.metadata.namespace);
      if (fresh !== undefined) return takeStep({ context, store, memory, powerOff }, fresh, freshSecret);
    },
    gone: async (host) => {
      const detached = text(host, "status", "operationalStatus") === "detached";
      const runsOn = detached || memory.isLeftRunning(host);
      memory.forget(host);
      if (!runsOn) await powerOff(host);
    },
  };
}

/** What the operator writes on each host and its Secret: finalizers, ownership, and the architecture that it found. */
async function takeCharge(
  store: Store,
  host: KubernetesObject,
  secret: KubernetesObject | undefined,
): Promise<void> {
  await store.setFinalizer(resources.BareMetalHost, host, hostFinalizer, true);
  const claim = secret === undefined ? undefined : claimPatch(secret, host);
  if (secret !== undefined && claim !== undefined) await store.patch(resources.Secret, secret, claim);
  const wanted = { architecture: "x86_64" };
  if (stateOf(host) === "preparing" && field(host, "spec", "architecture") === undefined) {
    await store.patch(resources.BareMetalHost, host, { spec: wanted });
  }
}

/** Takes the host's next step, if one is due; the answer is when to look again, in seconds. */
async function takeStep(
  { context, store, memory, powerOff }: HostContext,
  host: KubernetesObject,
  secret: KubernetesObject | undefined,
): Promise<number | void> {
  const tried = triedOf(secret);
  const before = text(host, "status", "triedCredentials", "credentialsVersion");
  const around: HostCircumstances = {
    inState: (Date.now() - memory.sinceEntered(host)) / 1000,
    credentials: memory.credentialsOf(host, secret),
    credentialsChanged: before !== undefined && before !== tried?.version,
    retryRequested: memory.retryRequested(host),
    bmcSilent: context.faults.isActive("bmc-silent", host.metadata.name),
    writeFails: context.faults.isActive("image-write", host.metadata.name),
    checksumWrong: context.faults.isActive("image-checksum", host.metadata.name),
    bmcHangs: context.faults.isActive("bmc-hangs-deprovisioning", host.metadata.name),
  };
  const object = `BareMetalHost/${host.metadata.name}`;
  if (tried !== undefined && registersAgain(host, around)) {
    const at = timestamp();
    const status = { ...loggedIn(tried), operationHistory: { register: { start: at, end: at } } };
    await store.patch(resources.BareMetalHost, host, { status }, "status");
    context.log.record("host-login-changed", object);
    return 0;
  }
  const next = nextStep(host, around, context.pace);
  switch (next.kind) {
    case "wait":
      return next.seconds;
    case "rest":
      // Faults are armed and cleared without an event; while one may hold the host, look again.
      return around.bmcHangs ? 1 : undefined;
    case "go":
      return enter({ context, store, memory, powerOff }, host, next.state, tried);
    case "fail":
      await store.patch(
        resources.BareMetalHost,
        host,
        { status: failed(host, next.error, tried, Date.now()) },
        "status",
      );
      context.log.record("host-error", object, `${next.error.type}: ${next.error.message}`);
      return;
    case "power":
      return setPower({ context, store, memory, powerOff }, host, next.on);
    case "detach":
    case "attach": {
      const operationalStatus = next.kind === "detach" ? "detached" : "OK";
      await store.patch(resources.BareMetalHost, host, { status: { operationalStatus } }, "status");
      if (!memory.isLeftRunning(host)) context.log.record(`host-${next.kind}ed`, object);
      return;
    }
    case "delete-detached":
      memory.leaveRunning(host);
      await store.patch(
        resources.BareMetalHost,
        host,
        { status: { provisioning: { state: "deleting" } } },
        "status",
      );
      context.log.record("host-deleting", object);
      return;
    case "release":
      if (!memory.isLeftRunning(host)) await powerOff(host);
      return release(store, host, secret, context);
  }
}

/**
 * The operator registers a host again after each change of its login's Secret, also of the Secret's labels, whatever else is
 * due (host_state_machine.go, ensureRegistered); not one that is detached or paused.
 */
function registersAgain(
  host: KubernetesObject,
  { credentialsChanged, credentials, bmcSilent }: HostCircumstances,
): boolean {
  if (!credentialsChanged || credentials !== "accepted" || bmcSilent) return false;
  const idle =
    text(host, "status", "operationalStatus") === "detached" ||
    host.metadata.annotations?.["baremetalhost.metal3.io/paused"] !== undefined;
  return !idle && !["", "registering", "unmanaged", "deleting"].includes(stateOf(host));
}

/** Brings a host into a state, with what the operator does on the way: power, labels, objects next to the host. */
async function enter(
  { context, store, powerOff }: HostContext,
  host: KubernetesObject,
  state: string,
  tried: TriedCredentials | undefined,
): Promise<void> {
  if (state === "deprovisioning" || state === "powering off before delete") await powerOff(host);
  for (const name of secretsReadIn(state, host)) await labelSecret(store, name, host.metadata.namespace);
  if (state === "inspecting") await createFirmwareObjects(store, host);
  const ports = context.serverPorts.get(keyOf(host)) ?? [];
  if (state === "preparing") await createHardwareData(store, host, ports);
  const status = enterState(host, state, state === "registering" ? undefined : tried, ports, Date.now());
  await store.patch(resources.BareMetalHost, host, { status }, "status");
  context.log.record(`host-${state.replaceAll(" ", "-")}`, `BareMetalHost/${host.metadata.name}`);
}

async function setPower(
  { context, store, powerOff }: HostContext,
  host: KubernetesObject,
  poweredOn: boolean,
): Promise<void> {
  if (!poweredOn) await powerOff(host);
  await store.patch(resources.BareMetalHost, host, { status: { poweredOn } }, "status");
  context.log.record(
    poweredOn ? "host-powered-on" : "host-powered-off",
    `BareMetalHost/${host.metadata.name}`,
  );
}

/** Whatever becomes of the server, its objects go. */
async function release(
  store: Store,
  host: KubernetesObject,
  secret: KubernetesObject | undefined,
  context: LabContext,
): Promise<void> {
  if (secret !== undefined) await store.setFinalizer(resources.Secret, secret, secretFinalizer, false);
  await store.setFinalizer(resources.BareMetalHost, host, hostFinalizer, false);
  context.log.record("host-deleted", `BareMetalHost/${host.metadata.name}`);
}

/** BMO compares Secrets by resource version: any edit is a reason to try again. */
function triedOf(secret: KubernetesObject | undefined): TriedCredentials | undefined {
  if (secret === undefined) return undefined;
  const { name, namespace, resourceVersion } = secret.metadata;
  return { name, namespace: namespace ?? "", version: resourceVersion ?? "" };
}
