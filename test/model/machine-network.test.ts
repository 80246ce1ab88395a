import assert from "node:assert";
import { installerNetwork, installerNetworkData, networkData } from "../../model/plan/manifests/network-data";
import { addressPools, dataTemplate } from "../../model/plan/manifests/metal3";
import { controlPlaneKubeadm, workerKubeadm } from "../../model/plan/manifests/kubeadm";
import { planCluster } from "../../model/plan/plan-cluster";
import { planHosts } from "../../model/plan/manifests/hosts";
import type { Stack } from "../../model/stack/schema";
import { field, list, text } from "../../model/kubernetes/object";
import { goodStack } from "./fixtures";
import { type RawStack, changeHost, stackWith } from "./stacks";

const dataOf = (stack: Stack, index: number) => networkData(stack, hostAt(stack, index));

function installerDataOf(stack: Stack, index: number) {
  const found = installerNetwork(stack, hostAt(stack, index));
  assert.ok(found);
  return installerNetworkData(hostAt(stack, index), found);
}

function hostAt(stack: Stack, index: number) {
  const host = stack.hosts[index];
  assert.ok(host);
  return host;
}

const link = (data: unknown, id: string) => list(data, "links").find((each) => text(each, "id") === id);

/** capi-1 whose hosts take their addresses from a pool, on a VLAN of a second port. */
const pooled = (raw: RawStack) => {
  const network = raw["network"] as RawStack;
  network["addressPool"] = { start: "10.250.250.100", end: "10.250.250.120" };
  network["installer"] = "dhcp";
  (raw["hosts"] as RawStack[]).forEach((host, i) => {
    delete host["address"];
    host["links"] = [
      { name: "eno1", mac: `52:54:00:0a:00:2${i}` },
      { name: "eno2", mac: `52:54:00:0B:00:2${i}`, mtu: 9000 },
    ];
    host["vlans"] = [{ name: "eno2.250", id: 250, link: "eno2", mtu: 9000 }];
    host["nodeLink"] = "eno2.250";
  });
};

describe("the network of a machine", () => {
  it("names every declared link, so that cloud-init gives it that name", () => {
    const data = dataOf(goodStack("bonds-and-vlans"), 0);
    for (const each of list(data, "links")) assert.strictEqual(text(each, "name"), text(each, "id"));
  });

  it("does not name the only port of a host that names none", () => {
    const stack = stackWith((raw) => changeHost(raw, 0, { links: [] }));
    assert.deepStrictEqual(dataOf(stack, 0)["links"], [
      { id: "boot", type: "phy", ethernet_mac_address: "52:54:00:0a:00:20" },
    ]);
  });

  it("gives a VLAN over a bond the bond's MAC address, not that of the booting port", () => {
    const stack = stackWith((raw) =>
      changeHost(raw, 3, {
        links: [
          { name: "eno4", mac: "52:54:00:0a:00:23" },
          { name: "enp59s0f1", mac: "52:54:00:0B:00:23" },
          { name: "enp216s0f0", mac: "52:54:00:0c:00:23" },
        ],
        bonds: [{ name: "bond0", mode: "802.3ad", links: ["enp59s0f1", "enp216s0f0"] }],
        vlans: [{ name: "bond0.41", id: 41, link: "bond0" }],
      }),
    );
    const data = dataOf(stack, 3);
    assert.strictEqual(text(link(data, "bond0"), "ethernet_mac_address"), "52:54:00:0b:00:23");
    assert.strictEqual(text(link(data, "bond0.41"), "vlan_mac_address"), "52:54:00:0b:00:23");
    assert.strictEqual(text(data, "networks", 0, "link"), "bond0.41");
  });

  it("uses DHCP on the booting port of a host with several, and on no other", () => {
    const stack = stackWith((raw) => {
      for (const [i, host] of (raw["hosts"] as RawStack[]).entries()) {
        delete host["address"];
        host["links"] = [
          { name: "eno1", mac: `52:54:00:0b:00:2${i}` },
          { name: "eno2", mac: `52:54:00:0a:00:2${i}` },
        ];
      }
    });
    assert.deepStrictEqual(dataOf(stack, 0)["networks"], [
      { id: "nodes", network_id: "nodes", type: "ipv4_dhcp", link: "eno2" },
    ]);
    const { hosts, secrets } = planHosts(stack);
    assert.ok(secrets.some(({ manifest }) => manifest.metadata.name === "capi-1-cp-1-network"));
    assert.strictEqual(text(hosts[0], "spec", "networkData", "name"), "capi-1-cp-1-network");
  });

  it("has the bonds and VLANs of a host that uses DHCP", () => {
    const stack = stackWith((raw) => {
      changeHost(raw, 3, {
        links: [
          { name: "eno1", mac: "52:54:00:0a:00:23" },
          { name: "eno2", mac: "52:54:00:0b:00:23" },
        ],
        bonds: [{ name: "bond0", mode: "active-backup", links: ["eno1", "eno2"] }],
        vlans: [{ name: "bond0.250", id: 250, link: "bond0" }],
      });
      delete (raw["hosts"] as RawStack[])[3]?.["address"];
    });
    const data = dataOf(stack, 3);
    assert.deepStrictEqual(field(link(data, "bond0"), "bond_links"), ["eno1", "eno2"]);
    assert.deepStrictEqual(field(data, "networks", 0, "link"), "bond0.250");
    assert.strictEqual(text(data, "networks", 0, "type"), "ipv4_dhcp");
  });

  it("has addresses and routes of both families, and the kubelet registers with both", () => {
    const stack = goodStack("dual-stack");
    const data = dataOf(stack, 0);
    assert.deepStrictEqual(
      list(data, "networks").map((each) => [
        text(each, "type"),
        text(each, "ip_address"),
        text(each, "routes", 0, "gateway"),
      ]),
      [
        ["ipv4", "192.0.2.41", "192.0.2.1"],
        ["ipv6", "2001:db8:0:2::41", "2001:db8:0:2::1"],
      ],
    );
    const kubeadm = JSON.stringify(controlPlaneKubeadm(stack, true));
    assert.match(kubeadm, /"\{\{ ds\.meta_data\.nodeIP \}\},\{\{ ds\.meta_data\.secondaryNodeIP \}\}"/);
    assert.deepStrictEqual(
      list(dataTemplate(stack, "workers"), "spec", "metaData", "fromAnnotations").map((each) =>
        text(each, "key"),
      ),
      ["nodeIP", "secondaryNodeIP"],
    );
  });
});

