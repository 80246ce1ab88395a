import { Address4, Address6 } from "ip-address";
import type { LabContext } from "../context";
import { timestamp } from "./conditions";
import type { Controller } from "./controller";
import { clusterLabel, isOwnedBy, plainOwnerReference } from "./metal3/association";
import type { Store } from "./store";
import { type KubernetesObject, defined, field, list, number, text } from "../../model/kubernetes/object";
import { resources as types } from "../../model/kubernetes/resources";

/** What a pool gives to one claim. */
export interface Allocation {
  readonly address: string;
  readonly prefix?: number;
  readonly gateway?: string;
  readonly dnsServers: readonly string[];
}

/** The pool has no free address, or promises one that it does not hold. */
export class AllocationError extends Error {}

interface Range {
  readonly from: bigint;
  readonly to: bigint;
  readonly source: unknown;
}

/**
 * The address for a claim: the pre-allocated one under any of the claim's keys, else the first free one that is not
 * pre-allocated to another claim. `used` holds the addresses that are given out.
 */
export function allocate(pool: unknown, keys: readonly string[], used: ReadonlySet<string>): Allocation {
  const promised = (field(pool, "spec", "preAllocations") ?? {}) as Record<string, string>;
  const ranges = list(pool, "spec", "pools").map(rangeOf);
  const mine = keys.map((key) => promised[key]).find((address) => address !== undefined);
  if (mine !== undefined) {
    if (used.has(mine)) throw new AllocationError(`pre-allocated address ${mine} is in use`);
    const range = ranges.find(({ from, to }) => value(mine) >= from && value(mine) <= to);
    if (range === undefined) throw new AllocationError(`pre-allocated address ${mine} is out of bounds`);
    return given(pool, range.source, mine);
  }
  const reserved = new Set(Object.values(promised));
  for (const range of ranges) {
    const family = text(range.source, "start") ?? text(range.source, "subnet") ?? "";
    for (let at = range.from; at <= range.to; at += 1n) {
      const address = format(at, family.includes(":"));
      if (!used.has(address) && !reserved.has(address)) return given(pool, range.source, address);
    }
  }
  throw new AllocationError("Exhausted IP Pools");
}

function given(pool: unknown, range: unknown, address: string): Allocation {
  const prefix = number(range, "prefix") ?? number(pool, "spec", "prefix");
  const gateway = text(range, "gateway") ?? text(pool, "spec", "gateway");
  const own = list(range, "dnsServers");
  const servers = own.length > 0 ? own : list(pool, "spec", "dnsServers");
  return {
    address,
    ...defined({ prefix, gateway }),
    dnsServers: servers.filter((entry): entry is string => typeof entry === "string"),
  };
}

/** A range is start to end, or a subnet without its network and broadcast addresses. */
function rangeOf(source: unknown): Range {
  const start = text(source, "start");
  const subnet = text(source, "subnet");
  const whole = subnet === undefined ? undefined : parsed(subnet);
  const from = start !== undefined ? value(start) : (whole?.startAddress().bigInt() ?? 0n) + 1n;
  const end = text(source, "end");
  const to = end !== undefined ? value(end) : (whole?.endAddress().bigInt() ?? from) - 1n;
  return { from, to, source };
}

function parsed(address: string): Address4 | Address6 {
  return address.includes(":") ? new Address6(address) : new Address4(address);
}

function value(address: string): bigint {
  return parsed(address).bigInt();
}

function format(address: bigint, six: boolean): string {
  return six ? Address6.fromBigInt(address).correctForm() : Address4.fromBigInt(address).correctForm();
}

const poolFinalizer = "ippool.ipam.metal3.io";
const claimFinalizer = "ipclaim.ipam.metal3.io";
const addressFinalizer = "ipaddress.ipam.metal3.io";

const ofPool = (objects: readonly KubernetesObject[], pool: KubernetesObject) =>
  objects.filter((each) => text(each, "spec", "pool", "name") === pool.metadata.name);

/**
 * Simulates Metal3's IP address manager (v1.14 ipam/ippool_manager.go): each IPClaim gets an IPAddress of its pool, and
 * gives it back when nothing but the manager holds it any more. A pool waits for its Cluster, which becomes its owner, and
 * stays until its last address is gone, whatever the claim behind it. A Cluster that comes later is seen with the next claim.
 */
export function ipPoolController(context: LabContext, store: Store): Controller {
  return {
    name: "ippool",
    primary: types.IPPool,
    also: [types.IPClaim, types.IPAddress],
    async reconcile(found) {
      const pool = await ofCluster(store, found);
      if (pool === undefined) return;
      const deleting = pool.metadata.deletionTimestamp !== undefined;
      if (!deleting) await store.setFinalizer(types.IPPool, pool, poolFinalizer, true);
      const given = await serve(context, store, pool);
      await writeIndexes(store, pool, given);
      const latest = store.get(types.IPPool, pool.metadata.name, pool.metadata.namespace);
      if (deleting && given.size === 0 && latest !== undefined)
        await store.setFinalizer(types.IPPool, latest, poolFinalizer, false);
    },
  };
}

