import assert from "node:assert/strict";
import { clusterConfigConditions, peerConfigConditions } from "../../lab/simulated/cilium/bgp/controller";
import { gobgpConfig } from "../../lab/simulated/cilium/bgp/gobgp-config";
import { nodeStatus, sessionState } from "../../lab/simulated/cilium/bgp/session-state";
import { planNodes, type BgpInputs, type PeerPlan } from "../../lab/simulated/cilium/bgp/plan-nodes";
import { gobgpPaths, gobgpRouterConfig } from "../../lab/router/gobgp-router";
import { field, list, text } from "../../model/kubernetes/object";
import { named } from "./objects";

const clusterConfig = (name: string, spec: Record<string, unknown> = {}) =>
  named("CiliumBGPClusterConfig", name, {
    spec: {
      nodeSelector: { matchLabels: { rack: "r1" } },
      bgpInstances: [
        {
          name: "i",
          localASN: 65010,
          peers: [
            { name: "tor", peerAddress: "192.168.254.1", peerASN: 65001, peerConfigRef: { name: "p" } },
          ],
        },
      ],
      ...spec,
    },
  });
const peerConfig = (spec: Record<string, unknown> = {}) =>
  named("CiliumBGPPeerConfig", "p", {
    spec: {
      families: [{ afi: "ipv4", safi: "unicast", advertisements: { matchLabels: { bgp: "yes" } } }],
      ...spec,
    },
  });
const advertisement = (...advertisements: unknown[]) =>
  named("CiliumBGPAdvertisement", "adv", { labels: { bgp: "yes" }, spec: { advertisements } });
const pods = { advertisementType: "PodCIDR" };
const services = (more: Record<string, unknown> = {}, service: Record<string, unknown> = {}) => ({
  advertisementType: "Service",
  service: { addresses: ["LoadBalancerIP"], ...service },
  ...more,
});
const service = (ip: string, more: Record<string, unknown> = {}) =>
  named("Service", `s-${ip}`, { ...more, status: { loadBalancer: { ingress: [{ ip }] } } });

const inputs = (parts: Partial<BgpInputs> = {}): BgpInputs => ({
  clusterConfigs: [clusterConfig("a")],
  peerConfigs: [peerConfig()],
  advertisements: [advertisement(pods)],
  overrides: [],
  nodes: [
    named("CiliumNode", "n1", {
      labels: { rack: "r1" },
      spec: {
        addresses: [{ type: "InternalIP", ip: "10.250.250.20" }],
        ipam: { podCIDRs: ["10.244.0.0/24"] },
      },
    }),
  ],
  services: [],
  secrets: new Map(),
  ...parts,
});
const peer = (parts: Partial<BgpInputs> = {}): PeerPlan => {
  const found = planNodes(inputs(parts))[0]?.speakers[0]?.peers[0];
  assert.ok(found !== undefined);
  return found;
};
const prefixes = (parts: Partial<BgpInputs> = {}) => peer(parts).announcements.map(({ prefix }) => prefix);
const problems = (parts: Partial<BgpInputs> = {}) => {
  const all = inputs(parts);
  const [config] = all.clusterConfigs;
  assert.ok(config !== undefined);
  return clusterConfigConditions(config, all)
    .filter((condition) => condition.status === "True")
    .map((condition) => condition.type);
};

