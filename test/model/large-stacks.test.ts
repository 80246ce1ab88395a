import assert from "node:assert/strict";
import { judge } from "../../model/checks/accept";
import { runChecks } from "../../model/checks";
import { defineCheck } from "../../model/checks/check";
import type { Finding } from "../../model/findings/finding";
import { prettyReport } from "../../model/findings/formats";
import { stackWith } from "./stacks";

/** Plain data, as a stack file holds it. */
type Data = Record<string, unknown>;

/** So many entries, each from its number. */
function many<T>(count: number, entry: (i: number) => T): readonly T[] {
  return Array.from({ length: count }, (_, i) => entry(i));
}

/** The bytes of a number, for addresses: `[0, 1, 44]`. */
const bytes = (i: number): readonly number[] => [(i >> 16) & 255, (i >> 8) & 255, i & 255];
const mac = (i: number) =>
  `52:54:00:${bytes(i)
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join(":")}`;
const address = (first: number, i: number) => `${first}.${bytes(i).join(".")}`;

const host = (i: number): Data => ({
  name: `h-${i}`,
  pool: "workers",
  mac: mac(i),
  address: address(10, i + 10),
  bmc: { address: `redfish-virtualmedia://${address(11, i)}/redfish/v1/Systems/1`, verifyCertificate: false },
  links: [{ name: "eno1", mac: mac(i) }],
  rootDeviceHints: { serialNumber: `S${i}` },
});

const hosts = (count: number, change: (i: number) => Data): Data => ({
  hosts: many(count, (i) => ({ ...host(i), ...change(i) })),
});

const bgp = (parts: Data): Data => ({
  bgp: {
    routers: [{ name: "frr", asn: 65001, addresses: ["192.168.254.1"] }],
    instances: [
      { name: "default", localASN: 65010, peers: [{ name: "frr", routers: ["frr"], multihop: 10 }] },
    ],
    loadBalancerPools: [{ name: "default", blocks: ["10.250.249.0/24"] }],
    ...parts,
  },
});

const router = (i: number): Data => ({ name: `r-${i}`, asn: 65001, addresses: [address(172, i)] });
const instance = (peers: readonly unknown[], more: Data = {}): Data => ({
  name: "default",
  localASN: 65010,
  peers,
  ...more,
});

/** Stack files with so many mistakes of one kind, which a check or a report could compare with one another. */
const mistakes: Readonly<Record<string, (count: number) => Data>> = {
  "address pools that nodes announce": (count) => ({
    ...hosts(count, () => ({})),
    loadBalancer: {
      pools: many(count / 10, (i) => ({
        name: `p-${i}`,
        blocks: [{ start: `10.250.${i}.1`, stop: `10.250.${i}.254` }],
      })),
      l2Announcements: many(count / 20, (i) => ({ name: `q-${i}` })),
    },
  }),
  "hosts with the MAC addresses and BMCs of others": (count) =>
    hosts(count, (i) => ({
      mac: mac(i + 100_000),
      bmc: { address: `redfish-virtualmedia://${address(10, i + 10)}/a` },
    })),
  "pools of workers": (count) => ({
    ...hosts(count, (i) => ({ pool: `p-${i}` })),
    workers: many(count, (i) => ({ name: `p-${i}`, replicas: 2, labels: { "a b": "c" } })),
  }),
  "equal load balancer pools": (count) =>
    bgp({ loadBalancerPools: many(count, () => ({ name: "a", blocks: ["10.1.0.0/16"] })) }),
  "load balancer pools for each of many peers": (count) =>
    bgp({
      loadBalancerPools: many(count, (i) => ({
        name: `p-${i}`,
        blocks: [{ start: address(12, 4 * i + 1), stop: address(12, 4 * i + 2) }],
      })),
      routers: many(count, router),
      instances: [
        instance(
          many(count, (i) => ({
            name: `p-${i}`,
            routers: [`r-${i}`],
            advertise: { services: [{ addresses: ["LoadBalancerIP"], aggregationLength: { ipv4: 8 } }] },
          })),
        ),
      ],
    }),
  "peers on one router": (count) =>
    bgp({ instances: [instance(many(count, (i) => ({ name: `p-${i}`, routers: ["frr"] })))] }),
  "listen ranges of one router": (count) =>
    bgp({
      routers: [{ ...router(0), listenRanges: many(count, (i) => `10.${i >> 8}.${i & 255}.0/24`) }],
      instances: [instance(many(20, (i) => ({ name: `p-${i}`, routers: ["r-0"] })))],
    }),
  "peers without a router": (count) =>
    bgp({
      routers: many(count, router),
      instances: [
        instance(many(count, (i) => ({ name: `p-${i}`, routers: [`x${router(i)["name"] as string}`] }))),
      ],
    }),
  "instances on the same nodes": (count) =>
    bgp({
      instances: many(count, (i) => instance([{ name: `p-${i}`, routers: ["frr"] }], { name: `i-${i}` })),
    }),
  "settings of nodes": (count) => ({
    ...hosts(count, () => ({})),
    ...bgp({
      nodeOverrides: many(count, (i) => ({
        host: `${i % 2 === 0 ? "h" : "x"}-${i}`,
        localAddresses: ["10.0.0.1", "10.0.0.2"],
      })),
    }),
  }),
  "links of one host": (count) => ({
    hosts: [
      {
        ...host(1),
        links: many(count, (i) => ({ name: `eth${i}`, mac: mac(i) })),
        bonds: many(count, (i) => ({ name: `b${i}`, links: [`x${i}`], mode: "802.3ad" })),
        vlans: many(count, (i) => ({ name: `v${i}`, id: (i % 4000) + 1, link: `y${i}` })),
      },
    ],
  }),
};

