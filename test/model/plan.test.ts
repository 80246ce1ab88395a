import assert from "node:assert";
import fc from "fast-check";
import { readStack } from "../../model/stack/read-stack";
import { separateSecrets } from "../../model/stack/secrets";
import { contentHash } from "../../model/kubernetes/content";
import { field, list, text } from "../../model/kubernetes/object";
import { planCluster } from "../../model/plan/plan-cluster";
import { type RawStack, changeHost, rawCapi1, stackWith, stackWithEverything } from "./stacks";

function objectOf(kind: string, stack = stackWith()) {
  const { cluster, hosts } = planCluster(stack);
  const found = [
    ...cluster.objects,
    ...cluster.templates.map(({ manifest }) => manifest),
    ...hosts.hosts,
  ].find((object) => object.kind === kind);
  assert.ok(found, kind);
  return found;
}

describe("the plan of a cluster", () => {
  it("is the same for the same stack", () => {
    assert.deepStrictEqual(planCluster(stackWith()), planCluster(stackWith()));
  });

  it("names the endpoint as a URL, with an IPv6 address in brackets", () => {
    const ipv6 = stackWith((raw) => {
      (raw["kubernetes"] as { endpoint: object }).endpoint = { host: "fd00:10::29", provider: "external" };
    });
    const { endpointUrl } = planCluster(ipv6);
    assert.strictEqual(endpointUrl, "https://[fd00:10::29]:6443");
    assert.strictEqual(new URL(endpointUrl).port, "6443");
  });

  it("skips kube-proxy in init only: a join with this phase dies", () => {
    const spec = field(objectOf("KubeadmControlPlane"), "spec", "kubeadmConfigSpec");
    assert.deepStrictEqual(list(spec, "initConfiguration", "skipPhases"), ["addon/kube-proxy"]);
    assert.strictEqual(field(spec, "joinConfiguration", "skipPhases"), undefined);
  });

  it("installs kube-proxy when Cilium does not replace it", () => {
    const stack = stackWith((raw) => (raw["cilium"] = { values: { kubeProxyReplacement: false } }));
    const spec = field(objectOf("KubeadmControlPlane", stack), "spec", "kubeadmConfigSpec");
    assert.strictEqual(field(spec, "initConfiguration", "skipPhases"), undefined);
  });

  it("labels every node with its host's uuid and passes no provider id", () => {
    const everything = JSON.stringify(planCluster(stackWith()).cluster);
    assert.strictEqual(everything.match(/metal3\.io\/uuid=\{\{ ds\.meta_data\.uuid \}\}/g)?.length, 3);
    assert.ok(!everything.includes("provider-id"));
  });

  it("puts labels that Cluster API keeps on nodes onto the machines, and only others into the kubelet's first start", () => {
    const labels = { "node-role.kubernetes.io/worker": "", "example.com/disk": "ssd" };
    const stack = stackWith((raw) => (raw["workers"] = [{ name: "workers", labels }]));
    const machines = field(objectOf("MachineDeployment", stack), "spec", "template", "metadata", "labels");
    assert.deepStrictEqual(
      Object.keys(machines as object).filter((key) => key in labels),
      ["node-role.kubernetes.io/worker"],
    );
    const kubelet = JSON.stringify(objectOf("KubeadmConfigTemplate", stack));
    assert.ok(kubelet.includes("example.com/disk=ssd") && !kubelet.includes("node-role.kubernetes.io"));
  });

  it("lets ordinary pods onto the control plane when there are no workers, or when told", () => {
    const taints = (change: (raw: ReturnType<typeof rawCapi1>) => void) => {
      const spec = field(objectOf("KubeadmControlPlane", stackWith(change)), "spec", "kubeadmConfigSpec");
      return ["initConfiguration", "joinConfiguration"].map((key) =>
        field(spec, key, "nodeRegistration", "taints"),
      );
    };
    assert.deepStrictEqual(
      taints(() => undefined),
      [undefined, undefined],
    );
    assert.deepStrictEqual(
      taints((raw) => (raw["workers"] = [])),
      [[], []],
    );
    // A pool that shrinks to nothing must not replace the control plane.
    const none = taints((raw) => (raw["workers"] = [{ name: "workers", replicas: 0 }]));
    assert.deepStrictEqual(none, [undefined, undefined]);
    assert.deepStrictEqual(
      taints((raw) => (raw["controlPlane"] = { replicas: 3, schedulable: true })),
      [[], []],
    );
  });

  it("mends one machine of a pool at least: Cluster API rounds a share down to none", () => {
    const limit = (replicas: number, maxUnhealthy: string) => {
      const stack = stackWith((raw) => {
        raw["controlPlane"] = { replicas: 3, healthCheck: { enabled: false } };
        raw["workers"] = [{ name: "workers", replicas, healthCheck: { maxUnhealthy } }];
      });
      return field(objectOf("MachineHealthCheck", stack), "spec", "remediation", "triggerIf");
    };
    assert.deepStrictEqual(limit(1, "40%"), { unhealthyLessThanOrEqualTo: 1 });
    assert.deepStrictEqual(limit(2, "40%"), { unhealthyLessThanOrEqualTo: 1 });
    assert.deepStrictEqual(limit(3, "40%"), { unhealthyLessThanOrEqualTo: "40%" });
    assert.deepStrictEqual(limit(3, "2"), { unhealthyLessThanOrEqualTo: 2 });
    assert.deepStrictEqual(limit(3, "0%"), { unhealthyLessThanOrEqualTo: "0%" });
  });

  it("leaves replacing to Cluster API, and has Metal3 reboot where that is asked for or nothing else is left", () => {
    const strategyOf = (change: (raw: RawStack) => void) => {
      const { objects } = planCluster(stackWith(change)).cluster;
      const templates = objects.filter(({ kind }) => kind === "Metal3RemediationTemplate");
      const checks = objects.filter(
        (object) => field(object, "spec", "remediation", "templateRef") !== undefined,
      );
      assert.strictEqual(templates.length, checks.length);
      return templates.map((template) => field(template, "spec", "template", "spec", "strategy"));
    };
    const healthCheck = { reboots: 3, rebootTimeoutSeconds: 1200 };
    assert.deepStrictEqual(
      strategyOf(() => undefined),
      [],
    );
    // Metal3 counts the repetitions: three reboots are the first one and two more.
    assert.deepStrictEqual(
      strategyOf((raw) => (raw["workers"] = [{ name: "workers", healthCheck }])),
      [{ type: "Reboot", retryLimit: 2, timeoutSeconds: 1200 }],
    );
    assert.deepStrictEqual(
      strategyOf((raw) => (raw["controlPlane"] = { replicas: 1 })),
      [{ type: "Reboot", retryLimit: 1, timeoutSeconds: 1800 }],
    );
  });

  it("writes no zero value into a host, which the operator would take away again", () => {
    const zero = (value: unknown): boolean =>
      typeof value === "object" && value !== null
        ? Object.values(value).length === 0 || Object.values(value).some(zero)
        : [false, 0, ""].includes(value as never);
    for (const stack of [
      stackWith(),
      stackWithEverything(),
      stackWith((raw) => changeHost(raw, 0, { bmc: { address: "ipmi://192.0.2.1" } })),
    ]) {
      for (const { metadata, ...host } of planCluster(stack).hosts.hosts) {
        const { rotational, ...hints } = (field(host, "spec", "rootDeviceHints") ?? {}) as Record<
          string,
          unknown
        >;
        // A pointer in the operator's type, so that false stays.
        assert.ok(rotational === undefined || typeof rotational === "boolean");
        const spec = { ...(host["spec"] as object), rootDeviceHints: { of: "x", ...hints } };
        assert.ok(!zero(spec), `${metadata.name}: ${JSON.stringify(spec)}`);
      }
    }
  });

  it("sets no label of Cluster API's domain on hosts, which Metal3 adds and removes", () => {
    for (const host of planCluster(stackWith()).hosts.hosts) {
      const keys = Object.keys(host.metadata.labels ?? {});
      assert.deepStrictEqual(
        keys.filter((key) => key.includes("cluster.x-k8s.io")),
        [],
      );
    }
  });

  it("names templates by content: a new image is a new template, a new replica count is not", () => {
    const name = (change: (raw: ReturnType<typeof rawCapi1>) => void) =>
      objectOf("Metal3MachineTemplate", stackWith(change)).metadata.name;
    const before = name(() => undefined);
    assert.notStrictEqual(
      name((raw) => (raw["image"] = { ...(raw["image"] as object), url: "http://10.250.250.2/other.qcow2" })),
      before,
    );
    assert.strictEqual(
      name((raw) => (raw["workers"] = [{ name: "workers", replicas: 0 }])),
      before,
    );
  });

  it("selects this cluster's hosts only", () => {
    const selector = field(
      objectOf("Metal3MachineTemplate"),
      "spec",
      "template",
      "spec",
      "hostSelector",
      "matchLabels",
    );
    assert.deepStrictEqual(selector, {
      "metal.internal/cluster": "capi-1",
      "metal.internal/pool": "control-plane",
    });
  });

  it("gives two stacks of one namespace no object in common", () => {
    const first = planCluster(stackWith());
    const second = planCluster(
      stackWith((raw) => {
        raw["name"] = "capi-2";
        (raw["hosts"] as Record<string, unknown>[]).forEach((host, i) =>
          changeHost(raw, i, { name: `capi-2-${i}` }),
        );
      }),
    );
    const names = (plan: typeof first) =>
      [
        plan.resourceSet.payload,
        plan.resourceSet.resourceSet,
        ...plan.hosts.secrets.map(({ manifest }) => manifest),
        ...plan.hosts.hosts,
        ...plan.cluster.templates.map(({ manifest }) => manifest),
        ...plan.cluster.objects,
        plan.cluster.cluster,
      ].map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    const shared = names(first).filter((name) => names(second).includes(name));
    assert.deepStrictEqual(shared, []);
  });

  it("starts kube-vip with super-admin.conf on the first machine, and takes it back", () => {
    const spec = field(objectOf("KubeadmControlPlane"), "spec", "kubeadmConfigSpec");
    assert.match(String(list(spec, "preKubeadmCommands")[0]), /kubeadm\.yaml .*super-admin\.conf/);
    assert.match(
      String(list(spec, "postKubeadmCommands")[0]),
      /super-admin\.conf.*path: \/etc\/kubernetes\/admin\.conf/,
    );
  });

  it("writes a host's network with its fixed address", () => {
    const secret = planCluster(stackWith()).hosts.secrets.find(({ manifest }) =>
      manifest.metadata.name.endsWith("cp-1-network"),
    );
    const data: unknown = JSON.parse(secret?.text["networkData"] ?? "");
    assert.strictEqual(text(data, "networks", 0, "ip_address"), "10.250.250.20");
    assert.strictEqual(text(data, "networks", 0, "netmask"), "255.255.255.0");
    assert.strictEqual(text(data, "networks", 0, "link"), "eno1");
  });

  it("takes addresses from a pool when hosts have none", () => {
    const template = objectOf("Metal3DataTemplate", stackWithEverything());
    assert.strictEqual(
      text(template, "spec", "networkData", "networks", "ipv4", 0, "ipAddressFromIPPool"),
      "capi-1-nodes",
    );
  });

  it("waits for what it plans", () => {
    const { readiness } = planCluster(stackWith());
    assert.strictEqual(readiness.timeoutSeconds, 120 * 60 - 30);
    assert.deepStrictEqual(readiness.resourceSet.resources, [{ kind: "ConfigMap", name: "capi-1-cilium" }]);
  });

  it("gives a set that applies again another name, because a set's strategy never changes", () => {
    const planned = (lifecycle: string) => {
      const { payload, resourceSet } = planCluster(
        stackWith((raw) => (raw["cilium"] = { ...(raw["cilium"] as object), lifecycle })),
      ).resourceSet;
      return `${text(resourceSet, "spec", "strategy")} ${resourceSet.metadata.name} ${payload.metadata.name}`;
    };
    assert.strictEqual(
      planned("resource-set"),
      "Reconcile capi-1-cilium-reconciled capi-1-cilium-reconciled",
    );
    for (const lifecycle of ["pulumi", "bootstrap-only", "gitops"])
      assert.strictEqual(planned(lifecycle), "ApplyOnce capi-1-cilium capi-1-cilium");
  });

  it("holds no secret value", () => {
    assert.ok(!JSON.stringify(planCluster(stackWith())).includes("throw-away"));
  });

  it("opens the router for exactly this cluster's prefixes", () => {
    const router = planCluster(stackWith()).routerConfigurations["frr"] ?? "";
    assert.match(router, /permit 10\.244\.0\.0\/16 ge 24 le 24/);
    assert.match(router, /permit 10\.250\.249\.0\/24 ge 32 le 32/);
    assert.match(router, /neighbor 10\.250\.250\.23 peer-group capi-1_frr_v4/);
    assert.match(router, /route-map capi-1_frr_v4_out deny 65535/);
  });
});