describe("simulated BGP: what a node's agent would run", () => {
  it("is a session per peer, from the node's own address, with Cilium's defaults", () => {
    const [plan] = planNodes(inputs());
    assert.equal(plan?.node, "n1");
    assert.equal(plan?.speakers[0]?.routerId, "10.250.250.20");
    assert.deepEqual(peer(), {
      name: "tor",
      address: "192.168.254.1",
      asn: 65001,
      port: 179,
      localAddress: "10.250.250.20",
      connectRetrySeconds: 120,
      holdSeconds: 90,
      keepAliveSeconds: 30,
      multihop: 1,
      families: [{ afi: "ipv4", safi: "unicast" }],
      announcements: [{ prefix: "10.244.0.0/24", communities: [], largeCommunities: [] }],
    });
    assert.deepEqual(problems(), []);
  });

  it("takes a node's override: ASN, router ID, port and source address", () => {
    const override = named("CiliumBGPNodeConfigOverride", "n1", {
      spec: {
        bgpInstances: [
          {
            name: "i",
            localASN: 65099,
            localPort: 1790,
            routerID: "192.0.2.7",
            peers: [{ name: "tor", localAddress: "192.0.2.8" }],
          },
        ],
      },
    });
    const speaker = planNodes(inputs({ overrides: [override] }))[0]?.speakers[0];
    assert.deepEqual(
      [speaker?.localASN, speaker?.localPort, speaker?.routerId, speaker?.peers[0]?.localAddress],
      [65099, 1790, "192.0.2.7", "192.0.2.8"],
    );
  });

  it("announces nothing without a family's selector, and no Service without its own", () => {
    assert.deepEqual(
      prefixes({ peerConfigs: [peerConfig({ families: [{ afi: "ipv4", safi: "unicast" }] })] }),
      [],
    );
    const having = { services: [service("10.0.9.1")] };
    assert.deepEqual(prefixes({ ...having, advertisements: [advertisement(services())] }), []);
    assert.deepEqual(prefixes({ ...having, advertisements: [advertisement(services({ selector: {} }))] }), [
      "10.0.9.1/32",
    ]);
  });

  it("announces aggregates, leaves other load balancers' services alone, and keeps families apart", () => {
    const aggregated = services({ selector: {} }, { aggregationLengthIPv4: 24 });
    const foreign = service("10.0.8.1", { spec: { loadBalancerClass: "io.cilium/l2-announcer" } });
    assert.deepEqual(
      prefixes({
        services: [service("10.0.9.1"), service("10.0.9.2"), foreign, service("2001:db8::1")],
        advertisements: [advertisement(pods, aggregated)],
      }),
      ["10.0.9.0/24", "10.244.0.0/24"],
    );
  });

  it("skips a peer whose configuration is missing, and says so", () => {
    assert.deepEqual(planNodes(inputs({ peerConfigs: [] }))[0]?.speakers[0]?.peers, []);
    assert.deepEqual(problems({ peerConfigs: [] }), ["cilium.io/MissingPeerConfigs"]);
  });

  it("names nodes that nothing matches, and configurations that fight over one", () => {
    assert.deepEqual(problems({ nodes: [] }), ["cilium.io/NoMatchingNode"]);
    assert.deepEqual(problems({ clusterConfigs: [clusterConfig("a"), clusterConfig("b")] }), [
      "cilium.io/ConflictingClusterConfig",
    ]);
  });

  it("tries without a password when the Secret is missing, and not at all when it has no password", () => {
    const peerConfigs = [peerConfig({ authSecretRef: "md5" })];
    assert.equal(peer({ peerConfigs }).password, undefined);
    assert.equal(peer({ peerConfigs, secrets: new Map([["md5", "s3cret"]]) }).password, "s3cret");
    assert.equal(peerConfigConditions(peerConfig({ authSecretRef: "md5" }), inputs())[0]?.status, "True");
    const [plan] = planNodes(inputs({ peerConfigs, secrets: new Map([["md5", undefined]]) }));
    assert.deepEqual(plan?.speakers[0]?.peers, []);
    assert.match(plan?.errors[0] ?? "", /no key "password"/);
  });

  it("reports an instance without ASN", () => {
    const config = clusterConfig("a", { bgpInstances: [{ name: "i", peers: [] }] });
    assert.match(planNodes(inputs({ clusterConfigs: [config] }))[0]?.errors[0] ?? "", /missing ASN/);
  });
});

describe("simulated BGP: gobgpd's configuration", () => {
  const attributes = {
    communities: { standard: ["65010:99"], wellKnown: ["no-export"], large: ["64512:100:50"] },
    localPreference: 99,
  };
  const speaker = (parts: Partial<BgpInputs> = {}) => {
    const found = planNodes(inputs(parts))[0]?.speakers[0];
    assert.ok(found !== undefined);
    return gobgpConfig(found);
  };

  it("lets each peer hear only what it is meant to, with communities and preference", () => {
    const { file, prefixes: all } = speaker({ advertisements: [advertisement({ ...pods, attributes })] });
    assert.deepEqual(all, [{ prefix: "10.244.0.0/24", family: "ipv4" }]);
    assert.equal(text(file, "global", "apply-policy", "config", "default-export-policy"), "reject-route");
    const [statement] = list(file, "policy-definitions", 0, "statements");
    assert.deepEqual(field(statement, "conditions"), {
      "match-prefix-set": { "prefix-set": "prefix-0" },
      "match-neighbor-set": { "neighbor-set": "peer-tor" },
    });
    assert.deepEqual(field(statement, "actions", "bgp-actions"), {
      "set-community": {
        options: "add",
        "set-community-method": { "communities-list": ["65010:99", "no-export"] },
      },
      "set-large-community": {
        options: "ADD",
        "set-large-community-method": { "communities-list": ["64512:100:50"] },
      },
      "set-local-pref": 99,
    });
  });

  it("changes the policy's name with what is announced, and with nothing else", () => {
    const more = { advertisements: [advertisement(pods, services({ selector: {} }))] };
    assert.notEqual(speaker({ ...more, services: [service("10.0.9.1")] }).policy, speaker().policy);
    assert.equal(speaker({ peerConfigs: [peerConfig({ ebgpMultihop: 9 })] }).policy, speaker().policy);
  });

  it("states password, timers, hops and graceful restart as the objects do", () => {
    const spec = {
      authSecretRef: "md5",
      ebgpMultihop: 10,
      timers: { connectRetryTimeSeconds: 5, holdTimeSeconds: 9, keepAliveTimeSeconds: 3 },
      gracefulRestart: { enabled: true, restartTimeSeconds: 15 },
      transport: { peerPort: 1790 },
    };
    const secrets = new Map([["md5", "s3cret"]]);
    const [neighbour] = list(speaker({ peerConfigs: [peerConfig(spec)], secrets }).file, "neighbors");
    assert.equal(text(neighbour, "config", "auth-password"), "s3cret");
    assert.deepEqual(field(neighbour, "timers", "config"), {
      "connect-retry": 5,
      "hold-time": 9,
      "keepalive-interval": 3,
      "idle-hold-time-after-reset": 5,
    });
    assert.deepEqual(field(neighbour, "ebgp-multihop", "config"), { enabled: true, "multihop-ttl": 10 });
    assert.equal(field(neighbour, "graceful-restart", "config", "restart-time"), 15);
    assert.equal(field(neighbour, "transport", "config", "remote-port"), 1790);
  });
});

