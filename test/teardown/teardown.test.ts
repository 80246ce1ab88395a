import type { BareMetalHost } from "../../model/kubernetes/metal3";
import assert from "node:assert/strict";
import type { KubernetesObject, ResourceType } from "../../model/kubernetes/object";
import { type KindOf, resources } from "../../model/kubernetes/resources";
import { type LiveCluster, liveMachines } from "../../model/live/rollout/live-cluster";
import { destroyPlan, destroyRules } from "../../model/live/teardown/destroy-plan";
import { planDetach } from "../../model/live/teardown/detach";
import { DetachIncomplete, type DetachContext, detach } from "../../ops/teardown/detach";
import { stackWith } from "../model/stacks";

const stack = stackWith((raw) => (raw["protect"] = false));
const guarded = stackWith();
const namespace = "capi-1";

type Parts = { readonly metadata?: object; readonly spec?: object; readonly status?: object };

function object<Kind extends string>(
  type: ResourceType<Kind>,
  name: string,
  { metadata, spec, status }: Parts = {},
): KindOf<Kind> {
  const labels = { "metal.internal/stack": "capi-1", "metal.internal/cluster": "capi-1" };
  const { apiVersion, kind } = type;
  return {
    apiVersion,
    kind,
    metadata: { name, namespace, labels, ...metadata },
    spec,
    status,
  } as unknown as KindOf<Kind>;
}

/** A host that the cluster's machine holds, unless it is free. */
function host(name: string, parts: Parts & { readonly free?: true } = {}): BareMetalHost {
  return object(resources.BareMetalHost, name, {
    ...parts,
    spec: {
      ...(parts.free === true
        ? {}
        : { consumerRef: { kind: "Metal3Machine", name: `m-${name}`, namespace } }),
      ...parts.spec,
    },
    status: { provisioning: { state: parts.free === true ? "available" : "provisioned" }, ...parts.status },
  });
}

function live(parts: Partial<LiveCluster> & { readonly hosts: readonly BareMetalHost[] }): LiveCluster {
  const cluster = object(resources.Cluster, "capi-1");
  const machines = parts.hosts
    .filter(({ spec }) => spec?.consumerRef !== undefined)
    .map(({ metadata }) =>
      object(resources.Machine, `m-${metadata.name}`, {
        spec: { infrastructureRef: { name: `m-${metadata.name}` } },
      }),
    );
  return {
    cluster,
    clusters: [cluster],
    metal3Machines: {
      objects: machines.map(({ metadata }) => object(resources.Metal3Machine, metadata.name)),
    },
    machineDeployments: [],
    machines,
    machineTemplates: [],
    bootstrapTemplates: [],
    addressClaims: [],
    hardware: new Map([["w1", { systemVendor: { serialNumber: "CZ1" }, storage: [{ name: "/dev/sda" }] }]]),
    ...parts,
  };
}

/** A host of this stack that a machine of another cluster of the namespace runs on. */
const othersHost = () =>
  host("w1", {
    metadata: {
      labels: { "metal.internal/stack": "capi-1", "cluster.x-k8s.io/cluster-name": "other" },
    },
    spec: { consumerRef: { kind: "Metal3Machine", name: "other-md-0-x", namespace } },
  });
const goneMachines = { machines: [], metal3Machines: { objects: [] } };
const unlisted = { metal3Machines: { unread: { why: "cannot list metal3machines", status: 403 } } };
const provisioned = { provisioning: { state: "provisioned" } };

const detached = {
  annotations: { "baremetalhost.metal3.io/detached": "" },
  labels: { "metal.internal/stack": "capi-1" },
};

