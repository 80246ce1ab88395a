import { nodeSelectorOf, selectedHosts } from "../bgp/nodes";
import { type AddressRange, parseCidr } from "../net/addresses";
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
