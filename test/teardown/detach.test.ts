import assert from "node:assert/strict";
import type { KubernetesObject, ResourceType } from "../../model/kubernetes/object";
import { type KindOf, resources } from "../../model/kubernetes/resources";
import type { LiveCluster } from "../../model/live/rollout/live-cluster";
import { planDetach } from "../../model/live/teardown/detach";
import { DetachIncomplete, type DetachContext, detach } from "../../ops/teardown/detach";
import { detached, goneMachines, guarded, host, live, object, othersHost, stack, unlisted } from "./live";

describe("which hosts may be detached", () => {
  const refusals = (at: LiveCluster, names: readonly string[], of = stack) =>
    planDetach(of, at, names)
      .refusals.map(({ problem }) => problem)
      .join("\n");

  it("is no host of a protected stack", () => {
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
