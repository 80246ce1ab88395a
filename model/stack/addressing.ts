import type { Host, Stack, WorkerPool } from "./schema";

/** Where kubelets and kubeconfigs reach the API: the endpoint's name, where it has one, else its address. */
export function apiHost({ kubernetes: { endpoint } }: Stack): string {
  return endpoint.name ?? endpoint.host;
}

/** How the machines of a pool get their addresses. */
export type Addressing = "fixed" | "pool" | "dhcp";

/** Fixed when the pool's hosts have addresses of their own; else from the stack's address pool, if it has one. */
export function addressingOf(stack: Stack, pool: string): Addressing {
  const hosts = hostsOf(stack, pool);
  if (hosts.length > 0 && hosts.every((host) => host.address !== undefined)) return "fixed";
  return stack.network.addressPool === undefined ? "dhcp" : "pool";
}

/** Whether the machines of a pool get an address of the nodes' second family, too: each from its host, or from a pool. */
export function hasSecondaryAddresses(stack: Stack, pool: string): boolean {
  const { secondary } = stack.network;
  if (secondary === undefined) return false;
  const addressing = addressingOf(stack, pool);
  if (addressing === "pool") return secondary.addressPool !== undefined;
  return addressing === "fixed" && hostsOf(stack, pool).every((host) => host.secondaryAddress !== undefined);
}

/** The hosts of one pool, in the stack file's order. */
export function hostsOf({ hosts }: Stack, pool: string): readonly Host[] {
  const pools = hostsByPool.get(hosts) ?? new Map<string, readonly Host[]>();
  hostsByPool.set(hosts, pools);
  const known = pools.get(pool);
  if (known !== undefined) return known;
  const found = hosts.filter((host) => host.pool === pool);
  pools.set(pool, found);
  return found;
}

/** Whether machines may get a host: it is not kept switched off, and does not run a system of its own. */
export function isInService({ online, externallyProvisioned }: Host): boolean {
  return online && !externallyProvisioned;
}

/** The hosts of a pool that machines may get, now or once they are switched on; not those that run a system of their own. */
export function hostsForMachines(stack: Stack, pool: string): readonly Host[] {
  return hostsOf(stack, pool).filter(({ externallyProvisioned }) => !externallyProvisioned);
}

/** The hosts that a pool's machines may get; of one failure domain, where the machines are those of one. */
export function hostsInService(stack: Stack, pool: string, failureDomain?: string): readonly Host[] {
  return hostsOf(stack, pool).filter(
    (host) => isInService(host) && (failureDomain === undefined || host.failureDomain === failureDomain),
  );
}

/** The worker pool of a name; the first, where a stack file has two. */
export function workerPool({ workers }: Stack, pool: string): WorkerPool | undefined {
  const pools =
    workersByName.get(workers) ?? new Map(workers.toReversed().map((worker) => [worker.name, worker]));
  workersByName.set(workers, pools);
  return pools.get(pool);
}

const workersByName = new WeakMap<readonly WorkerPool[], ReadonlyMap<string, WorkerPool>>();

/** Checks look up each host, and a stack does not change: without the cache every lookup would scan all hosts. */
const hostsByPool = new WeakMap<readonly Host[], Map<string, readonly Host[]>>();
