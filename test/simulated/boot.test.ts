import assert from "node:assert/strict";
import { stringify } from "yaml";
import { Leases, nodeAddresses } from "../../lab/simulated/boot/address";
import { readCloudConfig } from "../../lab/simulated/boot/cloud-config";
import { renderJinja } from "../../lab/simulated/boot/jinja";
import { argumentsOf, nodeLabels, readKubeadm, registeredTaints } from "../../lab/simulated/boot/kubeadm";
import { endpointVerdict, withoutLoadBalancer } from "../../lab/simulated/boot/kube-vip";
import { BootRefused } from "../../lab/simulated/boot/refusal";

const metaData = { uuid: "u-1", name: "capi-1-abc", "local-hostname": "capi-1-abc" };
const refused = (pattern: RegExp) => (error: unknown) =>
  error instanceof BootRefused && pattern.test(error.message);
const jinja = (text: string) => renderJinja(`## template: jinja\n${text}`, metaData);

describe("played cloud-init", () => {
  it("renders metaData, with dashes as underscores, and keeps raw blocks", () => {
    assert.equal(jinja("{{ ds.meta_data.name }} {{ds.meta_data.local_hostname}}"), "capi-1-abc capi-1-abc");
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

describe("played kubeadm", () => {
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

describe("played endpoint", () => {
  const endpoint = { host: "10.250.250.29", port: 6443 };
  const path = "/etc/kubernetes/manifests/kube-vip.yaml";
  const manifest = (file: string, address = endpoint.host) =>
    stringify({
      kind: "Pod",
      spec: {
        containers: [
          {
            image: "ghcr.io/kube-vip/kube-vip:v1.0.1",
            env: [
              { name: "cp_enable", value: "true" },
              { name: "address", value: address },
            ],
          },
        ],
        volumes: [{ hostPath: { path: `/etc/kubernetes/${file}` } }],
      },
    });
  const init = { "/run/kubeadm/kubeadm.yaml": "x" };
  const repair = `if [ -f /run/kubeadm/kubeadm.yaml ]; then sed -i 's#path: /etc/kubernetes/admin.conf#path: /etc/kubernetes/super-admin.conf#' ${path}; fi`;
  const verdict = (content: string, commands: string[] = [], version = "v1.36.3") =>
    endpointVerdict(config({ ...init, [path]: content }, commands), endpoint, version, true);

  it("never comes up with admin.conf on the init node, from 1.29", () => {
    const dead = verdict(manifest("admin.conf"));
    assert.ok(dead.kind === "dead");
    assert.match(dead.why, /super-admin\.conf/);
    assert.deepEqual(verdict(manifest("admin.conf"), [], "v1.28.9"), { kind: "answers" });
  });

  it("comes up when a command before kubeadm repairs the path, not when one after does", () => {
    assert.deepEqual(verdict(manifest("admin.conf"), [repair, "kubeadm init"]), { kind: "answers" });
    assert.equal(verdict(manifest("admin.conf"), ["kubeadm init", repair]).kind, "dead");
    assert.deepEqual(verdict(manifest("super-admin.conf")), { kind: "answers" });
  });

  it("is dead when kube-vip announces another address, and somebody else's without kube-vip", () => {
    assert.equal(verdict(manifest("super-admin.conf", "10.0.0.9")).kind, "dead");
    assert.deepEqual(endpointVerdict(config(init), endpoint, "v1.36.3", true), { kind: "external" });
  });

  it("is dead when kube-vip was forgotten and the stack has no load balancer", () => {
    const forgotten = withoutLoadBalancer(endpointVerdict(config(init), endpoint, "v1.36.3", true));
    assert.ok(forgotten.kind === "dead");
    assert.match(forgotten.why, /kube-vip is missing/);
    assert.deepEqual(withoutLoadBalancer({ kind: "answers" }), { kind: "answers" });
  });
});

describe("played node addresses", () => {
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
