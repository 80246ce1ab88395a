import assert from "node:assert/strict";
import { stringify } from "yaml";
import { Leases, machineNetwork, nodeAddresses } from "../../lab/simulated/boot/network";
import { BootRefused, readCloudConfig, renderJinja } from "../../lab/simulated/boot/cloud-config";
import { argumentsOf, nodeLabels, readKubeadm, registeredTaints } from "../../lab/simulated/boot/kubeadm";
import { endpointVerdict, withoutLoadBalancer } from "../../lab/simulated/boot/kube-vip";
import { supportedVersions } from "../../model/stack/supported-versions";

const metaData = { uuid: "u-1", name: "capi-1-abc", "local-hostname": "capi-1-abc" };
const refused = (pattern: RegExp) => (error: unknown) =>
  error instanceof BootRefused && pattern.test(error.message);
const jinja = (text: string) => renderJinja(`## template: jinja\n${text}`, metaData);

describe("simulated cloud-init", () => {
  it("renders metaData, with dashes as underscores, and keeps raw blocks", () => {
    assert.equal(jinja("{{ ds.meta_data.name }} {{ds.meta_data.local_hostname}}"), "capi-1-abc capi-1-abc");
    const racks = (key: string) => `{{ {"${key}": "65301", "other": "1"}[ds.meta_data.name] }}`;
    assert.equal(jinja(racks("capi-1-abc")), "65301");
    assert.throws(() => jinja(racks("elsewhere")), refused(/has no entry "capi-1-abc"/));
    assert.equal(jinja("{% raw %}{{ .Values }}{% endraw %}!"), "{{ .Values }}!");
    assert.equal(renderJinja("{{ x }}", metaData), "{{ x }}");
  });

  it("refuses unknown keys and other braces", () => {
    assert.throws(
      () => jinja("{{ ds.meta_data.nodeIP }}"),
      refused(/nodeIP is not in the machine's metaData; it has local_hostname/),
    );
    assert.throws(() => jinja("{{ .Release.Name }}"), refused(/raw/));
  });

  it("reads files, base64 ones too", () => {
    const config = `#cloud-config\n${stringify({
      write_files: [{ path: "/a", encoding: "base64", content: "aGk=" }],
      runcmd: ["echo a", ["kubeadm", "init"]],
    })}`;
    const read = readCloudConfig(config, metaData);
    assert.equal(read.files.get("/a"), "hi");
    assert.deepEqual(read.commands, ["echo a", "kubeadm init"]);
    assert.throws(() => readCloudConfig("#!/bin/sh", metaData), refused(/cloud-config/));
  });
});

const kubeadmFile = (kind: string, spec: object) =>
  stringify({ apiVersion: "kubeadm.k8s.io/v1beta4", kind, ...spec });

function config(files: Record<string, string>, commands: string[] = []) {
  return { files: new Map(Object.entries(files)), commands };
}

describe("simulated kubeadm", () => {
  it("refuses the kube-proxy phase in a join, and takes it in an init", () => {
    const skipPhases = ["addon/kube-proxy"];
    const join = config({
      "/run/kubeadm/kubeadm-join-config.yaml": kubeadmFile("JoinConfiguration", { skipPhases }),
    });
    assert.throws(() => readKubeadm(join), refused(/invalid phase name: addon\/kube-proxy/));
    const init = config({ "/run/kubeadm/kubeadm.yaml": kubeadmFile("InitConfiguration", { skipPhases }) });
    assert.deepEqual(readKubeadm(init).skipPhases, skipPhases);
  });

  it("tells control plane joins from worker joins, and taints only the former", () => {
    const file = (spec: object) =>
      config({ "/run/kubeadm/kubeadm-join-config.yaml": kubeadmFile("JoinConfiguration", spec) });
    assert.equal(readKubeadm(file({})).action, "join");
    const controlPlane = readKubeadm(file({ controlPlane: {} }));
    assert.equal(controlPlane.action, "join-control-plane");
    assert.equal(controlPlane.taints.length, 1);
    assert.deepEqual(readKubeadm(file({ controlPlane: {}, nodeRegistration: { taints: [] } })).taints, []);
  });

  it("reads a join's token and the authorities that it pins", () => {
    const discovery = {
      bootstrapToken: {
        token: "abcdef.0123456789abcdef",
        apiServerEndpoint: "10.0.0.9:6443",
        caCertHashes: ["sha256:aa"],
      },
    };
    const file = kubeadmFile("JoinConfiguration", { discovery });
    const plan = readKubeadm(config({ "/run/kubeadm/kubeadm-join-config.yaml": file }));
    assert.deepEqual(
      [plan.token, plan.endpoint, plan.caCertHashes],
      ["abcdef.0123456789abcdef", "10.0.0.9:6443", ["sha256:aa"]],
    );
  });

  it("reads arguments of both kubeadm versions", () => {
    assert.deepEqual(argumentsOf([{ name: "node-ip", value: "10.0.0.1" }]), { "node-ip": "10.0.0.1" });
    assert.deepEqual(argumentsOf({ "node-ip": "10.0.0.1" }), { "node-ip": "10.0.0.1" });
  });

  it("refuses labels that a kubelet may not give itself", () => {
    assert.deepEqual(nodeLabels("metal3.io/uuid=u-1,rack=a"), { "metal3.io/uuid": "u-1", rack: "a" });
    assert.throws(() => nodeLabels("node-role.kubernetes.io/worker="), refused(/node-role/));
    assert.deepEqual(registeredTaints("a=b:NoExecute,c:NoSchedule"), [
      { key: "a", effect: "NoExecute", value: "b" },
      { key: "c", effect: "NoSchedule" },
    ]);
  });
});

describe("simulated endpoint", () => {
  const endpoint = { host: "10.250.250.29", port: 6443 };
  const path = "/etc/kubernetes/manifests/kube-vip.yaml";
  const machine = {
    network: { links: new Set(["eno1"]), hasDefaultRoute: true },
    addresses: ["10.250.250.20"],
    version: "v1.36.3",
    init: true,
  };
  /** What the program writes, with other values of some variables; null leaves one out. */
  const environment: Readonly<Record<string, string | null>> = {
    vip_arp: "true",
    port: "6443",
    vip_interface: "eno1",
    vip_subnet: "32",
    kubernetes_addr: "kubernetes:6443",
    cp_enable: "true",
    address: endpoint.host,
  };
  interface Manifest {
    readonly file?: string;
    readonly env?: Readonly<Record<string, string | null>>;
    readonly release?: string;
    readonly spec?: Readonly<Record<string, unknown>>;
    readonly container?: Readonly<Record<string, unknown>>;
  }
  const manifest = ({
    file = "super-admin.conf",
    env = {},
    release = "v1.0.1",
    spec,
    container,
  }: Manifest = {}) =>
    stringify({
      kind: "Pod",
      spec: {
        hostNetwork: true,
        hostAliases: [{ hostnames: ["kubernetes"], ip: "127.0.0.1" }],
        containers: [
          {
            image: `ghcr.io/kube-vip/kube-vip:${release}`,
            args: ["manager"],
            env: Object.entries({ ...environment, ...env }).flatMap(([name, value]) =>
              value === null ? [] : [{ name, value }],
            ),
            securityContext: { capabilities: { add: ["NET_ADMIN", "NET_RAW"] } },
            volumeMounts: [{ mountPath: "/etc/kubernetes/admin.conf", name: "kubeconfig" }],
            ...container,
          },
        ],
        volumes: [{ name: "kubeconfig", hostPath: { path: `/etc/kubernetes/${file}` } }],
        ...spec,
      },
    });
  const init = { "/run/kubeadm/kubeadm.yaml": "x" };
  const repair = `if [ -f /run/kubeadm/kubeadm.yaml ]; then sed -i 's#path: /etc/kubernetes/admin.conf#path: /etc/kubernetes/super-admin.conf#' ${path}; fi`;
  const verdict = (content: string, commands: string[] = [], on: Partial<typeof machine> = {}) =>
    endpointVerdict(config({ ...init, [path]: content }, commands), endpoint, { ...machine, ...on });
  const dead = (content: string, why: RegExp, on: Partial<typeof machine> = {}) => {
    const fallen = verdict(content, [], on);
    assert.ok(fallen.kind === "dead", "it answers");
    assert.match(fallen.why, why);
  };

  it("never comes up with admin.conf on the init node, from 1.29", () => {
    dead(manifest({ file: "admin.conf" }), /super-admin\.conf/);
    assert.deepEqual(verdict(manifest({ file: "admin.conf" }), [], { version: "v1.28.9" }), {
      kind: "answers",
    });
    assert.deepEqual(verdict(manifest({ file: "admin.conf" }), [], { init: false }), { kind: "answers" });
    dead(manifest(), /exists on the init node only/, { init: false });
  });

  it("comes up when a command before kubeadm repairs the path, not when one after does", () => {
    const wrong = manifest({ file: "admin.conf" });
    assert.deepEqual(verdict(wrong, [repair, "kubeadm init"]), { kind: "answers" });
    assert.equal(verdict(wrong, ["kubeadm init", repair]).kind, "dead");
    assert.deepEqual(verdict(manifest()), { kind: "answers" });
  });

  it("is dead when kube-vip announces another address, and a load balancer's without kube-vip", () => {
    dead(manifest({ env: { address: "10.0.0.9" } }), /announces "10\.0\.0\.9"/);
    assert.deepEqual(endpointVerdict(config(init), endpoint, machine), { kind: "external" });
  });

  it("is dead when kube-vip was forgotten and the stack has no load balancer", () => {
    const forgotten = withoutLoadBalancer(endpointVerdict(config(init), endpoint, machine));
    assert.ok(forgotten.kind === "dead");
    assert.match(forgotten.why, /kube-vip is missing/);
    assert.deepEqual(withoutLoadBalancer({ kind: "answers" }), { kind: "answers" });
  });

  for (const release of supportedVersions.kubeVip.tried) {
    it(`comes up with the static pod that the program writes, as kube-vip ${release}`, () => {
      assert.deepEqual(verdict(manifest({ release })), { kind: "answers" });
    });
  }

  it("is dead without kubernetes_addr from v1.2.2 on, which earlier releases do without", () => {
    const env = { kubernetes_addr: null };
    assert.deepEqual(verdict(manifest({ env, release: "v1.2.1" })), { kind: "answers" });
    dead(manifest({ env, release: "v1.2.2" }), /connects to 10\.250\.250\.29:6443 itself/);
    dead(manifest({ env, release: "latest" }), /needs kubernetes_addr/);
  });

  const broken: readonly (readonly [what: string, Manifest, why: RegExp])[] = [
    [
      "that connects to the endpoint",
      { env: { kubernetes_addr: "10.250.250.29:6443" } },
      /connects to .* itself/,
    ],
    ["without the host alias", { spec: { hostAliases: [] } }, /no host alias leads there/],
    [
      "that connects to a name the API server does not have",
      {
        env: { kubernetes_addr: "localhost:6443" },
        spec: { hostAliases: [{ hostnames: ["localhost"], ip: "127.0.0.1" }] },
      },
      /certificate does not have/,
    ],
    ["for another port", { env: { kubernetes_addr: "kubernetes:8443" } }, /the API server listens on 6443/],
    [
      "with vip_address and vip_cidr",
      { env: { address: null, vip_address: "10.250.250.29", vip_subnet: null, vip_cidr: "32" } },
      /needs vip_subnet/,
    ],
    ["with a mask that is none", { env: { vip_subnet: "/32" } }, /cannot read vip_subnet "\/32"/],
    ["without a mode", { env: { vip_arp: null } }, /has no mode/],
    ["by BGP without an ASN", { env: { vip_arp: "false", bgp_enable: "true" } }, /bgp_as "" as an ASN/],
    [
      "by BGP with peers of another form",
      { env: { vip_arp: "false", bgp_enable: "true", bgp_as: "65300", bgp_peers: "192.0.2.1" } },
      /one of its BGP peers/,
    ],
    ["with two modes", { env: { bgp_enable: "true" }, release: "v1.2.2" }, /takes one mode/],
    ["without the control plane", { env: { cp_enable: "no" } }, /cp_enable/],
    [
      "with an interface that is not there",
      { env: { vip_interface: "uplink" } },
      /no interface uplink; .* eno1/,
    ],
    ["with a lease shorter than its renewal", { env: { vip_leaseduration: "3" } }, /elects no leader/],
    ["with its lease in a strange namespace", { env: { cp_namespace: "kube-vip" } }, /does not have/],
    ["on the pod network", { spec: { hostNetwork: false } }, /hostNetwork/],
    ["without its capabilities", { container: { securityContext: {} } }, /NET_ADMIN and NET_RAW/],
    ["without a kubeconfig", { container: { volumeMounts: [] } }, /no kubeconfig/],
    ["as a service", { container: { args: ["service"] } }, /not started as manager/],
  ];
  for (const [what, parts, why] of broken) {
    it(`is dead with a static pod ${what}`, () => dead(manifest(parts), why));
  }

  it("has the sessions of the static pod where it announces the endpoint by BGP, with the passwords of a file of sed", () => {
    const sed = "/etc/kubernetes/kube-vip-passwords.sed";
    const bgp = { bgp_enable: "true", bgp_as: "65300", bgp_hold_time: "9", bgp_keepalive_interval: "3" };
    const bgp_peers = "192.0.2.1:65000:<password-of-api>:false,192.0.2.4:65001::true";
    const content = manifest({ env: { ...bgp, vip_arp: "false", bgp_peers } });
    const files = { ...init, [path]: content, [sed]: "s,<password-of-api>,throw-away,g\n" };
    const found = endpointVerdict(config(files, [`sed -i -f ${sed} ${path}`]), endpoint, machine);
    assert.ok(found.kind === "answers" && found.speaker !== undefined);
    const { peers, ...speaker } = found.speaker;
    assert.deepEqual(speaker, { instance: "kube-vip", localASN: 65300, routerId: "10.250.250.20" });
    const both = {
      port: 179,
      localAddress: "10.250.250.20",
      connectRetrySeconds: 10,
      holdSeconds: 9,
      keepAliveSeconds: 3,
      families: [{ afi: "ipv4", safi: "unicast" }],
      announcements: [{ prefix: "10.250.250.29/32", communities: [], largeCommunities: [] }],
    };
    assert.deepEqual(peers, [
      {
        ...both,
        name: "192.0.2.1-65000",
        address: "192.0.2.1",
        asn: 65000,
        password: "throw-away",
        multihop: 1,
      },
      { ...both, name: "192.0.2.4-65001", address: "192.0.2.4", asn: 65001, multihop: 50 },
    ]);
  });

  it("is dead without interface and default route, which find it together", () => {
    const env = { vip_interface: null };
    assert.deepEqual(verdict(manifest({ env })), { kind: "answers" });
    const network = { ...machine.network, hasDefaultRoute: false };
    dead(manifest({ env }), /no default route/, { network });
  });
});

describe("simulated interfaces", () => {
  const ports = [
    { name: "enp1s0", mac: "02:00:00:00:00:01" },
    { name: "enp2s0", mac: "02:00:00:00:00:02" },
  ];
  const data = (links: readonly unknown[], networks: readonly unknown[] = []) =>
    JSON.stringify({ links, networks });
  const names = (text: string | undefined) => [...machineNetwork(text, ports).links].sort();

  it("keep the kernel's name unless one is written", () => {
    const port = { id: "eno1", type: "phy", ethernet_mac_address: "02:00:00:00:00:01" };
    assert.deepEqual(names(undefined), ["enp1s0", "enp2s0"]);
    assert.deepEqual(names(data([port])), ["enp1s0", "enp2s0"]);
    assert.deepEqual(names(data([{ ...port, name: "eno1" }])), ["eno1", "enp2s0"]);
  });

  it("are bond0 and its VLANs, whatever name is written", () => {
    const bond = { id: "uplink", name: "uplink", type: "bond", bond_links: ["a", "b"] };
    const vlan = { id: "nodes", name: "nodes", type: "vlan", vlan_link: "uplink", vlan_id: 250 };
    assert.deepEqual(names(data([bond, vlan])), ["bond0", "bond0.250", "enp1s0", "enp2s0"]);
  });

  it("have a default route by DHCP or by a route that is written", () => {
    const has = (network: unknown) => machineNetwork(data([], [network]), ports).hasDefaultRoute;
    assert.equal(has({ type: "ipv4", routes: [] }), false);
    assert.equal(has({ type: "ipv4", routes: [{ network: "0.0.0.0", netmask: "0.0.0.0" }] }), true);
    assert.equal(has({ type: "ipv4_dhcp" }), true);
    assert.equal(machineNetwork(undefined, ports).hasDefaultRoute, true);
  });
});

describe("simulated node addresses", () => {
  const dhcp = () => "10.0.0.77";
  const network = JSON.stringify({
    networks: [{ type: "ipv4", ip_address: "10.0.0.20" }, { type: "ipv4_dhcp" }],
  });

  it("come from the kubelet's node-ip, the network data, the metaData, else from DHCP", () => {
    assert.deepEqual(nodeAddresses("10.0.0.20", network, {}, dhcp), ["10.0.0.20"]);
    assert.deepEqual(nodeAddresses(undefined, network, {}, dhcp), ["10.0.0.20"]);
    assert.deepEqual(nodeAddresses(undefined, undefined, { nodeIP: "10.0.0.9" }, dhcp), ["10.0.0.9"]);
    assert.deepEqual(nodeAddresses(undefined, undefined, {}, dhcp), ["10.0.0.77"]);
  });

  it("from DHCP are in the endpoint's network, kept by each host and shared by none", () => {
    const leases = new Leases();
    const first = leases.addressFor("a", "10.0.0.150");
    assert.match(first, /^10\.0\.0\.\d+$/);
    const others = ["b", "c"].map((host) => leases.addressFor(host, "10.0.0.150"));
    assert.equal(new Set([first, ...others, "10.0.0.150"]).size, 4);
    assert.equal(leases.addressFor("a", "10.0.0.150"), first);
    assert.match(leases.addressFor("d", "fd00::9"), /^fd00::d\d+$/);
  });

  it("refuse a node-ip that the host does not have", () => {
    assert.throws(
      () => nodeAddresses("10.0.0.99", network, {}, dhcp),
      refused(/not found in the host's network interfaces/),
    );
    assert.throws(() => nodeAddresses("nonsense", undefined, {}, dhcp), refused(/not an IP address/));
  });
});