describe("the network of machines with addresses from a pool", () => {
  it("has the declared links, VLAN, MTU and node link, with each host's MAC addresses", () => {
    const stack = stackWith(pooled);
    const network = field(dataTemplate(stack, "workers"), "spec", "networkData");
    assert.deepStrictEqual(field(network, "links", "ethernets", 1), {
      id: "eno2",
      name: "eno2",
      type: "phy",
      mtu: 9000,
      macAddress: { fromAnnotation: { object: "baremetalhost", annotation: "metal.internal/mac-eno2" } },
    });
    assert.strictEqual(
      text(network, "links", "vlans", 0, "macAddress", "fromAnnotation", "annotation"),
      "metal.internal/mac-eno2",
    );
    assert.strictEqual(text(network, "networks", "ipv4", 0, "link"), "eno2.250");
    const [host] = planHosts(stack).hosts;
    assert.strictEqual(host?.metadata.annotations?.["metal.internal/mac-eno2"], "52:54:00:0b:00:20");
  });

  it("takes one address of each family from a pool of its own", () => {
    const stack = stackWith((raw) => {
      pooled(raw);
      (raw["network"] as RawStack)["secondary"] = {
        nodes: "fd00:10:250::/64",
        addressPool: { start: "fd00:10:250::100", end: "fd00:10:250::120" },
      };
    });
    assert.deepStrictEqual(
      addressPools(stack).map(({ metadata, spec }) => [metadata.name, text(spec, "pools", 0, "start")]),
      [
        ["capi-1-nodes", "10.250.250.100"],
        ["capi-1-nodes-secondary", "fd00:10:250::100"],
      ],
    );
    const template = dataTemplate(stack, "workers");
    assert.strictEqual(
      text(template, "spec", "networkData", "networks", "ipv6", 0, "ipAddressFromIPPool"),
      "capi-1-nodes-secondary",
    );
    assert.strictEqual(
      text(template, "spec", "metaData", "ipAddressesFromPool", 1, "name"),
      "capi-1-nodes-secondary",
    );
  });
});