describe("what a destroy would do", () => {
  it("is said host by host, with what belongs to others and stays", () => {
    const theirs = object(resources.BareMetalHost, "x1", {
      metadata: { labels: { "metal.internal/stack": "capi-2" } },
    });
    const hosts = [
      host("w1"),
      host("w2", { free: true }),
      host("w3", { free: true, metadata: detached }),
      theirs,
    ];
    const kept = host("w4", {
      spec: { consumerRef: { kind: "Cluster", name: "capi-1", namespace } },
      status: { provisioning: { state: "available" } },
    });
    const plan = destroyPlan(stack, { ...live({ hosts }), hosts: [...hosts, kept] });
    assert.deepEqual(
      plan.servers.map(({ server, fate }) => `${server.name} ${server.serial ?? "?"} ${fate}`),
      ["w1 CZ1 wiped and powered off", "w2 ? powered off", "w3 ? left as it is", "w4 ? powered off"],
    );
    assert.deepEqual(plan.others, ["BareMetalHost x1"]);
    assert.deepEqual(plan.findings, []);
    assert.equal(plan.machines, 1);
  });

  it("names another cluster as the one that runs on a host, and no machine of this one", () => {
    const [server] = destroyPlan(stack, live({ hosts: [othersHost()] })).servers;
    assert.equal(server?.machine, undefined);
    assert.equal(server?.claimedBy, 'Metal3Machine capi-1/other-md-0-x of cluster "other"');
  });

  it("takes no host for a machine's that a machine of that name in another namespace holds", () => {
    const spec = { consumerRef: { kind: "Metal3Machine", name: "m-w1", namespace: "elsewhere" } };
    const at = live({ hosts: [host("w1", { spec })] });
    assert.equal(liveMachines(at, stack.name)[0]?.host, undefined);
    assert.equal(destroyPlan(stack, at).servers[0]?.claimedBy, "Metal3Machine elsewhere/m-w1");
    assert.equal(liveMachines(live({ hosts: [host("w1")] }), stack.name)[0]?.host?.metadata.name, "w1");
  });

  it("wipes a system that runs without a machine, whatever is left of its claim", () => {
    const fateOf = (at: LiveCluster) => destroyPlan(stack, at).servers.map(({ fate }) => fate);
    const image = { image: { url: "http://images/x.raw" } };
    const hosts = [
      host("w1", { free: true, status: provisioned }),
      host("w2", { free: true, spec: image }),
      host("w3", { free: true, status: { provisioning: { state: "deprovisioning" } } }),
      host("w4", { free: true, status: { provisioning: { state: "externally provisioned" } } }),
    ];
    const wiped = "wiped and powered off";
    assert.deepEqual(fateOf(live({ hosts })), [wiped, wiped, wiped, "powered off"]);
    const stale = live({ hosts: [host("w1")], ...goneMachines });
    assert.deepEqual(fateOf(stale), [wiped]);
    assert.match(destroyPlan(stack, stale).servers[0]?.claimedBy ?? "", /m-w1, which does not exist/);
    const idle = { status: { provisioning: { state: "available" } } };
    assert.deepEqual(fateOf(live({ hosts: [host("w1", idle)], ...goneMachines })), ["powered off"]);
  });

  const holdups: Readonly<
    Record<string, { readonly at: LiveCluster; readonly id: string; readonly says: RegExp }>
  > = {
    "a BMC that does not answer": {
      at: live({
        hosts: [host("w1", { status: { errorType: "power management error", errorMessage: "timed out" } })],
      }),
      id: "destroy/hosts-answer",
      says: /w1 has a power management error \(timed out\).*npm run metal -- detach w1 \(its disks stay as they are/s,
    },
    "a BMC that does not answer, of a host that runs an image without a machine": {
      at: live({ hosts: [host("w1", { free: true, status: { ...provisioned, errorType: "power error" } })] }),
      id: "destroy/hosts-answer",
      says: /w1 has a power error/,
    },
    "a host that a machine of another cluster runs on": {
      at: live({ hosts: [othersHost()] }),
      id: "destroy/hosts-own",
      says: /w1 is claimed by Metal3Machine capi-1\/other-md-0-x of cluster "other", which is not of this cluster: a destroy would wipe that server.*release it there first \(scale that cluster down\)/s,
    },
    "a host whose consumer cannot be read": {
      at: live({ hosts: [host("w1")], ...unlisted }),
      id: "destroy/hosts-own",
      says: /whether w1 serves this cluster is not known: cannot list metal3machines.*grant list on metal3machines in namespace capi-1/s,
    },
    "a host that is being wiped, which may hang without a word": {
      at: live({
        hosts: [
          host("w1", {
            status: {
              provisioning: { state: "deprovisioning" },
              operationHistory: { deprovision: { start: "2026-11-26T10:00:00Z" } },
            },
          }),
        ],
      }),
      id: "destroy/hosts-answer",
      says: /w1 is being wiped, since 2026-11-26T10:00:00Z;.*detach w1 \(its disks/,
    },
    "a host that is paused": {
      at: live({
        hosts: [
          host("w1", {
            metadata: { annotations: { "baremetalhost.metal3.io/paused": "" }, labels: detached.labels },
          }),
        ],
      }),
      id: "destroy/hosts-answer",
      says: /w1 is paused/,
    },
    "a detached host that a machine holds": {
      at: live({ hosts: [host("w1", { metadata: detached })] }),
      id: "destroy/hosts-answer",
      says: /that machine waits for a wipe that never comes/,
    },
    "a Cluster that is paused": {
      at: live({
        hosts: [host("w1")],
        cluster: object(resources.Cluster, "capi-1", { spec: { paused: true } }),
      }),
      id: "destroy/cluster-reconciled",
      says: /Cluster is paused/,
    },
    "an address claim of the pool that no machine of the stack has": {
      at: live({
        hosts: [host("w1")],
        addressClaims: [
          object(resources.IPClaim, "by-hand", { spec: { pool: { name: "capi-1-nodes" } } }),
          object(resources.IPClaim, "ours", {
            metadata: { labels: { "cluster.x-k8s.io/cluster-name": "capi-1" } },
            spec: { pool: { name: "capi-1-nodes" } },
          }),
          object(resources.IPClaim, "elsewhere", { spec: { pool: { name: "capi-2-nodes" } } }),
        ],
      }),
      id: "destroy/addresses-unclaimed",
      says: /IPClaim by-hand .*kubectl -n capi-1 delete ipclaim by-hand/s,
    },
    "machines without their Cluster": {
      at: { ...live({ hosts: [host("w1")] }), cluster: undefined } as unknown as LiveCluster,
      id: "destroy/order-kept",
      says: /the Cluster is gone and 1 of its machines are left/,
    },
    "a cluster whose API is silent, which holds nothing up": {
      at: live({
        hosts: [host("w1")],
        cluster: object(resources.Cluster, "capi-1", {
          status: { conditions: [{ type: "RemoteConnectionProbe", status: "False", message: "no answer" }] },
        }),
      }),
      id: "destroy/workload-answers",
      says: /does not answer \(no answer\); that holds nothing up/,
    },
  };
  for (const [name, { at, id, says }] of Object.entries(holdups)) {
    it(`names ${name}`, () => {
      const { findings } = destroyPlan(stack, at);
      assert.deepEqual(
        findings.map((finding) => finding.id),
        [id],
      );
      assert.ok(
        destroyRules.some((rule) => rule.id === id),
        "explain does not know it",
      );
      assert.match(`${findings[0]?.problem ?? ""} ${findings[0]?.fix ?? ""}`, says);
      assert.equal(findings[0]?.severity, /silent|without a word/.test(name) ? "warning" : "error");
    });
  }

  it("is refused by a protected stack first", () => {
    const ids = destroyPlan(guarded, live({ hosts: [] })).findings.map(({ id }) => id);
    assert.deepEqual(ids, ["destroy/protection-lifted"]);
  });
});

describe("who may be given up as it is", () => {
  const refusals = (at: LiveCluster, names: readonly string[], of = stack) =>
    planDetach(of, at, names)
      .refusals.map(({ problem }) => problem)
      .join("\n");

  it("is nobody of a protected stack", () => {
    assert.match(refusals(live({ hosts: [host("w1", { free: true })] }), ["w1"], guarded), /is protected/);
  });

  it("is no single host of a cluster that stays", () => {
    assert.match(
      refusals(live({ hosts: [host("w1")] }), ["w1"]),
      /w1 serves as machine m-w1 of a cluster that stays/,
    );
    const going = object(resources.Cluster, "capi-1", {
      metadata: { deletionTimestamp: "2026-11-23T10:00:00Z" },
    });
    assert.equal(refusals(live({ hosts: [host("w1")], cluster: going }), ["w1"]), "");
    assert.equal(refusals(live({ hosts: [host("w1", { free: true })] }), ["w1"]), "");
    assert.equal(refusals(live({ hosts: [host("w1")] }), []), "");
  });

  it("is no host that another cluster runs on, or may, also of a cluster that is deleted or gone", () => {
    const theirs = live({ hosts: [othersHost()] });
    const gone = { ...theirs, cluster: undefined } as unknown as LiveCluster;
    const going = object(resources.Cluster, "capi-1", {
      metadata: { deletionTimestamp: "2026-11-23T10:00:00Z" },
    });
    for (const at of [theirs, gone, { ...theirs, cluster: going }]) {
      for (const names of [["w1"], []]) {
        assert.match(
          refusals(at, names),
          /^w1 is claimed by Metal3Machine capi-1\/other-md-0-x of cluster "other", which is not of this cluster$/,
        );
      }
    }
    const unknown = live({ hosts: [host("w1")], ...unlisted });
    assert.match(refusals(unknown, []), /whether w1 serves this cluster is not known: cannot list/);
  });

  it("is a host whose machine does not exist, of a cluster that stays", () => {
    assert.equal(refusals(live({ hosts: [host("w1")], ...goneMachines }), ["w1"]), "");
  });

  it("is no host that this stack does not have, or that is paused", () => {
    assert.match(refusals(live({ hosts: [host("w1")] }), ["w9"]), /has no host "w9"/);
    const paused = { annotations: { "baremetalhost.metal3.io/paused": "" }, labels: detached.labels };
    assert.match(refusals(live({ hosts: [host("w1", { metadata: paused })] }), []), /w1 is paused/);
  });

  it("takes the Cluster along only with all hosts", () => {
    assert.ok(planDetach(stack, live({ hosts: [host("w1")] }), []).cluster);
    assert.equal(planDetach(stack, live({ hosts: [host("w1", { free: true })] }), ["w1"]).cluster, undefined);
  });
});

/** An operator in memory: lets go of an annotated host unless it is stubborn, and wipes one that it has not let go of. */
class Operator {
  readonly wiped: string[] = [];
  readonly done: string[] = [];
  private readonly objects = new Map<string, KubernetesObject>();

  constructor(
    objects: readonly KubernetesObject[],
    private readonly stubborn = "",
  ) {
    for (const each of objects) this.objects.set(`${each.kind} ${each.metadata.name}`, each);
  }

  readonly api: DetachContext["api"] = {
    get: async <Kind extends string>({ kind }: ResourceType<Kind>, name: string) =>
      this.objects.get(`${kind} ${name}`) as KindOf<Kind> | undefined,
    list: async <Kind extends string>({ kind }: ResourceType<Kind>) => ({
      items: [...this.objects.values()].filter((each) => each.kind === kind) as unknown as KindOf<Kind>[],
      resourceVersion: "1",
    }),
    mergePatch: async ({ kind }, name, _namespace, patch) => {
      this.done.push(`patch ${kind} ${name} ${JSON.stringify(patch)}`);
      const found = this.objects.get(`${kind} ${name}`);
      if (found === undefined) throw new Error("gone");
      const status = { ...(found["status"] as object), operationalStatus: "detached" };
      const changed = name === this.stubborn || kind !== "BareMetalHost" ? found : { ...found, status };
      this.objects.set(`${kind} ${name}`, changed);
      return changed;
    },
    delete: async ({ kind }, name) => {
      this.done.push(`delete ${kind} ${name}`);
      const status = this.objects.get(`${kind} ${name}`)?.["status"] as
        { operationalStatus?: string } | undefined;
      if (kind === "BareMetalHost" && status?.operationalStatus !== "detached") this.wiped.push(name);
      this.objects.delete(`${kind} ${name}`);
    },
  };
}

describe("giving hosts up", () => {
  const check = object(resources.MachineHealthCheck, "capi-1-workers", { spec: { clusterName: "capi-1" } });
  const others = object(resources.MachineHealthCheck, "capi-2-workers", { spec: { clusterName: "capi-2" } });
  const run = async (operator: Operator, at: LiveCluster, names: readonly string[] = []) =>
    detach(planDetach(stack, at, names), { api: operator.api, report: () => undefined, timeoutSeconds: 0.1 });

  it("holds the health checks, then takes hosts, then the Cluster, and wipes nothing", async () => {
    const at = live({
      hosts: [host("w1"), host("w2", { status: { provisioning: { state: "deprovisioning" } } })],
    });
    const operator = new Operator([...at.hosts, ...at.clusters, check, others]);
    await run(operator, at);
    assert.deepEqual(operator.wiped, []);
    assert.deepEqual(
      operator.done.map((each) => each.split(" ").slice(0, 3).join(" ")),
      [
        "patch MachineHealthCheck capi-1-workers",
        "patch BareMetalHost w1",
        "delete BareMetalHost w1",
        "patch BareMetalHost w2",
        "delete BareMetalHost w2",
        "delete Cluster capi-1",
      ],
    );
    assert.match(operator.done[1] ?? "", /deleteAction/);
    assert.ok(!(operator.done[1] ?? "").includes("force"));
    assert.match(operator.done[3] ?? "", /\\"force\\":true/);
  });

  it("deletes no host that the operator has not let go of, and says so", async () => {
    const at = live({ hosts: [host("w1", { free: true })] });
    const operator = new Operator(at.hosts, "w1");
    await assert.rejects(run(operator, at, ["w1"]), DetachIncomplete);
    assert.deepEqual(
      operator.done.filter((each) => each.startsWith("delete")),
      [],
    );
  });
});
