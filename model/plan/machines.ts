import { controlPlaneLabel, controlPlanePool, poolLabel } from "../kubernetes/labels";
import { type KubernetesObject, text } from "../kubernetes/object";
import { workerPool } from "../stack/addressing";
import type { ControlPlane, Stack, WorkerPool } from "../stack/schema";

/** How many machines a pool has, and how many more exist for a while when they are replaced. */
export interface PoolMachines {
  readonly pool: string;
  /** Place of the pool in the stack file. */
  readonly at: string;
  readonly replicas: number;
  readonly surge: number;
}

/** Every pool's machines, the control plane's first. */
export function poolMachines(stack: Stack): readonly PoolMachines[] {
  const { controlPlane, workers } = stack;
  return [
    {
      pool: controlPlanePool,
      at: "controlPlane",
      replicas: controlPlane.replicas,
      surge: controlPlaneSurge(stack),
    },
    ...workers.map(({ name, replicas, rollout }, i) => ({
      pool: name,
      at: `workers[${i}]`,
      replicas,
      surge: rollout.spareHost && replicas > 0 ? 1 : 0,
    })),
  ];
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

/** A stack as one pool sees it: its own files, commands and kubelet arguments after those of all machines. */
export function forPool(stack: Stack, pool: string): Stack {
  const own = workerPool(stack, pool)?.machines;
  if (own === undefined) return stack;
  const { machines } = stack;
  const replaced = own.files.map(({ path }) => path);
  return {
    ...stack,
    machines: {
      ...machines,
      files: [...machines.files.filter(({ path }) => !replaced.includes(path)), ...own.files],
      preKubeadmCommands: [...machines.preKubeadmCommands, ...own.preKubeadmCommands],
      postKubeadmCommands: [...machines.postKubeadmCommands, ...own.postKubeadmCommands],
      kubeletArguments: { ...machines.kubeletArguments, ...own.kubeletArguments },
      kubeletConfiguration: { ...machines.kubeletConfiguration, ...own.kubeletConfiguration },
    },
  };
}

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
export interface MachinePool extends Omit<ControlPlane, "name" | "secretFiles"> {
  /** `controlPlane`, or `workers[0]`. */
  readonly at: string;
  /** Name that hosts refer to. */
  readonly name: string;
}

/** The number of machines of all pools. */
export function machineCount(stack: Stack): number {
  return machinePools(stack).reduce((sum, { replicas }) => sum + replicas, 0);
}

/** The control plane and every worker pool. */
export function machinePools(stack: Stack): readonly MachinePool[] {
  return [
    { ...stack.controlPlane, at: "controlPlane", name: controlPlanePool },
    ...stack.workers.map((pool, i) => ({ ...pool, at: `workers[${i}]` })),
  ];
}
