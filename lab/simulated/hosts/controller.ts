import { field, text, type KubernetesObject } from "../../../model/kubernetes/object";
import { resources } from "../../../model/kubernetes/resources";
import type { LabContext } from "../../context";
import { timestamp } from "../conditions";
import type { Controller } from "../controller";
import { type World } from "../store";
import { createFirmwareObjects, createHardwareData, releaseHardwareData } from "./hardware";
import { HostMemory, SECRET_FINALIZER, claimPatch, labelSecret, secretsReadIn } from "./memory";
import { nextStep, stateOf, type HostCircumstances } from "./states";
import { enterState, failed, type TriedCredentials, loggedIn } from "./status";

/** BMO's finalizer on a BareMetalHost. */
export const HOST_FINALIZER = "baremetalhost.metal3.io";

/** Cuts the power of a server: whatever ran on it is gone at once. */
export type PowerOff = (host: KubernetesObject) => Promise<void>;

/** What a step works with. */
interface Bench {
  readonly context: LabContext;
  readonly world: World;
  readonly memory: HostMemory;
  readonly powerOff: PowerOff;
}

/** Plays the baremetal-operator and the BMCs behind it. */
export function hostController(context: LabContext, world: World, powerOff: PowerOff): Controller {
  const memory = new HostMemory(context.faults);
  return {
    name: "hosts",
    primary: resources.BareMetalHost,
    also: [resources.Secret],
    parallel: true,
    async reconcile(host) {
      const { namespace } = host.metadata;
      const secret = world.get(resources.Secret, text(host, "spec", "bmc", "credentialsName"), namespace);
      if (host.metadata.deletionTimestamp === undefined) await takeCharge(world, host, secret);
      else await releaseHardwareData(world, host);
      const fresh = world.get(resources.BareMetalHost, host.metadata.name, namespace);
      const freshSecret = world.get(resources.Secret, secret?.metadata.name, secret?.metadata.namespace);
      if (fresh !== undefined) return takeStep({ context, world, memory, powerOff }, fresh, freshSecret);
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
  world: World,
  host: KubernetesObject,
  secret: KubernetesObject | undefined,
): Promise<void> {
  await world.setFinalizer(resources.BareMetalHost, host, HOST_FINALIZER, true);
  const claim = secret === undefined ? undefined : claimPatch(secret, host);
  if (secret !== undefined && claim !== undefined) await world.patch(resources.Secret, secret, claim);
  const wanted = { architecture: "x86_64" };
  if (stateOf(host) === "preparing" && field(host, "spec", "architecture") === undefined) {
    await world.patch(resources.BareMetalHost, host, { spec: wanted });
  }
}

/** Takes the host's next step, if one is due; the answer is when to look again, in seconds. */
async function takeStep(
  { context, world, memory, powerOff }: Bench,
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
    bmcSilent: context.faults.strikes("bmc-silent", host.metadata.name),
    writeFails: context.faults.strikes("image-write", host.metadata.name),
    checksumWrong: context.faults.strikes("image-checksum", host.metadata.name),
    bmcHangs: context.faults.strikes("bmc-hangs-deprovisioning", host.metadata.name),
  };
  const object = `BareMetalHost/${host.metadata.name}`;
  if (tried !== undefined && registersAgain(host, around)) {
    const at = timestamp();
    const status = { ...loggedIn(tried), operationHistory: { register: { start: at, end: at } } };
    await world.patch(resources.BareMetalHost, host, { status }, "status");
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
      return enter({ context, world, memory, powerOff }, host, next.state, tried);
    case "fail":
      await world.patch(
        resources.BareMetalHost,
        host,
        { status: failed(host, next.error, tried, Date.now()) },
        "status",
      );
      context.log.record("host-error", object, `${next.error.type}: ${next.error.message}`);
      return;
    case "power":
      return setPower({ context, world, memory, powerOff }, host, next.on);
    case "detach":
    case "attach": {
      const operationalStatus = next.kind === "detach" ? "detached" : "OK";
      await world.patch(resources.BareMetalHost, host, { status: { operationalStatus } }, "status");
      if (!memory.isLeftRunning(host)) context.log.record(`host-${next.kind}ed`, object);
      return;
    }
    case "delete-detached":
      memory.leaveRunning(host);
      await world.patch(
        resources.BareMetalHost,
        host,
        { status: { provisioning: { state: "deleting" } } },
        "status",
      );
      context.log.record("host-deleting", object);
      return;
    case "release":
      if (!memory.isLeftRunning(host)) await powerOff(host);
      return release(world, host, secret, context);
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
  { context, world, powerOff }: Bench,
  host: KubernetesObject,
  state: string,
  tried: TriedCredentials | undefined,
): Promise<void> {
  if (state === "deprovisioning" || state === "powering off before delete") await powerOff(host);
  for (const name of secretsReadIn(state, host)) await labelSecret(world, name, host.metadata.namespace);
  if (state === "inspecting") await createFirmwareObjects(world, host);
  if (state === "preparing") await createHardwareData(world, host);
  const status = enterState(host, state, state === "registering" ? undefined : tried, Date.now());
  await world.patch(resources.BareMetalHost, host, { status }, "status");
  context.log.record(`host-${state.replaceAll(" ", "-")}`, `BareMetalHost/${host.metadata.name}`);
}

async function setPower(
  { context, world, powerOff }: Bench,
  host: KubernetesObject,
  poweredOn: boolean,
): Promise<void> {
  if (!poweredOn) await powerOff(host);
  await world.patch(resources.BareMetalHost, host, { status: { poweredOn } }, "status");
  context.log.record(
    poweredOn ? "host-powered-on" : "host-powered-off",
    `BareMetalHost/${host.metadata.name}`,
  );
}

/** Whatever becomes of the server, its objects go. */
async function release(
  world: World,
  host: KubernetesObject,
  secret: KubernetesObject | undefined,
  context: LabContext,
): Promise<void> {
  if (secret !== undefined) await world.setFinalizer(resources.Secret, secret, SECRET_FINALIZER, false);
  await world.setFinalizer(resources.BareMetalHost, host, HOST_FINALIZER, false);
  context.log.record("host-deleted", `BareMetalHost/${host.metadata.name}`);
}

/** BMO compares Secrets by resource version: any edit is a reason to try again (facts 4.4). */
function triedOf(secret: KubernetesObject | undefined): TriedCredentials | undefined {
  if (secret === undefined) return undefined;
  const { name, namespace, resourceVersion } = secret.metadata;
  return { name, namespace: namespace ?? "", version: resourceVersion ?? "" };
}