describe("the network of the installer", () => {
  it("is the node's address on the booting port, tagged as the node's, and no bond", () => {
    const stack = goodStack("bonds-and-vlans");
    const data = installerDataOf(stack, 0);
    assert.deepStrictEqual(
      list(data, "links").map((each) => [text(each, "id"), text(each, "type")]),
      [
        ["eno1", "phy"],
        ["eno1.250", "vlan"],
      ],
    );
    assert.strictEqual(text(data, "networks", 0, "link"), "eno1.250");
    // Ironic refuses a network without one (api/controllers/v1/network-data-schema.json).
    assert.strictEqual(text(data, "networks", 0, "network_id"), "nodes");
  });

  it("reaches the host by a Secret, the machine's own where it can be; over PXE it is DHCP's", () => {
    const { hosts, secrets } = planHosts(
      stackWith((raw) => changeHost(raw, 3, { bmc: { address: "ipmi://10.250.251.23" } })),
    );
    const named = hosts.map((host) => text(host, "spec", "preprovisioningNetworkDataName"));
    assert.deepStrictEqual(named, [
      "capi-1-cp-1-network",
      "capi-1-cp-2-network",
      "capi-1-cp-3-network",
      undefined,
    ]);
    assert.ok(secrets.some(({ manifest }) => manifest.metadata.name === named[0]));
    const bonded = planHosts(goodStack("bonds-and-vlans"));
    assert.strictEqual(
      text(bonded.hosts[0], "spec", "preprovisioningNetworkDataName"),
      "bonded-cp-1-installer-network",
    );
    assert.ok(
      bonded.secrets.some(({ manifest }) => manifest.metadata.name === "bonded-cp-1-installer-network"),
    );
  });

  it("may be a Secret of the user's", () => {
    const { hosts, secrets } = planHosts(
      stackWith((raw) => changeHost(raw, 0, { preprovisioningNetworkDataName: "cp-1-boot" })),
    );
    assert.strictEqual(text(hosts[0], "spec", "preprovisioningNetworkDataName"), "cp-1-boot");
    assert.ok(secrets.every(({ manifest }) => manifest.metadata.name !== "cp-1-boot"));
  });
});

describe("the address that an API server announces", () => {
  const advertised = (configuration: unknown) => [
    text(configuration, "initConfiguration", "localAPIEndpoint", "advertiseAddress"),
    text(configuration, "joinConfiguration", "controlPlane", "localAPIEndpoint", "advertiseAddress"),
  ];

  it("is the node's own, whatever the default route is", () => {
    const kubeadm = controlPlaneKubeadm(stackWith(), true);
    assert.deepStrictEqual(advertised(kubeadm), ["{{ ds.meta_data.nodeIP }}", "{{ ds.meta_data.nodeIP }}"]);
  });

  it("is left to kubeadm where DHCP gives it, and on workers", () => {
    const dhcp = stackWith((raw) => {
      for (const host of raw["hosts"] as RawStack[]) delete host["address"];
    });
    assert.deepStrictEqual(advertised(controlPlaneKubeadm(dhcp, true)), [undefined, undefined]);
    const [pool] = stackWith().workers;
    assert.ok(pool);
    assert.strictEqual(
      field(workerKubeadm(stackWith(), pool), "joinConfiguration", "controlPlane"),
      undefined,
    );
  });
});

describe("an endpoint with a name", () => {
  it("is what kubelets and kubeconfigs use, while Cilium gets the address", () => {
    const plan = planCluster(goodStack("external-vip"));
    const infrastructure = plan.cluster.objects.find(({ kind }) => kind === "Metal3Cluster");
    assert.deepStrictEqual(field(infrastructure, "spec", "controlPlaneEndpoint"), {
      host: "api.external.example.com",
      port: 443,
    });
    assert.strictEqual(plan.endpointUrl, "https://api.external.example.com:443");
    assert.strictEqual(plan.cilium.values["k8sServiceHost"], "203.0.113.10");
    const kubeadm = controlPlaneKubeadm(goodStack("external-vip"), true);
    assert.deepStrictEqual(field(kubeadm, "clusterConfiguration", "apiServer", "certSANs"), [
      "api.external.example.com",
      "203.0.113.10",
    ]);
    // The load balancer turns to the port that kubeadm chooses.
    assert.strictEqual(field(kubeadm, "initConfiguration", "localAPIEndpoint", "bindPort"), undefined);
  });

  it("may have another port: with kube-vip the API servers themselves listen on it", () => {
    const stack = stackWith((raw) => {
      const kubernetes = raw["kubernetes"] as RawStack;
      kubernetes["endpoint"] = { ...(kubernetes["endpoint"] as object), port: 443 };
    });
    const kubeadm = controlPlaneKubeadm(stack, true);
    for (const part of [
      field(kubeadm, "initConfiguration", "localAPIEndpoint"),
      field(kubeadm, "joinConfiguration", "controlPlane", "localAPIEndpoint"),
    ])
      assert.strictEqual(field(part, "bindPort"), 443);
    const pod = JSON.stringify(field(kubeadm, "files"));
    assert.match(pod, /kubernetes:443/);
  });
});
