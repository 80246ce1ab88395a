import type { Machine } from "../../kubernetes/cluster-api";
import type { Node } from "../../kubernetes/core";
import type { BareMetalHost } from "../../kubernetes/metal3";
import { defined } from "../../kubernetes/object";
import { type Snapshot, inManagement, inWorkload, named } from "../snapshot";
import { controlPlanePool, poolLabel } from "../../kubernetes/labels";
import { machinePool } from "../../plan/machines";
import { condition, conditionIs } from "../../kubernetes/condition";
import { claimOf } from "../readiness/host-claim";
import { hostError } from "../readiness/host-state";

/** One machine with everything that was found to belong to it. */
export interface MachineState {
  readonly name: string;
  readonly machine: Machine;
  /** `control-plane`, or the worker pool's name; empty when the machine does not say it. */
  readonly pool: string;
  readonly host?: BareMetalHost;
  readonly node?: Node;
  readonly deleting: boolean;
  /** What keeps it from serving, in the words of its source; undefined when nothing does. */
  readonly trouble?: string;
}

/** What Cluster API watches on a control plane machine beside its node. */
const controlPlaneParts = ["APIServerPodHealthy", "EtcdPodHealthy", "EtcdMemberHealthy"];

/** Every machine of the cluster, by name. */
export function machineStates(snapshot: Snapshot): readonly MachineState[] {
  return inManagement(snapshot, "machines")
    .map((machine) => machineState(snapshot, machine))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Whether a machine runs the API server and a member of etcd. */
export function isControlPlane({ pool }: MachineState): boolean {
  return pool === controlPlanePool;
}

function machineState(snapshot: Snapshot, machine: Machine): MachineState {
  const host = hostOf(snapshot, machine);
  const node = named(inWorkload(snapshot, "nodes"), machine.status?.nodeRef?.name);
  const deleting = machine.metadata.deletionTimestamp !== undefined;
  const pool = machinePool(machine) ?? host?.metadata.labels?.[poolLabel] ?? "";
  const trouble = deleting ? "is being deleted" : troubleOf(machine, pool, host, node);
  return {
    name: machine.metadata.name,
    machine,
    pool,
    deleting,
    ...defined({ host, node, trouble }),
  };
}

function hostOf(snapshot: Snapshot, machine: Machine): BareMetalHost | undefined {
  const name = machine.spec?.infrastructureRef?.name;
  return inManagement(snapshot, "hosts").find((host) => {
    const claim = claimOf(host);
    return claim?.by === "machine" && claim.name === name;
  });
}

function troubleOf(
  machine: Machine,
  pool: string,
  host: BareMetalHost | undefined,
  node: Node | undefined,
): string | undefined {
  const error = hostError(host);
  if (error !== undefined) return `host ${host?.metadata.name ?? ""}: ${error.type}: ${error.message}`;
  if (machine.status?.nodeRef?.name === undefined) {
    return host === undefined ? "has no host" : `has no node; host ${host.metadata.name} is ${stateOf(host)}`;
  }
  if (node === undefined) return "its node is not in the cluster";
  if (!conditionIs(node, "Ready", "True")) {
    const ready = condition(node, "Ready");
    return `node ${node.metadata.name} is not Ready: ${ready?.message ?? "it says nothing"}`;
  }
  if (pool !== controlPlanePool) return undefined;
  const broken = controlPlaneParts.find((type) => (condition(machine, type)?.status ?? "True") !== "True");
  return broken === undefined ? undefined : `${broken}: ${condition(machine, broken)?.message ?? ""}`;
}

/** A host's provisioning state, `provisioned`. */
export function stateOf(host: BareMetalHost): string {
  return host.status?.provisioning?.state ?? "of unknown state";
}
