import type { Cluster } from "../../kubernetes/cluster-api";
import type { BareMetalHost } from "../../kubernetes/metal3";
import type { Stack } from "../../stack/schema";
import type { KubernetesObject } from "../../kubernetes/object";
import { claimantText } from "../readiness/host-claim";
import { type LiveCluster, isOwnedBy, liveConsumer, liveMachines } from "../rollout/live-cluster";
import { detachedAnnotation, restingStates } from "../rollout/server";

/** Why a host cannot be detached, for the person who asked. */
interface DetachRefusal {
  readonly problem: string;
  readonly fix: string;
}

/** Which hosts are detached as they are; with `cluster`, the Cluster object goes too, and nothing inside is stopped. */
export interface DetachPlan {
  readonly hosts: readonly BareMetalHost[];
  readonly cluster?: Cluster;
  readonly refusals: readonly DetachRefusal[];
}

/** Decides a detach of named hosts; an empty list means all of the stack, and its Cluster. */
export function planDetach(stack: Stack, live: LiveCluster, names: readonly string[]): DetachPlan {
  const own = live.hosts.filter((host) => isOwnedBy(host, stack.name));
  const all = names.length === 0;
  const hosts = all ? own : own.filter(({ metadata }) => names.includes(metadata.name));
  const strange = names.filter((name) => !own.some(({ metadata }) => metadata.name === name));
  const { cluster } = live;
  return {
    hosts,
    ...(all && cluster !== undefined && isOwnedBy(cluster, stack.name) ? { cluster } : {}),
    refusals: [
      ...(stack.protect ? [protectedStack] : []),
      ...strange.map((name) => ({
        problem: `stack ${stack.name} has no host "${name}" in the management cluster`,
        fix: `name one of ${own.map(({ metadata }) => metadata.name).join(", ")}`,
      })),
      ...hosts.flatMap((host) => hindrance(host)),
      ...hosts.flatMap((host) => servingOthers(stack, live, host)),
      ...(all ? [] : hosts.flatMap((host) => stillServing(stack, live, host))),
    ],
  };
}

const protectedStack: DetachRefusal = {
  problem: "the stack is protected",
  fix: "write protect: false and run pulumi up first",
};

function hindrance({ metadata }: KubernetesObject): readonly DetachRefusal[] {
  if (metadata.annotations?.["baremetalhost.metal3.io/paused"] === undefined) return [];
  return [
    {
      problem: `${metadata.name} is paused, so Metal3 does not release it`,
      fix: `kubectl annotate baremetalhost ${metadata.name} baremetalhost.metal3.io/paused-`,
    },
  ];
}

/** Its deletion takes the host from the machine of another cluster, whose health checks then replace that machine. */
function servingOthers(stack: Stack, live: LiveCluster, host: BareMetalHost): readonly DetachRefusal[] {
  const consumer = liveConsumer(host, live, stack);
  if (consumer?.is === "unknown") {
    return [
      {
        problem: `whether ${host.metadata.name} serves this cluster is not known: ${consumer.why}`,
        fix: `grant list on metal3machines in namespace ${stack.management.namespace}, then run this again`,
      },
    ];
  }
  if (consumer?.is !== "foreign") return [];
  return [
    {
      problem: `${host.metadata.name} is claimed by ${claimantText(host, consumer.cluster) ?? ""}, which is not of this cluster`,
      fix: "release it there first (scale that cluster down)",
    },
  ];
}

/** One host of a cluster that stays would leave an unmanaged node, and a machine that never finds it again. */
function stillServing(stack: Stack, live: LiveCluster, host: BareMetalHost): readonly DetachRefusal[] {
  const leaving = live.cluster === undefined || live.cluster.metadata.deletionTimestamp !== undefined;
  if (leaving || liveConsumer(host, live, stack)?.is !== "ours") return [];
  const machine = liveMachines(live, stack.name).find(
    (each) => each.host?.metadata.name === host.metadata.name,
  );
  if (machine?.leaving === true) return [];
  return [
    {
      problem: `${host.metadata.name} serves as machine ${machine?.name ?? host.spec?.consumerRef?.name ?? ""} of a cluster that stays`,
      fix: "scale its pool in first; or detach the whole cluster as it is: --all",
    },
  ];
}

/** The annotation that takes a host out of Metal3's hands, and lets its deletion skip wipe and power. */
export function detachAnnotation(host: BareMetalHost): Readonly<Record<string, string>> {
  const resting = restingStates.includes(host.status?.provisioning?.state ?? "");
  const value = { deleteAction: "delete", ...(resting ? {} : { force: true }) };
  return { [detachedAnnotation]: JSON.stringify(value) };
}

/** Whether Metal3 has detached a host; before that a deletion would still wipe it. */
export function hasLetGo(host: BareMetalHost): boolean {
  const state = host.status?.provisioning?.state ?? "";
  // Never registered with Ironic: there is nothing to wipe it with.
  return host.status?.operationalStatus === "detached" || ["", "unmanaged"].includes(state);
}
