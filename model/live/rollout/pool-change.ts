import type { MachineDeployment, MachineSet } from "../../kubernetes/cluster-api";
import type { Stack } from "../../stack/schema";
import { machineDeploymentName } from "../../plan/manifests/cluster";
import { controlPlanePool } from "../../kubernetes/labels";
import { deploymentPool, poolMachines } from "../../plan/machines";
import type { ClusterPlan } from "../../plan/plan";
import { type LiveCluster, type LiveMachine, isOwnedBy, liveMachines } from "./live-cluster";
import { type SetChange, reuseComesLate, rolloutReasons } from "./reasons";

/** What an update does to the machines of one pool that runs. */
export interface PoolChange {
  readonly pool: string;
  /** Place in the stack file; of a pool that has left it, the list of pools. */
  readonly at: string;
  readonly machines: readonly LiveMachine[];
  readonly before: number;
  readonly after: number;
  /** Why every machine is replaced; empty when none is. */
  readonly reasons: readonly string[];
  /** nodeReuse is asked for, and this rollout does not have it yet. */
  readonly reuseComesLate: boolean;
  /** Machines that exist for a while beside the old ones. */
  readonly surge: number;
}

/** What the plan changes in each pool that runs; pools that are only planned have nothing to lose. */
export function poolChanges(stack: Stack, plan: ClusterPlan, live: LiveCluster): readonly PoolChange[] {
  const machines = liveMachines(live, stack.name);
  const planned = poolMachines(stack).flatMap(({ pool, at, replicas, surge }): PoolChange[] => {
    const change = setChange(stack, plan, live, pool);
    if (change === undefined) return [];
    return [
      {
        pool,
        at,
        machines: machines.filter((machine) => machine.pool === pool),
        before: change.live.spec?.replicas ?? 0,
        after: replicas,
        reasons: rolloutReasons(change),
        reuseComesLate: reuseComesLate(change),
        surge,
      },
    ];
  });
  return [...planned, ...leavingPools(stack, plan, live, machines)];
}

function setChange(
  stack: Stack,
  { cluster }: ClusterPlan,
  live: LiveCluster,
  pool: string,
): SetChange | undefined {
  const isControlPlane = pool === controlPlanePool;
  const name = isControlPlane ? stack.name : machineDeploymentName(stack, pool);
  const found = isControlPlane
    ? live.controlPlane
    : live.machineDeployments.find(({ metadata }) => metadata.name === name);
  const planned = cluster.objects.filter(isMachineSet).find((object) => object.metadata.name === name);
  if (found === undefined || planned === undefined || !isOwnedBy(found, stack.name)) return undefined;
  return {
    live: found,
    planned,
    templates: {
      live: [...live.machineTemplates, ...live.bootstrapTemplates],
      planned: cluster.templates.map(({ manifest }) => manifest),
    },
  };
}

function isMachineSet(object: ClusterPlan["cluster"]["objects"][number]): object is MachineSet {
  return object.kind === "KubeadmControlPlane" || object.kind === "MachineDeployment";
}

/** MachineDeployments of ours that the plan no longer has: all their machines go. */
function leavingPools(
  stack: Stack,
  { cluster }: ClusterPlan,
  live: LiveCluster,
  machines: readonly LiveMachine[],
): readonly PoolChange[] {
  const stays = (deployment: MachineDeployment) =>
    cluster.objects.some(
      ({ kind, metadata }) => kind === "MachineDeployment" && metadata.name === deployment.metadata.name,
    );
  return live.machineDeployments
    .filter((deployment) => isOwnedBy(deployment, stack.name) && !stays(deployment))
    .map((deployment) => {
      const pool = deploymentPool(deployment) ?? deployment.metadata.name;
      return {
        pool,
        at: "workers",
        machines: machines.filter((machine) => machine.pool === pool),
        before: deployment.spec?.replicas ?? 0,
        after: 0,
        reasons: [],
        reuseComesLate: false,
        surge: 0,
      };
    });
}