describe("reading a stack", () => {
  it("fills the defaults", () => {
    const stack = stackWith((raw) => delete raw["timeouts"]);
    assert.strictEqual(stack.timeouts.ready, 120);
    assert.strictEqual(stack.controlPlane.healthCheck.nodeStartupTimeoutSeconds, 7200);
  });

  it("proposes the nearest key for a typo", () => {
    const { findings } = readStack({ ...rawCapi1(), controlPlan: {} }, "capi-1");
    assert.deepStrictEqual(
      findings?.map(({ id, fix }) => [id, fix]),
      [["config/key-known", 'did you mean "controlPlane"?']],
    );
  });

  it("proposes the nearest key for a typo deep inside", () => {
    const raw = rawCapi1();
    changeHost(raw, 0, { bootmode: "UEFI" });
    const { findings } = readStack(raw, "capi-1");
    assert.deepStrictEqual(
      findings?.map(({ at, fix }) => [at, fix]),
      [["hosts[0].bootmode", 'did you mean "bootMode"?']],
    );
  });

  it("names a missing key by its path", () => {
    const raw = rawCapi1();
    raw["management"] = { context: "management" };
    const { findings } = readStack(raw, "capi-1");
    assert.deepStrictEqual(
      findings?.map(({ id, at }) => [id, at]),
      [["config/key-present", "management.namespace"]],
    );
  });

  it("never throws, whatever it is given", () => {
    fc.assert(
      fc.property(fc.anything(), (anything) => {
        const reading = readStack(separateSecrets(anything).raw, "any");
        return reading.stack !== undefined || reading.findings.length > 0;
      }),
    );
  });
});

describe("content hash", () => {
  it("ignores the order of keys and absent values", () => {
    assert.strictEqual(contentHash({ a: 1, b: [2], c: undefined }), contentHash({ b: [2], a: 1 }));
  });

  it("tells a changed value", () => {
    assert.notStrictEqual(contentHash({ a: 1 }), contentHash({ a: 2 }));
  });
});