/** How often each rule finds something in a stack with so many mistakes of a kind. */
function found(kind: string, count: number): ReadonlyMap<string, number> {
  const change = mistakes[kind]?.(count) ?? {};
  const stack = stackWith((raw) => {
    for (const [key, value] of Object.entries(change)) raw[key] = value;
  });
  const { findings, waiting } = runChecks(stack);
  assert.deepEqual(waiting, []);
  const counts = new Map<string, number>();
  for (const { id } of findings) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

/**
 * Sizes at which a comparison of all entries with each other would not end within the timeout, and more findings than a call
 * takes as arguments.
 */
describe("checks of a stack with many mistakes", function () {
  this.timeout(20_000);
  const rows: readonly (readonly [kind: string, count: number, id: string, least: number])[] = [
    ["hosts with the MAC addresses and BMCs of others", 6_000, "bmc/address-not-a-machines", 6_000],
    ["address pools that nodes announce", 1_000, "load-balancer/pools-in-node-networks", 100],
    ["pools of workers", 2_000, "pools/labels-wellformed", 2_000],
    ["listen ranges of one router", 1_000, "bgp/groups-distinct", 19],
    ["equal load balancer pools", 4_000, "net/cidrs-disjoint", 3_999],
    ["load balancer pools for each of many peers", 1_000, "bgp/aggregation-within-pool", 1_000],
    ["peers on one router", 3_000, "bgp/groups-distinct", 2_999],
    ["peers without a router", 2_000, "bgp/router-exists", 2_000],
    ["instances on the same nodes", 3_000, "bgp/nodes-selected-once", 2_999],
    ["settings of nodes", 2_000, "bgp/override-host-exists", 1_000],
    ["links of one host", 8_000, "links/bond-members-exist", 8_000],
  ];
  for (const [kind, count, id, least] of rows) {
    it(kind, () => {
      const counts = found(kind, count);
      assert.ok((counts.get(id) ?? 0) >= least, JSON.stringify([...counts]));
      const total = [...counts.values()].reduce((sum, each) => sum + each, 0);
      assert.ok(total < 20 * count, JSON.stringify([...counts]));
    });
  }

  it("200,000 findings of one check", () => {
    const stack = stackWith((raw) => {
      const bgp = raw["bgp"] as { instances: { peers: { advertise?: object }[] }[] };
      const standard = Array.from({ length: 200_000 }, () => "x");
      for (const peer of bgp.instances[0]?.peers ?? [])
        peer.advertise = { ...peer.advertise, attributes: { communities: { standard } } };
    });
    assert.ok(runChecks(stack).findings.length >= 200_000);
  });

  it("200,000 findings and 20,000 acceptances", () => {
    const check = defineCheck({ id: "a/b", summary: "A.", why: "a", run: () => [] });
    const findings = Array.from({ length: 200_000 }, (_, i): Finding => ({
      id: "a/b",
      severity: "error",
      at: `a[${i}]`,
      problem: "a",
      fix: "b",
    }));
    const acceptances = Array.from({ length: 20_000 }, (_, i) => ({
      id: "a/b",
      at: `a[${i * 2}]`,
      reason: "a",
    }));
    const report = judge(findings, acceptances, "2026-12-01", [check]);
    assert.equal(report.accepted.length, 20_000);
    assert.equal(report.findings.length, 180_000);
  });

  it("a report of findings that are all on one long line", () => {
    const count = 4_000;
    const line = `[${"{ name: BAD_NAME_THAT_IS_LONG, key: a }, ".repeat(count * 12)}]`;
    const source = {
      lines: () => [line],
      hidden: [],
      place: (at: string) => ({ file: "f", line: 1, column: 10 + Number(at) * 480, length: 3 }),
    };
    const findings = Array.from({ length: count }, (_, i): Finding => ({
      id: "a/b",
      severity: "error",
      at: String(i),
      problem: "p",
      fix: "f",
    }));
    const text = prettyReport({ subject: "a", findings, source, checksRun: 1 });
    assert.equal(text.match(/\^\^\^/g)?.length, count);
  });
});
