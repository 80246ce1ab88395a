import type {
  Cluster,
  KubeadmConfigTemplate,
  KubeadmControlPlane,
  Machine,
  MachineDeployment,
} from "../../kubernetes/cluster-api";
import type { BareMetalHost, Hardware, IPClaim, Metal3MachineTemplate } from "../../kubernetes/metal3";
import { type KubernetesObject, defined } from "../../kubernetes/object";
import {
  clusterLabel,
  controlPlanePool,
  failureDomainLabel,
  ownerLabel,
  poolLabel,
} from "../../kubernetes/labels";
import { conditionIs, condition } from "../../kubernetes/condition";
import type { Stack } from "../../stack/schema";
import { type Consumer, type FoundConsumer, claimOf, consumerAmong } from "../readiness/host-claim";

/** What the stack's namespace of the management cluster holds at present; all of it, also what other stacks own. */
export interface LiveCluster {
  readonly cluster?: Cluster;
  readonly clusters: readonly Cluster[];
  readonly controlPlane?: KubeadmControlPlane;
  readonly machineDeployments: readonly MachineDeployment[];
  readonly machines: readonly Machine[];
  /** Those of all clusters of the namespace, listed after the hosts; without objects where they cannot be listed. */
  readonly metal3Machines: FoundConsumer;
  readonly machineTemplates: readonly Metal3MachineTemplate[];
  readonly bootstrapTemplates: readonly KubeadmConfigTemplate[];
  readonly hosts: readonly BareMetalHost[];
  /** Metal3's claims of addresses. */
  readonly addressClaims: readonly IPClaim[];
  /** What inspection found, by host name. */
  readonly hardware: ReadonlyMap<string, Hardware>;
}

/** One machine that runs, and the server it runs on. */
export interface LiveMachine {
  readonly name: string;
  readonly pool: string;
  /** Where its pool is spread over failure domains: its own. */
  readonly failureDomain?: string;
  readonly version: string | undefined;
  /** Absent while no server is claimed. */
  readonly host?: BareMetalHost;
  /** False when Cluster API itself says that a successor must come. */
  readonly upToDate: boolean;
  readonly ready: boolean;
  readonly leaving: boolean;
  /** Marked by a person as the next one to go when machines are taken away. */
  readonly chosen: boolean;
}

/** On a Machine: it is the first to go when its set is made smaller (Cluster API). */
const deleteMachineAnnotation = "cluster.x-k8s.io/delete-machine";

/** The machines of a stack, those of the control plane first, by name. */
export function liveMachines(live: LiveCluster, stack: string): readonly LiveMachine[] {
  return live.machines
    .filter((machine) => machine.metadata.labels?.[clusterLabel] === stack)
    .map((machine): LiveMachine => {
      const { name, labels = {}, deletionTimestamp, annotations = {} } = machine.metadata;
      const host = hostOfMachine(live.hosts, machine);
      return {
        name,
        pool: labels[poolLabel] ?? controlPlanePool,
        ...defined({ failureDomain: labels[failureDomainLabel] }),
        version: machine.spec?.version,
        ...(host === undefined ? {} : { host }),
        upToDate: condition(machine, "UpToDate")?.status !== "False",
        ready: conditionIs(machine, "Ready", "True"),
        leaving: deletionTimestamp !== undefined,
        chosen: annotations[deleteMachineAnnotation] !== undefined,
      };
    })
    .sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}

function rank({ pool }: LiveMachine): number {
  return pool === controlPlanePool ? 0 : 1;
}

/** The server that a machine has claimed, through its Metal3Machine. */
export function hostOfMachine(hosts: readonly BareMetalHost[], machine: Machine): BareMetalHost | undefined {
  const infrastructure = machine.spec?.infrastructureRef?.name ?? machine.metadata.name;
  return hosts.find((host) => {
    const claim = claimOf(host);
    return (
      claim?.by === "machine" &&
      claim.name === infrastructure &&
      claim.namespace === (machine.metadata.namespace ?? "")
    );
  });
}

/** Whose the consumer of a live host is; undefined for a host that is free or only kept for the stack. */
export function liveConsumer(
  host: BareMetalHost | undefined,
  { metal3Machines: { objects, unread } }: LiveCluster,
  { name: cluster, management: { namespace } }: Stack,
): Consumer | undefined {
  const find = (name: string): FoundConsumer =>
    objects === undefined
      ? { ...(unread === undefined ? {} : { unread }) }
      : { objects: objects.filter(({ metadata }) => metadata.name === name) };
  return consumerAmong(host, { cluster, namespace, find });
}

/** Whether an object belongs to a stack. */
export function isOwnedBy(object: KubernetesObject, stack: string): boolean {
  return object.metadata.labels?.[ownerLabel] === stack;
}
