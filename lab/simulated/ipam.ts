import { Address4, Address6 } from "ip-address";
import type { LabContext } from "../context";
import { timestamp } from "./conditions";
import type { Controller } from "./controller";
import { CLUSTER_LABEL, isOwnedBy, plainOwnerReference } from "./metal3/association";
import type { World } from "./store";
import { type KubernetesObject, field, list, number, text } from "../../model/kubernetes/object";
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
 * pre-allocated to somebody else. `used` holds the addresses that are given out.
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
    ...(prefix === undefined ? {} : { prefix }),
    ...(gateway === undefined ? {} : { gateway }),
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

const POOL_FINALIZER = "ippool.ipam.metal3.io";
const CLAIM_FINALIZER = "ipclaim.ipam.metal3.io";
const ADDRESS_FINALIZER = "ipaddress.ipam.metal3.io";

const ofPool = (objects: readonly KubernetesObject[], pool: KubernetesObject) =>
  objects.filter((each) => text(each, "spec", "pool", "name") === pool.metadata.name);

/**
 * Simulates Metal3's IP address manager (v1.14 ipam/ippool_manager.go): each IPClaim gets an IPAddress of its pool, and
 * gives it back when nothing but the manager holds it any more. A pool waits for its Cluster, which becomes its owner, and
 * stays until its last address is gone, whatever the claim behind it. A Cluster that comes later is seen with the next claim.
 */
export function ipPoolController(context: LabContext, world: World): Controller {
  return {
    name: "ippool",
    primary: types.IPPool,
    also: [types.IPClaim, types.IPAddress],
    async reconcile(found) {
      const pool = await ofCluster(world, found);
      if (pool === undefined) return;
      const deleting = pool.metadata.deletionTimestamp !== undefined;
      if (!deleting) await world.setFinalizer(types.IPPool, pool, POOL_FINALIZER, true);
      const given = await serve(context, world, pool);
      await writeIndexes(world, pool, given);
      const latest = world.get(types.IPPool, pool.metadata.name, pool.metadata.namespace);
      if (deleting && given.size === 0 && latest !== undefined)
        await world.setFinalizer(types.IPPool, latest, POOL_FINALIZER, false);
    },
  };
}

/** The pool with the labels of its Cluster and that as its owner; undefined while a pool that stays has to wait for the Cluster. */
async function ofCluster(world: World, pool: KubernetesObject): Promise<KubernetesObject | undefined> {
  const name = text(pool, "spec", "clusterName");
  if (name === undefined) return pool;
  const { namespace, labels = {}, deletionTimestamp } = pool.metadata;
  const wanted = { [CLUSTER_LABEL]: name, "cluster.x-k8s.io/provider": "ipam-metal3" };
  const labelled = Object.entries(wanted).every(([key, value]) => labels[key] === value);
  const current = labelled ? pool : await world.patch(types.IPPool, pool, { metadata: { labels: wanted } });
  const cluster = world.get(types.Cluster, name, namespace);
  if (cluster === undefined) return deletionTimestamp === undefined ? undefined : current;
  if (isOwnedBy(current, cluster)) return current;
  const ownerReferences = [...(current.metadata.ownerReferences ?? []), plainOwnerReference(cluster)];
  const { resourceVersion } = current.metadata;
  return world.patch(types.IPPool, current, { metadata: { ownerReferences, resourceVersion } });
}

/** Serves the claims of a pool; the answer is who has which address then: address by claim. */
async function serve(
  context: LabContext,
  world: World,
  pool: KubernetesObject,
): Promise<ReadonlyMap<string, string>> {
  const { namespace } = pool.metadata;
  const addresses = ofPool(world.list(types.IPAddress, namespace), pool);
  const given = new Map(
    addresses.map((each) => [text(each, "spec", "claim", "name") ?? "", text(each, "spec", "address") ?? ""]),
  );
  for (const claim of ofPool(world.list(types.IPClaim, namespace), pool)) {
    const { name, deletionTimestamp, finalizers = [] } = claim.metadata;
    if (deletionTimestamp !== undefined) {
      if (finalizers.some((each) => each !== CLAIM_FINALIZER)) continue;
      const address = addresses.find((each) => text(each, "spec", "claim", "name") === name);
      if (address !== undefined) {
        await world.setFinalizer(types.IPAddress, address, ADDRESS_FINALIZER, false);
        await world.remove(types.IPAddress, address);
      }
      await world.setFinalizer(types.IPClaim, claim, CLAIM_FINALIZER, false);
      given.delete(name);
    } else if (field(claim, "status", "address") === undefined) {
      // A claim that was refused once is not looked at again, even when its pool grows.
      if ((text(claim, "status", "errorMessage") ?? "") === "")
        await give(context, world, pool, claim, given);
    }
  }
  return given;
}

async function give(
  context: LabContext,
  world: World,
  pool: KubernetesObject,
  claim: KubernetesObject,
  given: Map<string, string>,
): Promise<void> {
  const { name, namespace, labels = {} } = claim.metadata;
  await world.setFinalizer(types.IPClaim, claim, CLAIM_FINALIZER, true);
  try {
    // Pre-allocations by host need a switch of CAPM3's that installations leave off.
    const { address, ...rest } = allocate(pool, [name], new Set(given.values()));
    const prefix = text(pool, "spec", "namePrefix") ?? pool.metadata.name;
    const object = await world.create(types.IPAddress, {
      apiVersion: types.IPAddress.apiVersion,
      kind: "IPAddress",
      metadata: {
        name: `${prefix}-${address.replace(/[.:]+/g, "-")}`,
        namespace: namespace ?? "",
        labels,
        finalizers: [ADDRESS_FINALIZER],
        ownerReferences: [plainOwnerReference(pool), plainOwnerReference(claim)],
      },
      spec: { address, ...rest, claim: { name, namespace }, pool: { name: pool.metadata.name, namespace } },
    });
    given.set(name, address);
    const status = { address: { name: object.metadata.name, namespace }, errorMessage: null };
    await world.patch(types.IPClaim, claim, { status }, "status");
    context.log.record("address-given", `IPClaim/${name}`, address);
  } catch (error) {
    if (!(error instanceof AllocationError)) throw error;
    await world.patch(types.IPClaim, claim, { status: { errorMessage: error.message } }, "status");
  }
}

async function writeIndexes(
  world: World,
  pool: KubernetesObject,
  given: ReadonlyMap<string, string>,
): Promise<void> {
  const before = (field(pool, "status", "indexes") ?? {}) as Readonly<Record<string, string>>;
  const gone = Object.keys(before).filter((name) => !given.has(name));
  const changed = [...given].filter(([name, address]) => before[name] !== address);
  if (gone.length + changed.length === 0) return;
  const indexes = Object.fromEntries([...gone.map((name) => [name, null] as const), ...changed]);
  await world.patch(types.IPPool, pool, { status: { indexes, lastUpdated: timestamp() } }, "status");
}
