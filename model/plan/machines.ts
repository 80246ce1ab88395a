import { controlPlaneLabel, controlPlanePool, failureDomainLabel, poolLabel } from "../kubernetes/labels";
import { type KubernetesObject, defined, text } from "../kubernetes/object";
import { workerPool } from "../stack/addressing";
import type { ControlPlane, Stack, WorkerPool } from "../stack/schema";

/** The machines of one KubeadmControlPlane or MachineDeployment: a pool, or its share in one failure domain. */
export interface PoolMachines {
  readonly pool: string;
  /** Place of the pool in the stack file. */
  readonly at: string;
  /** Place of the number of machines. */
  readonly countAt: string;
  /** Name of the object. */
  readonly name: string;
  /** Where the pool is spread over several: the one whose hosts these machines get. */
  readonly failureDomain?: string;
  /** How many there are at least, and at most: the same number, where no autoscaler decides it. */
  readonly least: number;
  readonly replicas: number;
  /** How many more exist for a while when they are replaced. */
  readonly surge: number;
}

/** Every pool's machines, the control plane's first. */
export function poolMachines(stack: Stack): readonly PoolMachines[] {
  const { controlPlane, workers } = stack;
  return [
    {
      pool: controlPlanePool,
      at: "controlPlane",
      countAt: "controlPlane.replicas",
      name: stack.name,
      least: controlPlane.replicas,
      replicas: controlPlane.replicas,
      surge: controlPlaneSurge(stack),
    },
    ...workers.flatMap((pool, i) => deploymentsOf(stack, pool, `workers[${i}]`)),
  ];
}

/** The MachineDeployments of a worker pool: one, or one for each of its failure domains. */
export function deploymentsOf(stack: Stack, pool: WorkerPool, at = "workers"): readonly PoolMachines[] {
  const { failureDomains, autoscaling, rollout } = pool;
  const bounds = sizeOf(pool);
  const domains: readonly (string | undefined)[] = failureDomains.length === 0 ? [undefined] : failureDomains;
  return domains.map((failureDomain, i) => {
    const replicas = share(bounds.most, domains.length, i);
    return {
      pool: pool.name,
      at,
      countAt: autoscaling === undefined ? `${at}.replicas` : `${at}.autoscaling.max`,
      name: machineDeploymentName(stack, pool.name, failureDomain),
      ...defined({ failureDomain }),
      least: share(bounds.least, domains.length, i),
      replicas,
      surge: rollout.spareHost && replicas > 0 ? 1 : 0,
    };
  });
}

/** An even share of a number; the first ones get what is left over. */
function share(total: number, parts: number, index: number): number {
  return Math.floor(total / parts) + (index < total % parts ? 1 : 0);
}

/** How many machines a worker pool has, at least and at most. */
export function sizeOf({ replicas, autoscaling }: Pick<WorkerPool, "replicas" | "autoscaling">): {
  readonly least: number;
  readonly most: number;
} {
  return autoscaling === undefined
    ? { least: replicas, most: replicas }
    : { least: autoscaling.min, most: autoscaling.max };
}

/** The number of workers of all pools that there are at least, whatever an autoscaler decides. */
export function leastWorkers({ workers }: Stack): number {
  return workers.reduce((sum, pool) => sum + sizeOf(pool).least, 0);
}

/** Name of a pool's MachineDeployment, or of that of one of its failure domains. */
export function machineDeploymentName(stack: Stack, pool: string, failureDomain?: string): string {
  return [stack.name, pool, ...(failureDomain === undefined ? [] : [failureDomain])].join("-");
}

/** A pool for people, `workers in rack-1` where the machines are those of one failure domain. */
export function poolText(pool: string, failureDomain: string | undefined): string {
  return failureDomain === undefined ? pool : `${pool} in ${failureDomain}`;
}

/** Cluster API refuses to take a machine away first when there are fewer than three. */
export function controlPlaneSurge({ controlPlane }: Stack): 0 | 1 {
  return controlPlane.rollout.spareHost || controlPlane.replicas < 3 ? 1 : 0;
}

/** Whether ordinary pods may run on the control plane: without worker pools they have no other place. */
export function isControlPlaneSchedulable({ controlPlane, workers }: Stack): boolean {
  return controlPlane.schedulable ?? workers.length === 0;
}

/** All machines that exist at once while every pool is replaced. */
export function mostMachines(pools: readonly PoolMachines[]): number {
  return pools.reduce((sum, { replicas, surge }) => sum + replicas + surge, 0);
}

