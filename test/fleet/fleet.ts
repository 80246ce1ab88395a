import type { Stack } from "../../model/stack/schema";
import type { FleetStack } from "../../model/fleet/ranges";
import { stackWith } from "../model/stacks";

/** One of many stacks that share nothing: everything of it follows from its number. At most 1,000,000 of 20 hosts. */
export function syntheticStack(n: number, hosts = 20): FleetStack {
  const base = template();
  const nodes = `100.${64 + (n >> 10)}.${(n >> 2) & 255}.${(n & 3) * 64}`;
  const address = (i: number) => nodes.replace(/\d+$/, String((n & 3) * 64 + i));
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, "0");
  const stack: Stack = {
    ...base,
    name: `synthetic-${n}`,
    network: {
      ...base.network,
      nodes: `${nodes}/26`,
      gateway: address(1),
      dns: [],
      ntp: [],
      pods: [pods(n)],
    },
    kubernetes: { ...base.kubernetes, endpoint: { ...base.kubernetes.endpoint, host: address(2) } },
    hosts: Array.from({ length: hosts }, (_, i) => {
      const mac = `52:54:${hex(n >> 8, 2)}:${hex(n & 255, 2)}:00:${hex(i, 2)}`;
      return {
        ...base.hosts[0]!,
        name: `synthetic-${n}-${i}`,
        mac,
        address: address(3 + i),
        links: [{ name: "eno1", mac }],
        bmc: {
          ...base.hosts[0]!.bmc,
          address: `redfish://10.${128 + (n >> 8)}.${n & 255}.${i}/redfish/v1/Systems/1`,
        },
        rootDeviceHints: { serialNumber: `S${n}-${i}` },
      };
    }),
    bgp: {
      ...base.bgp!,
      instances: base.bgp!.instances.map((instance) => ({ ...instance, localASN: 4_200_000_000 + n })),
      loadBalancerPools: [{ ...base.bgp!.loadBalancerPools[0]!, blocks: [loadBalancer(n)] }],
    },
  };
  return { name: stack.name, stack };
}

/** `n`th pod network. */
function pods(n: number): string {
  return `10.${n >> 4}.${(n & 15) << 4}.0/20`;
}

/** `n`th block of load balancer addresses. */
function loadBalancer(n: number): string {
  return `172.${16 + (n >> 10)}.${(n >> 2) & 255}.${(n & 3) * 64}/26`;
}

let made: Stack | undefined;
function template(): Stack {
  made ??= stackWith();
  return made;
}
