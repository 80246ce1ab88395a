import { Address4, Address6 } from "ip-address";
import type { LabContext } from "../../context";
import { type Condition, hasConditions, timestamp, withConditions } from "../conditions";
import type { Controller } from "../controller";
import type { Store } from "../store";
import { type KubernetesObject, field, list, selects, text } from "../../../model/kubernetes/object";
import { resources as types } from "../../../model/kubernetes/resources";

/** The load balancer classes that Cilium serves; a Service without a class is served too. */
const ours = ["io.cilium/bgp-control-plane", "io.cilium/l2-announcer"];

interface Block {
  readonly six: boolean;
  readonly from: bigint;
  readonly to: bigint;
}

/** The address blocks of a CiliumLoadBalancerIPPool; `allowFirstLastIPs: "No"` takes both ends off a CIDR. */
function blocksOf(pool: KubernetesObject): Block[] {
  const inner = text(pool, "spec", "allowFirstLastIPs") === "No" ? 1n : 0n;
  return list(pool, "spec", "blocks").map((block) => {
    const cidr = text(block, "cidr");
    if (cidr === undefined) {
      const start = text(block, "start") ?? "";
      const six = start.includes(":");
      return { six, from: value(start), to: value(text(block, "stop") ?? start) };
    }
    const whole = parsed(cidr);
    const from = whole.startAddress().bigInt();
    const to = whole.endAddress().bigInt();
    const ends = to - from >= 2n ? inner : 0n;
    return { six: cidr.includes(":"), from: from + ends, to: to - ends };
  });
}

/** LB-IPAM's conditions of a pool: conflicts with another pool, and how many addresses are left. */
export function poolConditions(
  pool: KubernetesObject,
  pools: readonly KubernetesObject[],
  used: number,
): Condition[] {
  const mine = blocksOf(pool);
  const rival = pools.find(
    (other) =>
      other.metadata.name !== pool.metadata.name &&
      blocksOf(other).some((theirs) =>
        mine.some((own) => own.six === theirs.six && own.from <= theirs.to && theirs.from <= own.to),
      ),
  );
  const total = mine.reduce((sum, block) => sum + block.to - block.from + 1n, 0n);
  const count = (type: string, message: string): Condition => ({
    type: `cilium.io/${type}`,
    status: "Unknown",
    reason: "noreason",
    message,
  });
  return [
    {
      type: "cilium.io/PoolConflict",
      status: rival === undefined ? "False" : "True",
      reason: rival === undefined ? "resolved" : "cidr_overlap",
      message:
        rival === undefined
          ? ""
          : `Pool conflicts since its ranges overlap with those of pool '${rival.metadata.name}'`,
    },
    count("IPsTotal", String(total)),
    count("IPsAvailable", String(total - BigInt(used))),
    count("IPsUsed", String(used)),
  ];
}

/** True for a Service that LB-IPAM gives an address. */
export function wantsAddress(service: KubernetesObject): boolean {
  const kind = text(service, "spec", "loadBalancerClass");
  return text(service, "spec", "type") === "LoadBalancer" && (kind === undefined || ours.includes(kind));
}

/** The addresses that a Service has from LB-IPAM. */
function addressesOf(service: KubernetesObject): string[] {
  return list(service, "status", "loadBalancer", "ingress").flatMap((entry) => text(entry, "ip") ?? []);
}

/** The first free address for a Service, of the first pool that selects it; IPv4 before IPv6. */
export function addressFor(
  service: KubernetesObject,
  pools: readonly KubernetesObject[],
  used: ReadonlySet<string>,
): string | undefined {
  for (const pool of pools) {
    if (field(pool, "spec", "disabled") === true) continue;
    if (!selects(field(pool, "spec", "serviceSelector"), service.metadata.labels)) continue;
    for (const block of blocksOf(pool)) {
      for (let at = block.from; at <= block.to; at += 1n) {
        const address = block.six
          ? Address6.fromBigInt(at).correctForm()
          : Address4.fromBigInt(at).correctForm();
        if (!used.has(address)) return address;
      }
    }
  }
  return undefined;
}

/** How many of the addresses lie in a pool. */
export function usedOf(pool: KubernetesObject, addresses: Iterable<string>): number {
  const blocks = blocksOf(pool);
  return [...addresses].filter((address) => {
    const at = value(address);
    return blocks.some((block) => block.six === address.includes(":") && block.from <= at && at <= block.to);
  }).length;
}

function parsed(address: string): Address4 | Address6 {
  return address.includes(":") ? new Address6(address) : new Address4(address);
}

function value(address: string): bigint {
  return parsed(address).bigInt();
}

/** Simulates LB-IPAM: LoadBalancer Services get addresses of the pools. */
export function serviceController(context: LabContext, store: Store): Controller {
  return {
    name: "cilium-lb-services",
    primary: types.Service,
    also: [types.CiliumLoadBalancerIPPool],
    async reconcile(service) {
      if (!wantsAddress(service) || addressesOf(service).length > 0) return;
      const used = new Set(store.list(types.Service).flatMap(addressesOf));
      const ip = addressFor(service, store.list(types.CiliumLoadBalancerIPPool), used);
      if (ip === undefined) return;
      const status = { loadBalancer: { ingress: [{ ip, ipMode: "VIP" }] } };
      await store.patch(types.Service, service, { status }, "status");
      context.log.record("service-address-given", `Service/${service.metadata.name}`, ip);
    },
  };
}

/** Keeps the conditions of the pools. */
export function poolController(store: Store): Controller {
  return {
    name: "cilium-lb-pools",
    primary: types.CiliumLoadBalancerIPPool,
    also: [types.Service],
    async reconcile(pool) {
      if (text(pool, "metadata", "deletionTimestamp") !== undefined) return;
      const used = usedOf(pool, store.list(types.Service).filter(wantsAddress).flatMap(addressesOf));
      const wanted = poolConditions(pool, store.list(types.CiliumLoadBalancerIPPool), used);
      if (hasConditions(pool, wanted)) return;
      const status = { conditions: withConditions(pool, wanted, timestamp()) };
      await store.patch(types.CiliumLoadBalancerIPPool, pool, { status }, "status");
    },
  };
}