/** The pool with the labels of its Cluster and that as its owner; undefined while a pool that stays has to wait for the Cluster. */
async function ofCluster(store: Store, pool: KubernetesObject): Promise<KubernetesObject | undefined> {
  const name = text(pool, "spec", "clusterName");
  if (name === undefined) return pool;
  const { namespace, labels = {}, deletionTimestamp } = pool.metadata;
  const wanted = { [clusterLabel]: name, "cluster.x-k8s.io/provider": "ipam-metal3" };
  const labelled = Object.entries(wanted).every(([key, value]) => labels[key] === value);
  const current = labelled ? pool : await store.patch(types.IPPool, pool, { metadata: { labels: wanted } });
  const cluster = store.get(types.Cluster, name, namespace);
  if (cluster === undefined) return deletionTimestamp === undefined ? undefined : current;
  if (isOwnedBy(current, cluster)) return current;
  const ownerReferences = [...(current.metadata.ownerReferences ?? []), plainOwnerReference(cluster)];
  const { resourceVersion } = current.metadata;
  return store.patch(types.IPPool, current, { metadata: { ownerReferences, resourceVersion } });
}

/** Serves the claims of a pool; the answer is who has which address then: address by claim. */
async function serve(
  context: LabContext,
  store: Store,
  pool: KubernetesObject,
): Promise<ReadonlyMap<string, string>> {
  const { namespace } = pool.metadata;
  const addresses = ofPool(store.list(types.IPAddress, namespace), pool);
  const given = new Map(
    addresses.map((each) => [text(each, "spec", "claim", "name") ?? "", text(each, "spec", "address") ?? ""]),
  );
  for (const claim of ofPool(store.list(types.IPClaim, namespace), pool)) {
    const { name, deletionTimestamp, finalizers = [] } = claim.metadata;
    if (deletionTimestamp !== undefined) {
      if (finalizers.some((each) => each !== claimFinalizer)) continue;
      const address = addresses.find((each) => text(each, "spec", "claim", "name") === name);
      if (address !== undefined) {
        await store.setFinalizer(types.IPAddress, address, addressFinalizer, false);
        await store.remove(types.IPAddress, address);
      }
      await store.setFinalizer(types.IPClaim, claim, claimFinalizer, false);
      given.delete(name);
    } else if (field(claim, "status", "address") === undefined) {
      // A claim that was refused once is not looked at again, even when its pool grows.
      if ((text(claim, "status", "errorMessage") ?? "") === "")
        await give(context, store, pool, claim, given);
    }
  }
  return given;
}

async function give(
  context: LabContext,
  store: Store,
  pool: KubernetesObject,
  claim: KubernetesObject,
  given: Map<string, string>,
): Promise<void> {
  const { name, namespace, labels = {} } = claim.metadata;
  await store.setFinalizer(types.IPClaim, claim, claimFinalizer, true);
  try {
    // Pre-allocations by host need a switch of CAPM3's that installations leave off.
    const { address, ...rest } = allocate(pool, [name], new Set(given.values()));
    const prefix = text(pool, "spec", "namePrefix") ?? pool.metadata.name;
    const object = await store.create(types.IPAddress, {
      apiVersion: types.IPAddress.apiVersion,
      kind: "IPAddress",
      metadata: {
        name: `${prefix}-${address.replace(/[.:]+/g, "-")}`,
        namespace: namespace ?? "",
        labels,
        finalizers: [addressFinalizer],
        ownerReferences: [plainOwnerReference(pool), plainOwnerReference(claim)],
      },
      spec: { address, ...rest, claim: { name, namespace }, pool: { name: pool.metadata.name, namespace } },
    });
    given.set(name, address);
    const status = { address: { name: object.metadata.name, namespace }, errorMessage: null };
    await store.patch(types.IPClaim, claim, { status }, "status");
    context.log.record("address-given", `IPClaim/${name}`, address);
  } catch (error) {
    if (!(error instanceof AllocationError)) throw error;
    await store.patch(types.IPClaim, claim, { status: { errorMessage: error.message } }, "status");
  }
}

async function writeIndexes(
  store: Store,
  pool: KubernetesObject,
  given: ReadonlyMap<string, string>,
): Promise<void> {
  const before = (field(pool, "status", "indexes") ?? {}) as Readonly<Record<string, string>>;
  const gone = Object.keys(before).filter((name) => !given.has(name));
  const changed = [...given].filter(([name, address]) => before[name] !== address);
  if (gone.length + changed.length === 0) return;
  const indexes = Object.fromEntries([...gone.map((name) => [name, null] as const), ...changed]);
  await store.patch(types.IPPool, pool, { status: { indexes, lastUpdated: timestamp() } }, "status");
}
