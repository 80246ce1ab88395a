import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { readRouterState } from "../../model/live/bgp/router-state";
import { type ClusterSide, verifyBgp } from "../../model/live/bgp/verify";
import type { KindOf } from "../../model/kubernetes/resources";
import { type BgpReadinessPlan, type ExpectedPeer } from "../../model/plan/readiness";

const peer: ExpectedPeer = {
  name: "tor-v4",
  router: "tor",
  address: "10.99.0.1",
  port: 179,
  asn: 65001,
  peerConfig: "tor-v4",
  family: "ipv4",
  advertised: { least: 1, most: 17 },
  endOfRibCounted: 0,
  countFollows: true,
  maximumPrefixes: 17,
  password: true,
  multihop: 1,
  listenRanges: [],
};
const plan = (change: Partial<ExpectedPeer> = {}): BgpReadinessPlan => ({
  subject: "bgp",
  steadySeconds: 0,
  cluster: "wl1",
  namespace: "wl1",
  instances: [
    {
      clusterConfig: "default",
      instance: "default",
      localASN: 65010,
      nodeSelector: {},
      peers: [{ ...peer, ...change }],
    },
  ],
  peerConfigs: ["tor-v4"],
  timeoutSeconds: 60,
});

const object = <Kind extends string>(kind: Kind, name: string, rest: object, labels = {}) =>
  ({ apiVersion: "v1", kind, metadata: { name, labels }, ...rest }) as unknown as KindOf<Kind>;
const node = (i: number) =>
  object("Node", `n${i}`, {
    spec: { podCIDRs: [`10.244.${i}.0/24`] },
    status: { addresses: [{ type: "InternalIP", address: `10.99.0.1${i}` }] },
  });
const config = (i: number, state = "established", advertised = 2) =>
  object("CiliumBGPNodeConfig", `n${i}`, {
    spec: { bgpInstances: [{ name: "default", localASN: 65010, peers: [{ name: "tor-v4" }] }] },
    status: {
      bgpInstances: [
        {
          name: "default",
          peers: [
            {
              name: "tor-v4",
              peeringState: state,
              routeCount: [{ afi: "ipv4", safi: "unicast", advertised }],
            },
          ],
        },
      ],
    },
  });
const everyService = { matchExpressions: [{ key: "x", operator: "DoesNotExist" }] };
const service = (address: string, policy = "Cluster") =>
  object("Service", `s-${address}`, {
    spec: { externalTrafficPolicy: policy },
    status: { loadBalancer: { ingress: [{ ip: address }] } },
  });

/** Three nodes with one LoadBalancer address, as the recorded router saw them. */
function cluster(change: Partial<ClusterSide> = {}): ClusterSide {
  return {
    nodes: [1, 2, 3].map(node),
    nodeConfigs: [1, 2, 3].map((i) => config(i)),
    peerConfigs: [
      object("CiliumBGPPeerConfig", "tor-v4", {
        spec: { families: [{ afi: "ipv4", safi: "unicast", advertisements: { matchLabels: { a: "tor" } } }] },
      }),
    ],
    advertisements: [
      object(
        "CiliumBGPAdvertisement",
        "tor",
        {
          spec: {
            advertisements: [
              { advertisementType: "PodCIDR" },
              {
                advertisementType: "Service",
                service: { addresses: ["LoadBalancerIP"] },
                selector: everyService,
              },
            ],
          },
        },
        { a: "tor" },
      ),
    ],
    services: [service("203.0.113.1")],
    ...change,
  };
}

/** What a real FRR 8.4.4 answered (recorded by us), as text that a test may change. */
const recorded = ["routes", "summary"]
  .map((name) => fs.readFileSync(path.join(__dirname, `recorded/frr-8.4.4-${name}.json`), "utf8"))
  .join("\n");

function found(side: ClusterSide, output?: string, change: Partial<ExpectedPeer> = {}): readonly string[] {
  const state = output === undefined ? undefined : readRouterState(output);
  assert.ok(output === undefined || state !== undefined);
  const { findings } = verifyBgp(plan(change), side, new Map(state === undefined ? [] : [["tor", state]]));
  return findings.map(({ id, at, problem }) => `${id} ${at}: ${problem}`);
}

const withRoutes = (change: (routes: Record<string, Record<string, unknown>[]>) => void): string => {
  const table = JSON.parse(recorded.slice(0, recorded.indexOf("\n}\n{") + 2)) as {
    routes: Record<string, Record<string, unknown>[]>;
  };
  change(table.routes);
  return `${JSON.stringify(table)}\n${recorded.slice(recorded.indexOf("\n}\n{") + 3)}`;
};

