import type { Finding } from "../../model/findings/finding";
import { prettyReport } from "../../model/findings/formats";

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
export const mistakes: Readonly<Record<string, (count: number) => Data>> = {
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

/** The report of so many findings that are all on one long line. */
export function longLineReport(count: number): string {
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
  return prettyReport({ subject: "a", findings, source, checksRun: 1 });
}
