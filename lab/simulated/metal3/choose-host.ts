import { stateOf } from "../hosts/states";
import { type KeptFor, clusterLabel, ownerOf } from "./association";
import type { Store } from "../store";
import { type KubernetesObject, field, selects, text } from "../../../model/kubernetes/object";
import { resources as types } from "../../../model/kubernetes/resources";
import { nodeReuseLabel, unhealthyMarks } from "../../../model/live/readiness/host-claim";

/** What is chosen for a machine: a host, or the reason to try again without looking at other hosts. */
export type Choice =
  { readonly host: KubernetesObject; readonly reused: boolean } | { readonly wait: string } | undefined;

/** The label value by which hosts are kept for the machines of a set; undefined when it is unknown. */
export type ReuseSet = string | undefined;

/** Why a host of the machine's namespace cannot be taken; undefined when it can. A host that is kept for its set may be in any state. */
export function whyNot(
  host: KubernetesObject,
  machine: KubernetesObject,
  set: ReuseSet = undefined,
): string | undefined {
  if (host.metadata.namespace !== machine.metadata.namespace) return "other namespace";
  const kept = host.metadata.labels?.[nodeReuseLabel];
  if (kept !== undefined && kept !== set) return `kept for ${kept}`;
  const consumer = text(host, "spec", "consumerRef", "name");
  if (kept === undefined && consumer !== undefined && consumer !== machine.metadata.name) {
    return `used by ${consumer}`;
  }
  if (!selects(field(machine, "spec", "hostSelector"), host.metadata.labels)) return "labels do not match";
  if (host.metadata.deletionTimestamp !== undefined) return "being deleted";
  if ((text(host, "status", "errorMessage") ?? "") !== "") return "in error";
  if (host.metadata.annotations?.["baremetalhost.metal3.io/paused"] !== undefined) return "paused";
  if (unhealthyMarks(host).length > 0) return "unhealthy";
  if (kept !== undefined || isAvailable(host)) return undefined;
  const state = stateOf(host);
  return `state ${state === "" ? "not set" : state}`;
}

function isAvailable(host: KubernetesObject): boolean {
  return ["available", "ready"].includes(stateOf(host));
}

/**
 * CAPM3's chooseHost (v1.14 baremetal/metal3machine_manager.go): the host that is this machine's already; else one that is
 * kept for its set, for which it waits while that is cleaned; else a random one of those that can be taken, from the
 * machine's failure domain where there are any. `random` is in [0, 1).
 */
export function chooseHost(
  machine: KubernetesObject,
  hosts: readonly KubernetesObject[],
  random: () => number,
  set: ReuseSet = undefined,
): Choice {
  const claimed = hosts.find(
    (host) =>
      host.metadata.namespace === machine.metadata.namespace &&
      text(host, "spec", "consumerRef", "kind") !== "Cluster" &&
      text(host, "spec", "consumerRef", "name") === machine.metadata.name,
  );
  if (claimed !== undefined) return { host: claimed, reused: false };
  const free = hosts.filter((host) => whyNot(host, machine, set) === undefined);
  const kept = free.filter((host) => host.metadata.labels?.[nodeReuseLabel] !== undefined);
  const [busy] = kept.filter((host) => !isAvailable(host));
  if (busy !== undefined) {
    return {
      wait: `Found BareMetalHost(s) with nodeReuseLabelName in not-available state, requeuing the BareMetalHost: ${busy.metadata.name} is ${stateOf(busy)}`,
    };
  }
  const all = kept.length > 0 ? kept : free;
  const domain = text(machine, "spec", "failureDomain");
  const near = all.filter(
    (host) => host.metadata.labels?.["infrastructure.cluster.x-k8s.io/failure-domain"] === domain,
  );
  const candidates = domain !== undefined && near.length > 0 ? near : all;
  const host = candidates[Math.floor(random() * candidates.length)];
  return host === undefined ? undefined : { host, reused: kept.length > 0 };
}

/** Which template a machine was made from. */
const clonedFrom = "cluster.x-k8s.io/cloned-from-name";

/** The set of machines that a Metal3Machine belongs to, as the label on kept hosts names it. */
export function reuseSet(store: Store, machine: KubernetesObject): string | undefined {
  const { namespace } = machine.metadata;
  const owner = store.get(types.Machine, ownerOf(machine, "Machine"), namespace);
  const controlPlane = ownerOf(owner, "KubeadmControlPlane");
  if (controlPlane !== undefined) return `cp-${controlPlane}`;
  const set = store.get(types.MachineSet, ownerOf(owner, "MachineSet"), namespace);
  const deployment = ownerOf(set, "MachineDeployment");
  return deployment === undefined ? undefined : `md-${deployment}`;
}

/**
 * The set that a released host is kept for: none without nodeReuse in the template of its machine, and none while
 * the Cluster goes.
 */
export function keptFor(store: Store, machine: KubernetesObject): KeptFor | undefined {
  const { namespace, annotations, labels } = machine.metadata;
  const template = store.get(types.Metal3MachineTemplate, annotations?.[clonedFrom], namespace);
  const cluster = store.get(types.Cluster, labels?.[clusterLabel], namespace);
  const set = reuseSet(store, machine);
  if (field(template, "spec", "nodeReuse") !== true || set === undefined) return undefined;
  return cluster === undefined || cluster.metadata.deletionTimestamp !== undefined
    ? undefined
    : { cluster, set };
}