describe("simulated BGP: what the agent reports", () => {
  // as gobgp 4.8.0 answered in the lab, shortened
  const established = {
    conf: { auth_password: "s3cret", neighbor_address: "192.168.254.1", peer_asn: 65001 },
    state: { session_state: 6, peer_asn: 65001 },
    timers: { state: { keepalive_interval: 30, negotiated_hold_time: 90, uptime: { seconds: 1795600969 } } },
    afi_safis: [
      {
        config: { family: { afi: 1, safi: 1 }, enabled: true },
        state: { family: { afi: 1, safi: 1 }, enabled: true, received: 1, accepted: 1, advertised: 2 },
      },
    ],
  };
  const [plan] = planNodes(inputs());
  assert.ok(plan !== undefined);
  const config = named("CiliumBGPNodeConfig", "n1");
  const reported = (answer: unknown) =>
    field(nodeStatus(config, plan, new Map([["i", [sessionState(answer)]]])), "bgpInstances", 0, "peers", 0);

  it("is the session's state, times, timers and routes", () => {
    assert.deepEqual(reported(established), {
      name: "tor",
      peerAddress: "192.168.254.1",
      peerASN: 65001,
      peeringState: "established",
      establishedTime: "2026-11-25T10:02:49Z",
      timers: { appliedHoldTimeSeconds: 90, appliedKeepaliveSeconds: 30 },
      routeCount: [{ afi: "ipv4", safi: "unicast", received: 1, advertised: 2 }],
    });
  });

  it("has no times and routes before the session is established, and never a password", () => {
    const down = { ...established, state: { session_state: 3 } };
    assert.deepEqual(reported(down), {
      name: "tor",
      peerAddress: "192.168.254.1",
      peerASN: 65001,
      peeringState: "active",
    });
    assert.doesNotMatch(JSON.stringify([reported(established), sessionState(established)]), /s3cret/);
  });

  it("leaves a peer out that does not run", () => {
    const status = nodeStatus(config, plan, new Map());
    assert.deepEqual(list(status, "bgpInstances", 0, "peers"), []);
  });
});

describe("GoBGP in FRR's place", () => {
  it("accepts the nodes with their password and announces nothing", () => {
    const file = gobgpRouterConfig({
      name: "tor",
      addresses: ["192.168.254.1"],
      port: 179,
      clusters: ["capi-1"],
      configuration: "",
      sessions: [
        {
          localASN: 65001,
          clusterASN: 65010,
          nodes: ["10.250.250.0/24"],
          password: "s3cret",
          families: ["ipv4"],
        },
      ],
    });
    assert.equal(field(file, "global", "config", "as"), 65001);
    assert.equal(field(file, "peer-groups", 0, "config", "auth-password"), "s3cret");
    assert.deepEqual(list(file, "dynamic-neighbors"), [
      { config: { prefix: "10.250.250.0/24", "peer-group": "group-0" } },
    ]);
    assert.equal(text(file, "global", "apply-policy", "config", "default-export-policy"), "reject-route");
  });

  it("reads next hops of both families from its table", () => {
    const table = {
      "10.244.0.0/24": [{ attrs: [{ type: 1 }, { type: 3, nexthop: "10.250.250.20" }] }],
      "2001:db8::/64": [{ attrs: [{ type: 14, nexthop: "2001:db8:99::1" }] }],
    };
    assert.deepEqual(
      gobgpPaths(table).map(({ nextHop }) => nextHop),
      ["10.250.250.20", "2001:db8:99::1"],
    );
  });
});