describe("bgp verify", () => {
  it("finds nothing where both ends are as planned", () => {
    assert.deepEqual(found(cluster(), recorded), []);
    assert.deepEqual(found(cluster()), []);
  });

  it("counts what it has compared", () => {
    const state = readRouterState(recorded);
    assert.ok(state);
    const { sessions, routes } = verifyBgp(plan(), cluster(), new Map([["tor", state]]));
    assert.deepEqual([sessions.length, routes], [3, 6]);
  });

  it("names the prefix that the router filtered, and whose it is", () => {
    const output = withRoutes((routes) => delete routes["10.244.2.0/24"]);
    const [only, ...others] = found(cluster(), output);
    assert.match(
      only ?? "",
      /^bgp\/routes-received tor from n2 \(10\.99\.0\.12\): 10\.244\.2\.0\/24 is missing/,
    );
    assert.deepEqual(others, []);
  });

  it("names a prefix that is nobody's, and one of another node", () => {
    const output = withRoutes((routes) => {
      const path = routes["10.244.1.0/24"]?.[0];
      routes["172.31.0.0/24"] = [{ ...path }];
      routes["10.244.3.0/24"]?.push({ ...path });
    });
    assert.deepEqual(found(cluster(), output), [
      "bgp/routes-expected tor from n1 (10.99.0.11): 10.244.3.0/24 is not of this node",
      "bgp/routes-expected tor from n1 (10.99.0.11): 172.31.0.0/24 is not of this node",
    ]);
  });

  it("names a cluster's prefix that a stranger announces", () => {
    const output = withRoutes((routes) => {
      routes["10.244.1.0/24"]?.push({ ...routes["10.244.1.0/24"][0], peerId: "10.99.0.77" });
    });
    assert.deepEqual(found(cluster(), output), [
      "bgp/routes-expected tor from 10.99.0.77: 10.244.1.0/24 belongs to this cluster and comes from elsewhere",
    ]);
  });

  it("lets a service's prefix come from the cluster's nodes behind another router", () => {
    const learned = (asPath: string) =>
      withRoutes((routes) => {
        const [path] = routes["203.0.113.1/32"] ?? [];
        routes["203.0.113.1/32"]?.push({ ...path, peerId: "10.99.0.77", path: asPath });
      });
    assert.deepEqual(found(cluster(), learned("65002 65003 65010")), []);
    assert.equal(found(cluster(), learned("65002 65003 65011")).length, 1);
    assert.equal(found(cluster(), learned("65010")).length, 1);
  });

  it("names a next hop that is not the node", () => {
    const output = withRoutes((routes) => {
      for (const path of routes["10.244.1.0/24"] ?? []) path["nexthops"] = [{ ip: "10.99.0.13" }];
    });
    assert.match(
      found(cluster(), output).join(),
      /bgp\/next-hop-own .*10\.244\.1\.0\/24 goes through 10\.99\.0\.13/,
    );
  });

  it("lets a service of traffic policy Local be on some nodes only", () => {
    const local = cluster({ services: [service("203.0.113.1", "Local")] });
    assert.deepEqual(found(local, recorded), []);
    const output = withRoutes((routes) => routes["203.0.113.1/32"]?.pop());
    assert.deepEqual(found(local, output), []);
    assert.equal(found(cluster(), output).length, 1);
  });

  it("tells a node that announces too little", () => {
    const side = cluster({ nodeConfigs: [config(1), config(2, "established", 1), config(3)] });
    assert.match(
      found(side).join(),
      /bgp\/routes-advertised n2 to tor-v4 .* announces 1 ipv4 routes, 2 expected/,
    );
  });

  it("counts the End-of-RIB marker where the agents do", () => {
    const announcing = (routes: number) =>
      cluster({ nodeConfigs: [config(1, "established", routes), config(2), config(3)] });
    assert.deepEqual(found(announcing(3), undefined, { endOfRibCounted: 1 }), []);
    assert.deepEqual(found(announcing(2), undefined, { endOfRibCounted: 1 }), []);
    assert.equal(found(announcing(4), undefined, { endOfRibCounted: 1 }).length, 1);
    assert.deepEqual(found(announcing(4), undefined, { countFollows: false }), []);
    assert.equal(found(announcing(3)).length, 1);
  });

  const down = cluster({ nodeConfigs: [config(1), config(2), config(3, "active", 0)] });
  const causes: Readonly<Record<string, { output: string; change?: Partial<ExpectedPeer>; says: RegExp }>> = {
    "an ASN that the router says is another": {
      output: recorded
        .replaceAll('"as": 65001', '"as": 65099')
        .replace('"localAS": 65001', '"localAS": 65099'),
      says: /bgp\/asn-agreed n3 .*certain: the router runs AS 65099, the stack has 65001/,
    },
    "a Bad Peer AS in the router's log": {
      output: `${recorded}\n2026/11/25 BGP: %NOTIFICATION: sent to neighbor 10.99.0.13 2/2 (OPEN Message Error/Bad Peer AS) 4 bytes\n`,
      says: /bgp\/asn-agreed n3 .*certain: %NOTIFICATION: sent to neighbor 10\.99\.0\.13 2\/2/,
    },
    "a limit that was reached": {
      output: recorded.replace(/("10\.99\.0\.13": \{[^}]*"state": )"Established"/g, '$1"Idle (PfxCt)"'),
      says: /bgp\/prefixes-below-maximum n3 .*the limit is 17 \(certain/,
    },
    "a neighbour that the router does not have": {
      output: recorded.replaceAll('"10.99.0.13": {', '"10.99.0.99": {'),
      says: /bgp\/neighbour-configured n3 .*certain: no neighbour 10\.99\.0\.13/,
    },
    "a node outside the listen range, for certain": {
      output: recorded,
      change: { listenRanges: ["10.99.0.8/30", "10.99.0.12/32"] },
      says: /bgp\/node-inside-range n3 .*10\.99\.0\.13 is outside/,
    },
    "a password that is likely another": {
      output: recorded.replace(/("10\.99\.0\.13": \{[^}]*"state": )"Established"/g, '$1"Active"'),
      says: /bgp\/password-agreed n3 .*likely/,
    },
  };
  for (const [title, { output, change, says }] of Object.entries(causes)) {
    it(`names ${title}`, () => {
      const all = found(down, output, change);
      assert.match(all[0] ?? "", says);
    });
  }

  it("has no words for an answer that is none of show bgp's", () => {
    assert.equal(readRouterState("% Unknown command: show bgp"), undefined);
    assert.equal(readRouterState('{"a": {"b": "}"}} {broken'), undefined);
  });
});
