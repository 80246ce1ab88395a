import type { Host, Stack, WorkerPool } from "./schema";

/** Where kubelets and kubeconfigs reach the API: the endpoint's name, where it has one, else its address. */
export function apiHost({ kubernetes: { endpoint } }: Stack): string {
  return endpoint.name ?? endpoint.host;
}

/** How the machines of a pool get their addresses. */
export type Addressing = "fixed" | "pool" | "dhcp";

/** Fixed when the pool's hosts have addresses of their own; else from the stack's address pool, if it has one. */
export function addressingOf(stack: Stack, pool: string): Addressing {
  if (hostsByPool(stack).get(pool)?.haveAddresses === true) return "fixed";
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
export function hostsOf(stack: Stack, pool: string): readonly Host[] {
  return hostsByPool(stack).get(pool)?.hosts ?? [];
}

/** The hosts of one pool, and whether each of them has an address of its own. */
interface PoolHosts {
  readonly hosts: Host[];
  haveAddresses: boolean;
}

function hostsByPool({ hosts }: Stack): ReadonlyMap<string, PoolHosts> {
  const known = knownHosts.get(hosts);
  if (known !== undefined) return known;
  const pools = new Map<string, PoolHosts>();
  for (const host of hosts) {
    const pool = pools.get(host.pool) ?? { hosts: [], haveAddresses: true };
    pools.set(host.pool, pool);
    pool.hosts.push(host);
    pool.haveAddresses &&= host.address !== undefined;
  }
  knownHosts.set(hosts, pools);
  return pools;
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
export function workerPool(stack: Stack, pool: string): WorkerPool | undefined {
  return stack.workers[workerIndex(stack, pool)];
}

/** Which of the stack's worker pools has a name, from 0; -1 where none has it. */
export function workerIndex({ workers }: Stack, pool: string): number {
  const known =
    workersByName.get(workers) ?? new Map(workers.map(({ name }, i) => [name, i] as const).reverse());
  workersByName.set(workers, known);
  return known.get(pool) ?? -1;
}

const workersByName = new WeakMap<readonly WorkerPool[], ReadonlyMap<string, number>>();

/** Checks look up each host, and a stack does not change: without the cache every lookup would scan all hosts. */
const knownHosts = new WeakMap<readonly Host[], ReadonlyMap<string, PoolHosts>>();
