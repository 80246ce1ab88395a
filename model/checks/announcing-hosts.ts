import { nodeSelectorOf, selectedHosts } from "../bgp/nodes";
import { type AddressRange, overlaps, parseCidr } from "../net/addresses";
import { networksOf } from "../stack/host-networks";
import type { Host, LoadBalancer, Stack } from "../stack/schema";

type Policy = LoadBalancer["l2Announcements"][number];

/** Hosts that are in the same networks. */
interface HostGroup {
  readonly networks: readonly AddressRange[];
  readonly hosts: readonly { readonly name: string; readonly order: number }[];
}

/**
 * L2 announcements that select other nodes than those before them, with the hosts that they select by the networks that these are
 * in: most hosts of a stack are in the same ones.
 */
export function announcingHosts(
  policies: readonly Policy[],
  stack: Stack,
): readonly { readonly name: string; readonly groups: readonly HostGroup[] }[] {
  const orders = new Map(stack.hosts.map((host, order) => [host, order]));
  const cidrs = new Map<Host, readonly string[]>();
  const cidrsOf = (host: Host) => {
    const found = cidrs.get(host) ?? networksOf(stack, host).map(({ cidr }) => cidr);
    cidrs.set(host, found);
    return found;
  };
  const networks = new Map<string, readonly AddressRange[]>();
  const selections = new Set<string>();
  return policies
    .filter((policy) => {
      const selection = JSON.stringify(nodeSelectorOf(policy));
      return !selections.has(selection) && selections.add(selection);
    })
    .map((policy) => {
      const groups = new Map<string, HostGroup["hosts"][number][]>();
      for (const host of selectedHosts(stack, policy)) {
        const key = cidrsOf(host).join(" ");
        const group = groups.get(key) ?? [];
        group.push({ name: host.name, order: orders.get(host) ?? 0 });
        groups.set(key, group);
      }
      return {
        name: policy.name,
        groups: [...groups].map(([key, hosts]) => {
          const found = networks.get(key) ?? key.split(" ").flatMap((cidr) => parseCidr(cidr) ?? []);
          networks.set(key, found);
          return { networks: found, hosts };
        }),
      };
    });
}

interface Placed {
  readonly at: string;
  readonly range: AddressRange;
}

/**
 * For ranges that are looked up one after the other: the first of the known ones that overlaps and is at another place. Known ones
 * are sorted, so that a look-up reads only those that begin before the end of the range and may reach it.
 */
export function firstOverlap<Known extends Placed>(
  known: readonly Known[],
): (range: AddressRange, isOther: (known: Known, order: number) => boolean) => Known | undefined {
  const sorted = known
    .map((entry, order) => ({ entry, order }))
    .sort((a, b) => compare(a.entry.range, b.entry.range));
  // The last address that any range up to here reaches.
  const reach: bigint[] = [];
  sorted.forEach(({ entry: { range } }, i) => {
    const before = sorted[i - 1]?.entry.range.family === range.family ? (reach[i - 1] ?? -1n) : -1n;
    reach.push(range.last > before ? range.last : before);
  });
  return (range, isOther) => {
    let [from, to] = [0, sorted.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      const found = sorted[middle]?.entry.range ?? range;
      if (found.family < range.family || (found.family === range.family && found.first <= range.last))
        from = middle + 1;
      else to = middle;
    }
    let best: (typeof sorted)[number] | undefined;
    for (let i = from - 1; i >= 0; i--) {
      const each = sorted[i];
      if (each?.entry.range.family !== range.family || (reach[i] ?? -1n) < range.first) break;
      if (best !== undefined && best.order < each.order) continue;
      if (overlaps(each.entry.range, range) && isOther(each.entry, each.order)) best = each;
    }
    return best?.entry;
  };
}

function compare(a: AddressRange, b: AddressRange): number {
  if (a.family !== b.family) return a.family - b.family;
  return a.first < b.first ? -1 : a.first > b.first ? 1 : 0;
}
