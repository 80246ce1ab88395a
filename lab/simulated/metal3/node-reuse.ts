import { field, type KubernetesObject } from "../../../model/kubernetes/object";
import { resources as types } from "../../../model/kubernetes/resources";
import type { World } from "../store";
import { CLUSTER_LABEL, type KeptFor } from "./association";
import { ownerOf } from "./owner";

/** Which template a machine was made from. */
const CLONED_FROM = "cluster.x-k8s.io/cloned-from-name";

/** The set of machines that a Metal3Machine belongs to, as the label on kept hosts names it. */
export function reuseSet(world: World, machine: KubernetesObject): string | undefined {
  const { namespace } = machine.metadata;
  const owner = world.get(types.Machine, ownerOf(machine, "Machine"), namespace);
  const controlPlane = ownerOf(owner, "KubeadmControlPlane");
  if (controlPlane !== undefined) return `cp-${controlPlane}`;
  const set = world.get(types.MachineSet, ownerOf(owner, "MachineSet"), namespace);
  const deployment = ownerOf(set, "MachineDeployment");
  return deployment === undefined ? undefined : `md-${deployment}`;
}

/**
 * Whom a released host is kept for: nobody without nodeReuse in the template that its machine came from, and nobody while
 * the Cluster goes.
 */
export function keptFor(world: World, machine: KubernetesObject): KeptFor | undefined {
  const { namespace, annotations, labels } = machine.metadata;
  const template = world.get(types.Metal3MachineTemplate, annotations?.[CLONED_FROM], namespace);
  const cluster = world.get(types.Cluster, labels?.[CLUSTER_LABEL], namespace);
  const set = reuseSet(world, machine);
  if (field(template, "spec", "nodeReuse") !== true || set === undefined) return undefined;
  return cluster === undefined || cluster.metadata.deletionTimestamp !== undefined
    ? undefined
    : { cluster, set };
}
