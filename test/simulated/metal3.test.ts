import assert from "node:assert/strict";
import { chooseHost, whyNot } from "../../lab/simulated/metal3/choose-host";
import { claimHost, emptyHost, freeHost } from "../../lab/simulated/metal3/association";
import { nextIndex } from "../../lab/simulated/metal3/data";
import {
  type RenderSources,
  RenderError,
  poolsOf,
  renderMetaData,
  renderNetworkData,
} from "../../lab/simulated/metal3/render";
import { field } from "../../model/kubernetes/object";
import { host, metal3Machine, named } from "./objects";

const first = () => 0;
const chosen = (...of: Parameters<typeof chooseHost>) => {
  const choice = chooseHost(...of);
  return choice === undefined ? undefined : "wait" in choice ? choice.wait : choice.host.metadata.name;
};

describe("simulated host choice", () => {
  const refusals: readonly [string, Parameters<typeof host>[0], string][] = [
    ["labels that do not match", { labels: { role: "cp" } }, "labels do not match"],
    ["another user", { spec: { consumerRef: { name: "m2" } } }, "used by m2"],
    ["an error", { status: { errorMessage: "401", provisioning: { state: "available" } } }, "in error"],
    ["a pause", { annotations: { "baremetalhost.metal3.io/paused": "" } }, "paused"],
    ["an unhealthy mark", { annotations: { "capm3.metal3.io/unhealthy": "" } }, "unhealthy"],
    ["a state before available", { state: "inspecting" }, "state inspecting"],
    ["its deletion", { deleting: true }, "being deleted"],
  ];
  for (const [what, parts, why] of refusals) {
    it(`passes over a host with ${what}`, () => {
      assert.equal(whyNot(host(parts), metal3Machine()), why);
      assert.equal(chooseHost(metal3Machine(), [host(parts)], first), undefined);
    });
  }

  it("keeps the host that the machine has, and else prefers its failure domain", () => {
    const mine = host({ name: "mine", state: "provisioned", spec: { consumerRef: { name: "m1" } } });
    assert.equal(chosen(metal3Machine(), [host(), mine], first), "mine");
    const near = host({
      name: "near",
      labels: { role: "worker", "infrastructure.cluster.x-k8s.io/failure-domain": "r1" },
    });
    assert.equal(chosen(metal3Machine({ failureDomain: "r1" }), [host(), near], first), "near");
    assert.equal(chosen(metal3Machine({ failureDomain: "r9" }), [host(), near], first), "h1");
  });

  it("reads CAPM3's lower-case operators", () => {
    const selector = { matchExpressions: [{ key: "role", operator: "in", values: ["worker", "infra"] }] };
    assert.equal(whyNot(host(), metal3Machine({ hostSelector: selector })), undefined);
  });
});

describe("simulated association", () => {
  it("keeps the network data that the user gave, unless some is rendered", () => {
    const own = host({ spec: { networkData: { name: "own", namespace: "metal" } } });
    assert.equal(field(claimHost(own, metal3Machine(), "c", "boot", {}), "spec", "networkData"), undefined);
    const rendered = claimHost(own, metal3Machine(), "c", "boot", { networkData: "m1-networkdata" });
    assert.equal(field(rendered, "spec", "networkData", "name"), "m1-networkdata");
    // The real one looks for what it has set in a status that it has cleared before.
    assert.deepEqual(emptyHost(), { spec: { image: null, userData: null, online: false } });
  });

  it("keeps a released host for the next machine of its set where nodes are reused", () => {
    const cluster = named("Cluster", "capi-1");
    const freed = freeHost(host(), { cluster, set: "md-capi-1-workers" });
    const label = "infrastructure.cluster.x-k8s.io/node-reuse";
    assert.equal(field(freed, "metadata", "labels", label), "md-capi-1-workers");
    assert.equal(field(freed, "spec", "consumerRef", "kind"), "Cluster");
    const kept = host({
      name: "kept",
      state: "deprovisioning",
      labels: { role: "worker", [label]: "md-capi-1-workers" },
      spec: { consumerRef: { kind: "Cluster", name: "capi-1" } },
    });
    const choose = (set: string | undefined, ...hosts: readonly ReturnType<typeof host>[]) =>
      chosen(metal3Machine(), hosts, first, set);
    assert.match(
      choose("md-capi-1-workers", host(), kept) ?? "",
      /not-available state.*kept is deprovisioning/,
    );
    assert.equal(choose("md-capi-1-gpu", host(), kept), "h1");
    const available = { ...kept, status: { provisioning: { state: "available" } } };
    assert.equal(choose("md-capi-1-workers", host(), available), "kept");
    assert.equal(choose(undefined, available), undefined);
    assert.equal(
      field(claimHost(available, metal3Machine(), "c", "boot", {}), "metadata", "labels", label),
      null,
    );
  });

  it("takes the cluster's label off a released host", () => {
    assert.deepEqual(field(freeHost(host()), "metadata", "labels"), {
      "cluster.x-k8s.io/cluster-name": null,
    });
  });
});

