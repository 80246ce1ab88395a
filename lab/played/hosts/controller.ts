import { field, text, type KubernetesObject } from "../../../model/kubernetes/object";
import { resources } from "../../../model/kubernetes/resources";
import type { LabContext } from "../../context";
import type { Controller } from "../controller";
import { keyOf, type World } from "../world";
import { claimPatch, fingerprint, SECRET_FINALIZER } from "./secret";
import { nextStep, stateOf, type Credentials, type HostCircumstances } from "./states";
import { enterState, failed, type TriedCredentials } from "./status";

/** BMO's finalizer on a BareMetalHost. */
export const HOST_FINALIZER = "baremetalhost.metal3.io";

/** Cuts the power of a server: whatever ran on it is gone at once. */
export type PowerOff = (host: KubernetesObject) => Promise<void>;

/** Plays the baremetal-operator and the BMCs behind it. */
export function hostController(context: LabContext, world: World, powerOff: PowerOff): Controller {
  const entered = new Map<string, { readonly mark: string; readonly at: number }>();
  /** Per host: the password that the armed fault made its BMC refuse; any other is then the right one. */
  const refused = new Map<string, string>();

  function sinceEntered(host: KubernetesObject): number {
    const key = host.metadata.uid ?? keyOf(host);
    const mark = `${stateOf(host)}/${String(field(host, "status", "errorCount") ?? 0)}`;
    const known = entered.get(key);
    if (known?.mark === mark) return known.at;
    // A lab that was restarted reads the moment from the object.
    const written = Date.parse(text(host, "status", "lastUpdated") ?? "");
    const at = known === undefined && !Number.isNaN(written) ? written : Date.now();
    entered.set(key, { mark, at });
    return at;
  }

  function credentialsOf(host: KubernetesObject, secret: KubernetesObject | undefined): Credentials {
    const print = fingerprint(secret);
    if (print === undefined) return "missing";
    if (!context.faults.strikes("bmc-password", host.metadata.name)) {
      refused.delete(keyOf(host));
      return "accepted";
    }
    if (!refused.has(keyOf(host))) refused.set(keyOf(host), print);
    return refused.get(keyOf(host)) === print ? "refused" : "accepted";
  }

  async function step(host: KubernetesObject, secret: KubernetesObject | undefined): Promise<number | void> {
    const tried = triedOf(secret);
    const before = text(host, "status", "triedCredentials", "credentialsVersion");
    const around: HostCircumstances = {
      inState: (Date.now() - sinceEntered(host)) / 1000,
      credentials: credentialsOf(host, secret),
      credentialsChanged: before !== undefined && before !== tried?.version,
      checksumWrong: context.faults.strikes("image-checksum", host.metadata.name),
      bmcHangs: context.faults.strikes("bmc-hangs-deprovisioning", host.metadata.name),
    };
    const next = nextStep(host, around, context.pace);
    const object = `BareMetalHost/${host.metadata.name}`;
    switch (next.kind) {
      case "wait":
        return next.seconds;
      case "rest":
        // Faults are armed and cleared without an event; while one may hold the host, look again.
        return around.bmcHangs ? 1 : undefined;
      case "go": {
        if (next.state === "deprovisioning" || next.state === "powering off before delete")
          await powerOff(host);
        const status = enterState(
          host,
          next.state,
          next.state === "registering" ? undefined : tried,
          Date.now(),
        );
        await world.patch(resources.BareMetalHost, host, { status }, "status");
        context.log.record(`host-${next.state.replaceAll(" ", "-")}`, object);
        return;
      }
      case "fail":
        await world.patch(
          resources.BareMetalHost,
          host,
          { status: failed(host, next.error, tried, Date.now()) },
          "status",
        );
        context.log.record("host-error", object, `${next.error.type}: ${next.error.message}`);
        return;
      case "release":
        await powerOff(host);
        if (secret !== undefined) await world.setFinalizer(resources.Secret, secret, SECRET_FINALIZER, false);
        await world.setFinalizer(resources.BareMetalHost, host, HOST_FINALIZER, false);
        context.log.record("host-deleted", object);
    }
  }

  return {
    name: "hosts",
    primary: resources.BareMetalHost,
    also: [resources.Secret],
    parallel: true,
    async reconcile(host) {
      const secret = world.get(
        resources.Secret,
        text(host, "spec", "bmc", "credentialsName"),
        host.metadata.namespace,
      );
      if (host.metadata.deletionTimestamp === undefined) {
        await world.setFinalizer(resources.BareMetalHost, host, HOST_FINALIZER, true);
        const claim = secret === undefined ? undefined : claimPatch(secret, host);
        if (secret !== undefined && claim !== undefined) await world.patch(resources.Secret, secret, claim);
        const wanted = { architecture: "x86_64" };
        if (stateOf(host) === "preparing" && field(host, "spec", "architecture") === undefined) {
          await world.patch(resources.BareMetalHost, host, { spec: wanted });
        }
      }
      const fresh = world.get(resources.BareMetalHost, host.metadata.name, host.metadata.namespace);
      if (fresh !== undefined)
        return step(fresh, world.get(resources.Secret, secret?.metadata.name, secret?.metadata.namespace));
    },
    gone: async (host) => {
      entered.delete(host.metadata.uid ?? keyOf(host));
      await powerOff(host);
    },
  };
}

/** BMO compares Secrets by resource version: any edit is a reason to try again (facts 4.4). */
function triedOf(secret: KubernetesObject | undefined): TriedCredentials | undefined {
  if (secret === undefined) return undefined;
  const { name, namespace, resourceVersion } = secret.metadata;
  return { name, namespace: namespace ?? "", version: resourceVersion ?? "" };
}
