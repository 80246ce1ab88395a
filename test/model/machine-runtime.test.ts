import type { KubeadmConfigSpec } from "../../model/kubernetes/cluster-api";
import assert from "node:assert";
import { execFileSync } from "node:child_process";
import { parse } from "yaml";
import type { Stack } from "../../model/stack/schema";
import { supportedVersions } from "../../model/stack/supported-versions";
import { field, list, text } from "../../model/kubernetes/object";
import { controlPlaneKubeadm, workerKubeadm } from "../../model/plan/manifests/kubeadm";
import { planCluster } from "../../model/plan/plan-cluster";
import { goodStack } from "./fixtures";
import { type RawStack, stackWith } from "./stacks";

const machines = (settings: RawStack) => stackWith((raw) => (raw["machines"] = settings));
const behindProxy = machines({
  proxy: {
    http: "http://proxy.example.com:3128",
    https: "http://proxy.example.com:3128",
    noProxy: [".example.com"],
  },
  preKubeadmCommands: ["echo mine"],
});

function workers(stack: Stack): KubeadmConfigSpec {
  const [pool] = stack.workers;
  assert.ok(pool);
  return workerKubeadm(stack, pool);
}

const commandsOf = (kubeadm: unknown) => list(kubeadm, "preKubeadmCommands").map(String);

/** The environment that kubeadm has when the commands ran before it in one shell script; systemctl is a stand-in. */
function environmentOfKubeadm(kubeadm: unknown): Record<string, string> {
  const script = ["systemctl() { :; }", "sed() { :; }", ...commandsOf(kubeadm), "env -0"].join("\n");
  const out = execFileSync("/bin/sh", ["-c", script], {
    env: { PATH: process.env["PATH"] },
    encoding: "utf8",
  });
  const lines = out.slice(out.indexOf("mine\n") + 5).split("\0");
  return Object.fromEntries(lines.map((line) => [line.split("=")[0] ?? "", line.replace(/^[^=]*=/, "")]));
}

describe("the container runtime of a machine", () => {
  for (const [name, kubeadm] of [
    ["control plane", controlPlaneKubeadm(behindProxy, true)],
    ["worker", workers(behindProxy)],
  ] as const) {
    it(`starts again with its proxy before kubeadm, on a ${name} machine`, () => {
      const commands = commandsOf(kubeadm);
      const at = (command: string) => commands.indexOf(command);
      assert.ok(at("systemctl daemon-reload") >= 0);
      assert.ok(at("systemctl restart containerd") > at("systemctl daemon-reload"));
      assert.ok(at("echo mine") > at("systemctl restart containerd"));
    });

    it(`leaves the proxy in kubeadm's environment, on a ${name} machine`, () => {
      const environment = environmentOfKubeadm(kubeadm);
      assert.strictEqual(environment["HTTPS_PROXY"], "http://proxy.example.com:3128");
      const direct = (environment["NO_PROXY"] ?? "").split(",");
      // The API server gets it from kubeadm, and calls webhooks by their services' names.
      for (const own of [
        "10.250.250.0/24",
        "10.244.0.0/16",
        "10.96.0.0/12",
        ".svc",
        ".cluster.local",
        ".example.com",
      ]) {
        assert.ok(direct.includes(own), own);
      }
    });
  }

  it("is enabled with the kubelet, so that a node comes back after a reboot", () => {
    for (const kubeadm of [controlPlaneKubeadm(stackWith(), true), workers(stackWith())]) {
      const commands = commandsOf(kubeadm);
      assert.ok(commands.includes("systemctl enable kubelet"));
      assert.ok(commands.includes("systemctl enable --now containerd"));
      assert.ok(!commands.some((command) => /restart|daemon-reload/.test(command)));
    }
  });

  it("may be CRI-O: its unit, its drop-in, its socket", () => {
    const stack = machines({ containerRuntime: "cri-o", proxy: { http: "http://proxy.example.com:3128" } });
    const kubeadm = workers(stack);
    assert.ok(commandsOf(kubeadm).includes("systemctl restart crio"));
    assert.ok(
      list(kubeadm, "files").some(
        (file) => text(file, "path") === "/etc/systemd/system/crio.service.d/http-proxy.conf",
      ),
    );
    assert.strictEqual(
      text(kubeadm, "joinConfiguration", "nodeRegistration", "criSocket"),
      "unix:///var/run/crio/crio.sock",
    );
  });
});

describe("kube-vip's static pod", () => {
  for (const release of supportedVersions.kubeVip.tried) {
    it(`has what ${release} reads`, () => {
      const stack = stackWith((raw) => {
        const { endpoint } = raw["kubernetes"] as { endpoint: RawStack };
        endpoint["kubeVipImage"] = `ghcr.io/kube-vip/kube-vip:${release}`;
      });
      const file = list(controlPlaneKubeadm(stack, true), "files").find((each) =>
        text(each, "path")?.endsWith("/kube-vip.yaml"),
      );
      const [container] = list(parse(text(file, "content") ?? ""), "spec", "containers");
      const environment = new Map(
        list(container, "env").map((entry) => [text(entry, "name") ?? "", text(entry, "value")]),
      );
      assert.strictEqual(text(container, "image"), `ghcr.io/kube-vip/kube-vip:${release}`);
      // Without it v1.2.2 turns to the endpoint itself, which nothing answers before kube-vip holds it.
      assert.strictEqual(environment.get("kubernetes_addr"), "kubernetes:6443");
      assert.strictEqual(environment.get("vip_subnet"), "32");
      assert.ok(!environment.has("vip_cidr"));
    });
  }
});