describe("simulated data templates", () => {
  const sources: RenderSources = {
    machine: named("Machine", "capi-1-abc"),
    metal3machine: metal3Machine(),
    baremetalhost: host({ status: { hardware: { nics: [{ name: "eno1", mac: "02:00:00:00:00:01" }] } } }),
    index: 2,
    addresses: new Map([
      ["nodes", { address: "10.0.0.20", prefix: 24, gateway: "10.0.0.1", dnsServers: ["10.0.0.2"] }],
    ]),
  };

  it("renders every kind of metaData", () => {
    const section = {
      strings: [{ key: "a", value: "b" }],
      objectNames: [{ key: "name", object: "machine" }],
      namespaces: [{ key: "ns" }],
      indexes: [{ key: "i", offset: 10, step: 5, prefix: "n-" }],
      fromLabels: [{ key: "role", object: "baremetalhost", label: "role" }],
      fromAnnotations: [{ key: "rack", object: "metal3machine", annotation: "rack" }],
      fromHostInterfaces: [{ key: "mac", interface: "eno1" }],
      ipAddressesFromPool: [{ key: "ip", name: "nodes" }],
      gatewaysFromPool: [{ key: "gw", name: "nodes" }],
    };
    assert.deepEqual(renderMetaData(section, sources), {
      a: "b",
      name: "capi-1-abc",
      ns: "metal",
      i: "n-20",
      role: "worker",
      rack: "r7",
      mac: "02:00:00:00:00:01",
      ip: "10.0.0.20",
      gw: "10.0.0.1",
      providerid: "metal/h1/m1",
    });
  });

  it("renders networkData with addresses and gateways from pools", () => {
    const spec = {
      links: { ethernets: [{ id: "eno1", type: "phy", macAddress: { fromHostInterface: "eno1" } }] },
      networks: {
        ipv4: [
          {
            id: "n",
            link: "eno1",
            ipAddressFromIPPool: "nodes",
            routes: [{ network: "0.0.0.0", prefix: 0, gateway: { fromIPPool: "nodes" } }],
          },
        ],
      },
      services: { dnsFromIPPool: "nodes" },
    };
    assert.deepEqual(poolsOf({ spec: { networkData: spec } }, sources), ["nodes"]);
    const rendered = renderNetworkData(spec, sources);
    assert.equal(field(rendered, "networks", 0, "ip_address"), "10.0.0.20");
    assert.equal(field(rendered, "networks", 0, "netmask"), "255.255.255.0");
    assert.equal(field(rendered, "networks", 0, "routes", 0, "gateway"), "10.0.0.1");
    assert.equal(field(rendered, "links", 0, "ethernet_mac_address"), "02:00:00:00:00:01");
  });

  it("refuses an interface that the host does not have", () => {
    const section = { fromHostInterfaces: [{ key: "mac", interface: "eth9" }] };
    assert.throws(
      () => renderMetaData(section, sources),
      (error) => error instanceof RenderError && /eno1/.test(error.message),
    );
  });

  it("gives out the smallest free index", () => {
    assert.deepEqual([nextIndex([]), nextIndex([0, 1, 3])], [0, 2]);
  });
});
