import assert from "node:assert";
import { checkStack, checks } from "../../model/checks";
import { type RawStack, changeHost, stackWith } from "./stacks";

interface Refusal {
  readonly change: (raw: RawStack) => void;
  readonly findings: readonly string[];
}

const network = (raw: RawStack, change: object) => {
  raw["network"] = { ...(raw["network"] as object), ...change };
};
const peer = (raw: RawStack, change: object) => {
  const bgp = raw["bgp"] as { instances: { peers: object[] }[] };
  const instance = bgp.instances[0];
  if (instance !== undefined) instance.peers = [{ ...instance.peers[0], ...change }];
};

/** For each check the mistakes that break it, with everything that all checks say about them. */
const refusals: Readonly<Record<string, Readonly<Record<string, Refusal>>>> = {
  "net/cidrs-canonical": {
    "a pod network with host bits": {
      change: (raw) => network(raw, { pods: ["10.244.0.1/16"] }),
      findings: ["net/cidrs-canonical network.pods[0]"],
    },
  },
  "net/cidrs-disjoint": {
    "services inside the pod network": {
      change: (raw) => network(raw, { services: ["10.244.128.0/20"] }),
      findings: ["net/cidrs-disjoint network.services[0]"],
    },
  },
  "net/endpoint-in-node-network": {
    "an endpoint in another network": {
      change: (raw) =>
        (raw["kubernetes"] = {
          ...(raw["kubernetes"] as object),
          endpoint: { host: "10.251.0.29", interface: "eno1" },
        }),
      findings: ["net/endpoint-in-node-network kubernetes.endpoint.host"],
    },
  },
  "net/addresses-unique": {
    "a host with the endpoint's address": {
      change: (raw) => changeHost(raw, 3, { address: "10.250.250.29" }),
      findings: ["net/addresses-unique hosts[3].address"],
    },
  },
  "net/host-addresses-in-node-network": {
    "a host in another network": {
      change: (raw) => changeHost(raw, 0, { address: "10.251.0.20" }),
      findings: ["net/host-addresses-in-node-network hosts[0].address"],
    },
  },
  "hosts/names-unique": {
    "one name twice": {
      change: (raw) => changeHost(raw, 1, { name: "capi-1-cp-1" }),
      findings: ["hosts/names-unique hosts[1].name"],
    },
  },
  "hosts/mac-unique": {
    "one MAC address twice, spelt differently": {
      change: (raw) => changeHost(raw, 1, { mac: "52:54:00:0A:00:20" }),
      findings: ["hosts/mac-unique hosts[1].mac"],
    },
  },
  "hosts/mac-format": {
    "a MAC address with dashes": {
      change: (raw) => changeHost(raw, 1, { mac: "52-54-00-0a-00-21" }),
      findings: ["hosts/mac-format hosts[1].mac"],
    },
  },
  "hosts/bmc-address-unique": {
    "one BMC twice": {
      change: (raw) =>
        changeHost(raw, 1, { bmc: { address: "redfish-virtualmedia://10.250.251.20/redfish/v1/Systems/1" } }),
      findings: ["hosts/bmc-address-unique hosts[1].bmc.address"],
    },
  },
  "hosts/bmc-scheme-known": {
    "a driver that is gone": {
      change: (raw) => changeHost(raw, 1, { bmc: { address: "idrac://10.250.251.21" } }),
      findings: ["hosts/bmc-scheme-known hosts[1].bmc.address"],
    },
  },
  "hosts/bmc-login-given": {
    "no login at all": {
      change: (raw) => delete raw["bmc"],
      findings: [0, 1, 2, 3].map((i) => `hosts/bmc-login-given hosts[${i}].bmc`),
    },
  },
  "hosts/pool-exists": {
    "a misspelt pool": {
      change: (raw) => changeHost(raw, 3, { pool: "worker" }),
      findings: ["hosts/pool-exists hosts[3].pool", "hosts/enough-per-pool workers[0].replicas"],
    },
  },
  "hosts/enough-per-pool": {
    "more machines than hosts": {
      change: (raw) => (raw["workers"] = [{ name: "workers", replicas: 2 }]),
      findings: ["hosts/enough-per-pool workers[0].replicas"],
    },
  },
  "hosts/pool-addressing-uniform": {
    "one host of a pool without an address": {
      change: (raw) => changeHost(raw, 2, { address: undefined }),
      findings: ["hosts/pool-addressing-uniform hosts"],
    },
  },
  "hosts/name-not-uuid": {
    "a UUID for a name": {
      change: (raw) => changeHost(raw, 3, { name: "0b9f9a3c-8d0c-4a6c-9c55-0d0a2f8c1b11" }),
      findings: ["hosts/name-not-uuid hosts[3].name"],
    },
  },
  "etcd/member-count-odd": {
    "two members": {
      change: (raw) => (raw["controlPlane"] = { replicas: 2 }),
      findings: ["etcd/member-count-odd controlPlane.replicas"],
    },
  },
  "health/startup-timeout-realistic": {
    "Cluster API's default of ten minutes": {
      change: (raw) => (raw["controlPlane"] = { healthCheck: { nodeStartupTimeoutSeconds: 600 } }),
      findings: ["health/startup-timeout-realistic controlPlane.healthCheck.nodeStartupTimeoutSeconds"],
    },
  },
  "cilium/bgp-served": {
    "BGP with 1.17": {
      change: (raw) => (raw["cilium"] = { version: "1.17.9" }),
      findings: ["cilium/bgp-served cilium.version"],
    },
  },
  "bgp/keepalive-below-hold": {
    "Cilium's default keepalive with a short hold time": {
      change: (raw) => peer(raw, { holdTimeSeconds: 9 }),
      findings: ["bgp/keepalive-below-hold bgp.instances[0].peers[0].keepAliveTimeSeconds"],
    },
  },
  "bgp/peer-names-unique": {
    "one peer twice": {
      change: (raw) => {
        const bgp = raw["bgp"] as { instances: { peers: object[] }[] };
        const peers = bgp.instances[0]?.peers ?? [];
        peers.push({ ...peers[0], address: "192.168.254.2" });
      },
      findings: ["bgp/peer-names-unique bgp.instances[0].peers[1].name"],
    },
  },
};

describe("checks", () => {
  it("accept capi-1", () => assert.deepStrictEqual(checkStack(stackWith()), []));

  it("each have a mistake that breaks them", () => {
    const tested = [...Object.keys(refusals), "cilium/cluster-name-short"];
    assert.deepStrictEqual(tested.sort(), checks.map(({ id }) => id).sort());
  });

  for (const [id, mistakes] of Object.entries(refusals)) {
    for (const [mistake, { change, findings }] of Object.entries(mistakes)) {
      it(`${id} refuses ${mistake}`, () => {
        const found = checkStack(stackWith(change)).map((finding) => `${finding.id} ${finding.at}`);
        assert.deepStrictEqual(found, findings);
      });
    }
  }

  it("cilium/cluster-name-short refuses a stack name of 33 characters", () => {
    const found = checkStack({ ...stackWith(), name: "a".repeat(33) });
    assert.deepStrictEqual(
      found.map(({ id }) => id),
      ["cilium/cluster-name-short"],
    );
  });
});
