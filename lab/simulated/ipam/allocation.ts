import { Address4, Address6 } from "ip-address";
import { field, list, number, text } from "../../../model/kubernetes/object";

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
