import assert from "node:assert/strict";
import { resources } from "../../model/kubernetes/resources";
import { type LiveCluster, liveMachines } from "../../model/live/rollout/live-cluster";
import { destroyPlan, destroyRules } from "../../model/live/teardown/destroy-plan";
import {
  detached,
  goneMachines,
  guarded,
  host,
  live,
  namespace,
  object,
  othersHost,
  provisioned,
  stack,
  unlisted,
} from "./live";

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
    const annotated = (state: string, operationalStatus = "OK") =>
      host("w5", {
        free: true,
        metadata: detached,
        status: { provisioning: { state }, operationalStatus },
      });
    const detaching = [annotated("deprovisioning"), annotated("deprovisioning", "detached")];
    assert.deepEqual(fateOf(live({ hosts: detaching })), [wiped, "left as it is"]);
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