/** The pool of a live Machine: `control-plane`, or the worker pool's name; undefined when its labels do not say it. */
export function machinePool({ metadata: { labels = {} } }: KubernetesObject): string | undefined {
  return controlPlaneLabel in labels ? controlPlanePool : labels[poolLabel];
}

/**
 * How often Metal3 reboots an unhealthy machine of a pool; 0 leaves it to Cluster API, which replaces the machine. The only
 * control plane machine is never replaced, so it is rebooted.
 */
export function rebootsOf(
  pool: string,
  { replicas, healthCheck }: Pick<WorkerPool, "replicas" | "healthCheck">,
): number {
  return healthCheck.reboots ?? (pool === controlPlanePool && replicas === 1 ? 2 : 0);
}

/** The worker pool of a MachineDeployment, planned or live; undefined when it selects none. */
export function deploymentPool(deployment: KubernetesObject): string | undefined {
  return text(deployment, "spec", "selector", "matchLabels", poolLabel);
}

/** The failure domain whose hosts the machines of a MachineDeployment get; undefined where it is not bound to one. */
export function deploymentDomain(deployment: KubernetesObject): string | undefined {
  return text(deployment, "spec", "selector", "matchLabels", failureDomainLabel);
}

/** A stack as one pool sees it: its own users, files, commands and kubelet arguments after those of all machines. */
export function forPool(stack: Stack, pool: string): Stack {
  const { machines, controlPlane } = stack;
  if (pool === controlPlanePool) {
    return { ...stack, machines: { ...machines, users: usersOf(machines, controlPlane.users) } };
  }
  const own = workerPool(stack, pool)?.machines;
  if (own === undefined) return stack;
  const replaced = own.files.map(({ path }) => path);
  return {
    ...stack,
    machines: {
      ...machines,
      users: usersOf(machines, own.users),
      files: [...machines.files.filter(({ path }) => !replaced.includes(path)), ...own.files],
      preKubeadmCommands: [...machines.preKubeadmCommands, ...own.preKubeadmCommands],
      postKubeadmCommands: [...machines.postKubeadmCommands, ...own.postKubeadmCommands],
      kubeletArguments: { ...machines.kubeletArguments, ...own.kubeletArguments },
      kubeletConfiguration: { ...machines.kubeletConfiguration, ...own.kubeletConfiguration },
    },
  };
}

/** The users of all machines, then those of a pool; of two with one name the pool's. */
function usersOf({ users }: Stack["machines"], own: Users): Users {
  const replaced = own.map(({ name }) => name);
  return [...users.filter(({ name }) => !replaced.includes(name)), ...own];
}

type Users = Stack["machines"]["users"];

/** Label domains of nodes that Cluster API keeps by itself (machine_types.go: role prefix, restriction, managed domain). */
const keptDomains =
  /^node-role\.kubernetes\.io$|(^|\.)(node-restriction\.kubernetes\.io|node\.cluster\.x-k8s\.io)$/;

/** Whether Cluster API copies such a label from a Machine to its node whenever it changes; any other is the kubelet's, at its first start. */
export function isKeptOnNodes(key: string): boolean {
  return keptDomains.test(key.slice(0, Math.max(0, key.indexOf("/"))));
}

/** The labels that go onto Machines: they change in place. */
export function machineLabels(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => isKeptOnNodes(key)));
}

/** The labels that the kubelet sets: a change of one replaces the machines. */
export function kubeletLabels(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !isKeptOnNodes(key)));
}

/** A pool of machines, or the control plane, with its place in the stack file. */
export interface MachinePool extends Omit<ControlPlane, "name" | "secretFiles" | "users"> {
  /** `controlPlane`, or `workers[0]`. */
  readonly at: string;
  /** Name that hosts refer to. */
  readonly name: string;
}

/** The number of machines of all pools; the greatest that an autoscaler may decide. */
export function machineCount(stack: Stack): number {
  return machinePools(stack).reduce((sum, { replicas }) => sum + replicas, 0);
}

/** The control plane and every worker pool; `replicas` is the greatest number that an autoscaler may decide. */
export function machinePools(stack: Stack): readonly MachinePool[] {
  return [
    { ...stack.controlPlane, at: "controlPlane", name: controlPlanePool },
    ...stack.workers.map((pool, i) => ({ ...pool, replicas: sizeOf(pool).most, at: `workers[${i}]` })),
  ];
}
