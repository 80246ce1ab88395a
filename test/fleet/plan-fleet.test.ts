import assert from "node:assert";
import fc from "fast-check";
import { contains, overlaps, parseCidr } from "../../model/net/addresses";
import type { Stack } from "../../model/stack/schema";
import type { FleetStack } from "../../model/fleet/ranges";
import { blocksIn, gapsIn, nextFreeBlock, overlapsOf } from "../../model/fleet/free";
import { planFleet } from "../../model/fleet/plan-fleet";
import { syntheticStack } from "./fleet";

const two = (change: (stack: Stack, other: Stack) => Partial<Stack>): readonly FleetStack[] => {
  const [a, b] = [syntheticStack(1, 3), syntheticStack(2, 3)];
  return [a, { ...b, stack: { ...b.stack, ...change(b.stack, a.stack) } }];
};
const found = (stacks: readonly FleetStack[]) =>
  planFleet(stacks).findings.map(({ id, stack, at }) => `${id} ${stack} ${at}`);
const hostWith = (stack: Stack, change: object) => ({
  hosts: stack.hosts.map((host, i) => (i === 1 ? { ...host, ...change } : host)),
});

/** Two stacks that differ in everything but one thing, and what is said about it. */
const shared: Readonly<Record<string, readonly [(stack: Stack, other: Stack) => Partial<Stack>, string]>> = {
  "one pod network twice": [
    (stack, other) => ({ network: { ...stack.network, pods: other.network.pods } }),
    "fleet/ranges-disjoint synthetic-2 network.pods[0]",
  ],
  "a pod network around another's load balancer addresses": [
    (stack) => ({ network: { ...stack.network, pods: ["172.16.0.0/20"] } }),
    "fleet/ranges-disjoint synthetic-1 bgp.loadBalancerPools[0].blocks[0]",
  ],
  "node networks that overlap but are not the same": [
    (stack, other) => ({
      network: { ...stack.network, nodes: other.network.nodes.replace(/64\/26$/, "0/24") },
    }),
    "fleet/ranges-disjoint synthetic-1 network.nodes",
  ],
  "one endpoint twice": [
    (stack, other) => ({ kubernetes: { ...stack.kubernetes, endpoint: other.kubernetes.endpoint } }),
    "fleet/endpoints-unique synthetic-2 kubernetes.endpoint.host",
  ],
  "one host address twice": [
    (stack, other) => hostWith(stack, { address: other.hosts[2]?.address }),
    "fleet/host-addresses-unique synthetic-2 hosts[1].address",
  ],
  "one MAC address twice": [
    (stack, other) => hostWith(stack, { mac: other.hosts[0]?.mac.toUpperCase(), links: [] }),
    "fleet/macs-unique synthetic-2 hosts[1].mac",
  ],
  "one BMC twice, under two drivers": [
    (stack, other) => {
      const address = other.hosts[0]?.bmc.address.replace("redfish://", "idrac-virtualmedia://");
      return hostWith(stack, { bmc: { ...stack.hosts[0]?.bmc, address } });
    },
    "fleet/bmc-addresses-unique synthetic-2 hosts[1].bmc.address",
  ],
  "one disk twice": [
    (stack, other) => hostWith(stack, { rootDeviceHints: other.hosts[0]?.rootDeviceHints }),
    "fleet/serials-unique synthetic-2 hosts[1].rootDeviceHints.serialNumber",
  ],
  "one cluster name twice": [
    (_, other) => ({ name: other.name }),
    "fleet/cluster-names-unique synthetic-2 name",
  ],
  "one ASN twice on a router": [
    (_, other) => ({ bgp: { ...other.bgp!, loadBalancerPools: [] } }),
    "fleet/asns-unique synthetic-2 bgp.instances[0].localASN",
  ],
  "kube-vip's ASN, that of another cluster on a router": [
    (stack, other) => ({
      bgp: {
        ...stack.bgp!,
        endpoint: [
          {
            name: "api",
            failureDomains: [],
            localASN: other.bgp!.instances[0]!.localASN,
            routers: stack.bgp!.routers.map(({ name }) => name),
            holdTimeSeconds: 30,
            keepAliveTimeSeconds: 10,
            multihop: 1,
          },
        ],
      },
    }),
    "fleet/asns-unique synthetic-2 bgp.endpoint[0].localASN",
  ],
  "one router with two ASNs": [
    (stack) => ({
      bgp: { ...stack.bgp!, routers: stack.bgp!.routers.map((router) => ({ ...router, asn: 65_002 })) },
    }),
    "fleet/routers-agreed synthetic-2 bgp.routers[0].asn",
  ],
  "one router under two names": [
    (stack) => ({
      bgp: { ...stack.bgp!, routers: stack.bgp!.routers.map((router) => ({ ...router, name: "edge" })) },
    }),
    "fleet/router-names-agreed synthetic-2 bgp.routers[0].addresses[0]",
  ],
};

