import { field, text, type KubernetesObject } from "../../../model/kubernetes/object";
import { stateOf } from "../hosts/states";
import { selects } from "../../../model/readiness/selector";

/** The annotations that take a host out of CAPM3's choice. */
export const UNHEALTHY = ["capm3.metal3.io/unhealthy", "capi.metal3.io/unhealthy"] as const;

/** Why a host of the machine's namespace cannot be taken; undefined when it can. */
export function whyNot(host: KubernetesObject, machine: KubernetesObject): string | undefined {
  if (host.metadata.namespace !== machine.metadata.namespace) return "other namespace";
  const consumer = text(host, "spec", "consumerRef", "name");
  if (consumer !== undefined && consumer !== machine.metadata.name) return `used by ${consumer}`;
  if (!selects(field(machine, "spec", "hostSelector"), host.metadata.labels)) return "labels do not match";
  if (host.metadata.deletionTimestamp !== undefined) return "being deleted";
  if ((text(host, "status", "errorMessage") ?? "") !== "") return "in error";
  const annotations = host.metadata.annotations ?? {};
  if (annotations["baremetalhost.metal3.io/paused"] !== undefined) return "paused";
  if (UNHEALTHY.some((name) => annotations[name] !== undefined)) return "unhealthy";
  const state = stateOf(host);
  return state === "available" || state === "ready" ? undefined : `state ${state === "" ? "not set" : state}`;
}

/**
 * CAPM3's chooseHost (facts 4.5): the host that is this machine's already, else a random one of those that can be taken,
 * from the machine's failure domain where there are any. `random` is in [0, 1).
 */
export function chooseHost(
  machine: KubernetesObject,
  hosts: readonly KubernetesObject[],
  random: () => number,
): KubernetesObject | undefined {
  const ours = hosts.find(
    (host) =>
      host.metadata.namespace === machine.metadata.namespace &&
      text(host, "spec", "consumerRef", "name") === machine.metadata.name,
  );
  if (ours !== undefined) return ours;
  const free = hosts.filter((host) => whyNot(host, machine) === undefined);
  const domain = text(machine, "spec", "failureDomain");
  const near = free.filter(
    (host) => host.metadata.labels?.["infrastructure.cluster.x-k8s.io/failure-domain"] === domain,
  );
  const candidates = domain !== undefined && near.length > 0 ? near : free;
  return candidates[Math.floor(random() * candidates.length)];
}