describe("the control plane's components", () => {
  const stack = stackWith((raw) => {
    raw["kubernetes"] = {
      ...(raw["kubernetes"] as object),
      apiServer: {
        extraArgs: {
          "oidc-issuer-url": "https://auth.example.com",
          "audit-policy-file": "/etc/audit/policy.yaml",
        },
        extraVolumes: [{ name: "audit", hostPath: "/etc/audit", mountPath: "/etc/audit" }],
      },
      controllerManager: { extraArgs: { "terminated-pod-gc-threshold": "100" } },
      etcd: { extraArgs: { "quota-backend-bytes": "8589934592" } },
    };
  });
  const configuration = field(controlPlaneKubeadm(stack, true), "clusterConfiguration");

  it("take arguments and volumes of the user in addition to what the stack decides", () => {
    assert.deepStrictEqual(field(configuration, "apiServer", "extraVolumes"), [
      { name: "audit", hostPath: "/etc/audit", mountPath: "/etc/audit", readOnly: true },
    ]);
    assert.deepStrictEqual(
      list(configuration, "controllerManager", "extraArgs").map((each) => text(each, "name")),
      ["node-cidr-mask-size", "terminated-pod-gc-threshold"],
    );
    assert.deepStrictEqual(field(configuration, "etcd", "local", "extraArgs"), [
      { name: "quota-backend-bytes", value: "8589934592" },
    ]);
  });

  it("are left out where nothing is said about them", () => {
    const plain = field(controlPlaneKubeadm(stackWith(), true), "clusterConfiguration") as object;
    assert.deepStrictEqual(Object.keys(plain), ["apiServer", "controllerManager"]);
  });
});

describe("a pool with settings of its own", () => {
  const stack = goodStack("gpu-pool");
  const { templates } = planCluster(stack).cluster;
  const of = (kind: string, pool: string) =>
    templates.find(({ key, manifest }) => manifest.kind === kind && key === `gpu-pool-${pool}`)?.manifest;

  it("gets its image, and the others the stack's", () => {
    const image = (pool: string, key: string) =>
      text(of("Metal3MachineTemplate", pool), "spec", "template", "spec", "image", key);
    assert.match(image("gpu", "url") ?? "", /gpu-arm64/);
    assert.strictEqual(image("gpu", "diskFormat"), "raw");
    assert.strictEqual(image("gpu", "checksumType"), "sha256");
    assert.doesNotMatch(image("control-plane", "url") ?? "", /gpu/);
  });

  it("gets its files, commands and kubelet arguments after those of all machines", () => {
    const kubeadm = workers(stack);
    assert.deepStrictEqual(
      list(kubeadm, "files").map((file) => text(file, "path")),
      ["/etc/kubernetes/audit/policy.yaml", "/etc/modprobe.d/gpu.conf"],
    );
    assert.deepStrictEqual(commandsOf(kubeadm).slice(-2), [
      "nvidia-ctk runtime configure --runtime=containerd",
      "systemctl restart containerd",
    ]);
    const args = (each: unknown) =>
      list(each, "joinConfiguration", "nodeRegistration", "kubeletExtraArgs").find(
        (argument) => text(argument, "name") === "max-pods",
      );
    assert.strictEqual(text(args(kubeadm), "value"), "60");
    assert.strictEqual(text(args(controlPlaneKubeadm(stack, true)), "value"), "110");
  });

  it("has its servers described to Metal3", () => {
    const host = planCluster(stack).hosts.hosts.find(({ metadata }) => metadata.name === "gpu-w-1");
    assert.deepStrictEqual(field(host, "spec", "raid"), {
      hardwareRAIDVolumes: [{ level: "1", name: "os" }],
    });
    assert.strictEqual(text(host, "spec", "architecture"), "aarch64");
    assert.strictEqual(text(host, "spec", "description"), "rack 7, four GPUs");
  });
});

describe("control plane machines whose certificates end", () => {
  const rollout = (days?: number) =>
    planCluster(
      stackWith(
        (raw) =>
          (raw["controlPlane"] = { ...(raw["controlPlane"] as object), renewCertificatesBeforeDays: days }),
      ),
    )
      .cluster.objects.filter(({ kind }) => kind === "KubeadmControlPlane")
      .map((object) => field(object, "spec", "rollout", "before", "certificatesExpiryDays"));

  it("are replaced by Cluster API that many days before", () => assert.deepStrictEqual(rollout(30), [30]));
  it("are not replaced without the setting", () => assert.deepStrictEqual(rollout(), [undefined]));
});