describe("the fleet", () => {
  it("accepts stacks that share nothing", () => {
    const stacks = Array.from({ length: 40 }, (_, n) => syntheticStack(n, 5));
    assert.deepStrictEqual(planFleet(stacks).findings, []);
  });

  for (const [mistake, [change, finding]] of Object.entries(shared)) {
    it(`refuses ${mistake}`, () => assert.deepStrictEqual(found(two(change)), [finding]));
  }

  it("lets stacks of two routing domains have the same ranges", () => {
    const stacks = two((stack, other) => ({
      network: { ...stack.network, pods: other.network.pods, routingDomain: "lab" },
    }));
    assert.deepStrictEqual(found(stacks), []);
  });

  it("lets stacks share a node network, and pod networks that never leave their cluster", () => {
    const inside = ({ stack }: FleetStack, n: number): FleetStack => {
      const rest = { ...stack };
      delete rest.bgp;
      return {
        name: stack.name,
        stack: {
          ...rest,
          network: { ...stack.network, nodes: "100.64.0.0/24", pods: ["10.244.0.0/16"] },
          kubernetes: {
            ...stack.kubernetes,
            endpoint: { ...stack.kubernetes.endpoint, host: `100.64.0.${n + 200}` },
          },
          cilium: { ...stack.cilium, routingMode: "tunnel" },
        },
      };
    };
    assert.deepStrictEqual(found([inside(syntheticStack(1, 3), 1), inside(syntheticStack(2, 3), 2)]), []);
  });

  it("finds every one of 300 seeded overlaps among 600 stacks", () => {
    const stacks = Array.from({ length: 600 }, (_, n) => syntheticStack(n, 2));
    const seeded = stacks.map((each, n) => {
      if (n % 2 === 0) return each;
      const pods = stacks[n - 1]?.stack.network.pods ?? [];
      return { ...each, stack: { ...each.stack, network: { ...each.stack.network, pods } } };
    });
    const { findings } = planFleet(seeded);
    assert.strictEqual(findings.length, 300);
    assert.ok(findings.every(({ id }) => id === "fleet/ranges-disjoint"));
  });

  it("proposes what is free for a new stack, and the proposal stays free when it is taken", () => {
    const stacks = [syntheticStack(1, 3), syntheticStack(2, 3)];
    const { proposal, free } = planFleet(stacks).domains[0]!;
    assert.deepStrictEqual(
      { ...proposal, nodes: { ...proposal.nodes, hosts: proposal.nodes?.hosts.slice(0, 2) } },
      {
        pods: "10.0.48.0/20",
        loadBalancer: "172.16.0.192/26",
        asn: 64_512,
        nodes: {
          network: "100.64.0.64/26",
          endpoint: "100.64.0.70",
          hosts: ["100.64.0.71", "100.64.0.72"],
        },
        nodeNetworks: ["172.16.1.0/24", "172.16.2.0/24", "172.16.3.0/24", "172.16.4.0/24"],
      },
    );
    assert.deepStrictEqual(
      free.map(({ network }) => network),
      ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"],
    );
  });
});

describe("free ranges", () => {
  const cidr = fc
    .tuple(
      fc.integer({ min: 0, max: 255 }),
      fc.integer({ min: 0, max: 255 }),
      fc.integer({ min: 12, max: 28 }),
    )
    .map(([b, c, prefix]) => parseCidr(`10.${b}.${c}.0/${prefix}`)!);

  it("proposes a block that overlaps nothing and lies in the network", () => {
    fc.assert(
      fc.property(fc.array(cidr, { maxLength: 30 }), fc.integer({ min: 14, max: 26 }), (taken, prefix) => {
        const gaps = gapsIn("10.0.0.0/8", taken);
        const text = nextFreeBlock(gaps, prefix, taken[0]?.last ?? 0n);
        assert.strictEqual(text === undefined, blocksIn(gaps, prefix) === 0);
        if (text === undefined) return;
        const block = parseCidr(text)!;
        assert.ok(
          contains(parseCidr("10.0.0.0/8")!, block) && !taken.some((range) => overlaps(range, block)),
        );
      }),
    );
  });

  it("are swept for the same overlaps that all pairs have", () => {
    fc.assert(
      fc.property(fc.array(cidr, { maxLength: 40 }), (ranges) => {
        const swept = overlapsOf(ranges, () => true).reduce((sum, { others }) => sum + others.length, 0);
        const pairs = ranges.flatMap((a, i) => ranges.slice(i + 1).filter((b) => overlaps(a, b)));
        assert.strictEqual(swept, pairs.length);
      }),
    );
  });
});
