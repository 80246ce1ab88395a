import assert from "node:assert/strict";
import type { Snapshot } from "../../model/live/snapshot";
import { type HostDecision, decideHost, hostRules } from "../../model/live/recover/host";
import { type Mutable, type World, healthyWorld, plan, snapshotOf } from "../verify/healthy";

type Consumers = NonNullable<Snapshot["management"]["consumers"]>;

/** By default node-23 was looked for, and does not exist. */
function decide(
  name: string,
  change: (host: Mutable, world: World) => void,
  consumers: Consumers = { "node-23": { at: 0, objects: [] } },
): HostDecision {
  const world = healthyWorld();
  change(world.management.hosts[3] ?? assert.fail(), world);
  return decideHost(name, { plan, snapshot: snapshotOf(world, consumers) });
}

const mark = (host: Mutable) => {
  host.metadata.annotations = { ...host.metadata.annotations, "capm3.metal3.io/unhealthy": "" };
};
const free = (host: Mutable) => {
  delete host.spec["consumerRef"];
  delete host.spec["image"];
  host.status["provisioning"] = { state: "available" };
};
const orphan = (_host: Mutable, { management }: World) => void management.metal3Machines.pop();

/** Situations in which a host is left alone, and the one reason that is given. */
const refused: readonly (readonly [string, string, string, (host: Mutable, world: World) => void])[] = [
  [
    "nothing is wrong with it",
    "capi-1-w-1",
    "recover/host-kept-back: it is not marked unhealthy, and node-23, which claims it, is there",
    () => undefined,
  ],
  [
    "it is free already",
    "capi-1-w-1",
    "recover/host-kept-back: it is not marked unhealthy and not claimed (available)",
    free,
  ],
  [
    "it is being deleted",
    "capi-1-w-1",
    "recover/host-stays: it is being deleted",
    (host) => {
      free(host);
      mark(host);
      host.metadata["deletionTimestamp"] = "2026-11-25T00:00:00Z";
    },
  ],
  [
    "somebody has detached it",
    "capi-1-w-1",
    "recover/host-stays: it has the annotation baremetalhost.metal3.io/detached",
    (host) => {
      free(host);
      host.metadata.annotations = { "capm3.metal3.io/unhealthy": "", "baremetalhost.metal3.io/detached": "" };
    },
  ],
  [
    "its error is still there",
    "capi-1-w-1",
    "recover/host-mended: registration error: wrong password",
    (host) => {
      free(host);
      mark(host);
      Object.assign(host.status, { errorType: "registration error", errorMessage: "wrong password" });
    },
  ],
  [
    "a label names another stack",
    "capi-1-w-1",
    'recover/host-foreign: it belongs to "other" by its label metal.internal/stack',
    (host) => {
      free(host);
      mark(host);
      host.metadata.labels = { ...host.metadata.labels, "metal.internal/stack": "other" };
    },
  ],
  [
    "a machine of another cluster is gone",
    "capi-1-w-1",
    'recover/host-foreign: it is claimed by Metal3Machine capi-1/node-23 of cluster "other"',
    (host, world) => {
      orphan(host, world);
      host.metadata.labels = { ...host.metadata.labels, "cluster.x-k8s.io/cluster-name": "other" };
    },
  ],
  [
    "no host is called that",
    "capi-1-w-9",
    "recover/host-known: no host of this stack is called that; did you mean capi-1-w-1?",
    () => undefined,
  ],
];

describe("recover host", () => {
  it("takes the mark of a failed remediation away, and nothing else", () => {
    const decision = decide("capi-1-w-1", (host) => {
      free(host);
      mark(host);
    });
    assert.ok(decision.step === "patch");
    assert.deepEqual(decision.patch, {
      metadata: { resourceVersion: "103", annotations: { "capm3.metal3.io/unhealthy": null } },
    });
    assert.deepEqual(decision.consequences, [
      "the mark capm3.metal3.io/unhealthy is taken from capi-1-w-1: the next machine may take the host",
    ]);
  });

  it("takes away the claim of a machine that is gone, and says that the host is wiped", () => {
    const decision = decide("capi-1-w-1", orphan);
    assert.ok(decision.step === "patch");
    assert.deepEqual(decision.patch, {
      metadata: { resourceVersion: "103" },
      spec: { consumerRef: null, image: null, userData: null },
    });
    assert.match(
      decision.consequences.join(),
      /the claim of node-23, which does not exist, .* wiped and powered off/,
    );
    assert.equal(decision.staleClaim, "node-23");
  });

  it("refuses to take the claim of a machine that exists and is another cluster's", () => {
    const metadata = { name: "node-23", labels: { "cluster.x-k8s.io/cluster-name": "other" } };
    const machine = { apiVersion: "v1", kind: "Metal3Machine", metadata };
    const decision = decide("capi-1-w-1", orphan, { "node-23": { at: 0, objects: [machine] } });
    assert.ok(decision.step === "refuse");
    assert.deepEqual(
      decision.why.map(({ id, problem }) => `${id}: ${problem}`),
      ['recover/host-foreign: it is claimed by Metal3Machine capi-1/node-23 of cluster "other"'],
    );
  });

  it("decides nothing while the machine that holds the host cannot be read", () => {
    const forbidden = { at: 0, unread: { why: "metal3machines is forbidden", status: 403 } };
    for (const [consumers, why] of [
      [{ "node-23": forbidden }, /Metal3Machine node-23: metal3machines is forbidden/],
      [{}, /Metal3Machine node-23: not read/],
    ] as const) {
      const decision = decide("capi-1-w-1", orphan, consumers);
      assert.ok(decision.step === "unknown");
      assert.match(decision.why, why);
    }
  });

  it("takes the mark from a host whose machine is there, so that its replacement may use the host again", () => {
    const decision = decide("capi-1-w-1", mark);
    assert.ok(decision.step === "patch");
    assert.deepEqual(decision.patch, {
      metadata: { resourceVersion: "103", annotations: { "capm3.metal3.io/unhealthy": null } },
    });
    assert.match(decision.consequences.join(), /machine node-23 stays on it/);
  });

  it("frees a host that Metal3 keeps for reuse, as 1.14 and as 1.13 do it", () => {
    const label = "infrastructure.cluster.x-k8s.io/node-reuse";
    const kept = (host: Mutable) => {
      free(host);
      delete host.spec["userData"];
      host.metadata.labels = { ...host.metadata.labels, [label]: "md-capi-1-workers" };
    };
    const byLabel = decide("capi-1-w-1", kept);
    assert.ok(byLabel.step === "patch");
    assert.deepEqual(byLabel.patch, { metadata: { resourceVersion: "103", labels: { [label]: null } } });
    const byClaim = decide("capi-1-w-1", (host) => {
      kept(host);
      host.spec["consumerRef"] = { kind: "Cluster", name: "capi-1", namespace: "capi-1" };
    });
    assert.ok(byClaim.step === "patch");
    assert.deepEqual(byClaim.patch, {
      metadata: { resourceVersion: "103", labels: { [label]: null } },
      spec: { consumerRef: null },
    });
    assert.deepEqual(byClaim.consequences, [
      "capi-1-w-1 is no longer kept for md-capi-1-workers: any machine of its pool may take it",
    ]);
  });

  it("leaves a claim of another namespace, or of another Cluster, to whom it belongs", () => {
    for (const claim of [
      { kind: "Cluster", name: "capi-9", namespace: "capi-1" },
      { kind: "Metal3Machine", name: "node-77", namespace: "elsewhere" },
    ]) {
      const decision = decide("capi-1-w-1", (host, world) => {
        orphan(host, world);
        host.spec["consumerRef"] = claim;
      });
      assert.equal(decision.step, "refuse", claim.kind);
    }
  });

  for (const [when, name, says, change] of refused) {
    it(`refuses when ${when}`, () => {
      const decision = decide(name, change);
      const reasons =
        decision.step === "refuse"
          ? decision.why.map(({ id, problem }) => `${id}: ${problem}`)
          : [decision.step];
      assert.deepEqual(reasons, [says]);
    });
  }

  it("refuses a host of the namespace that is not in the stack file", () => {
    const decision = decide("other", (host, { management }) => {
      const other = structuredClone(host);
      other.metadata.name = "other";
      mark(other);
      free(other);
      management.hosts.push(other);
    });
    assert.equal(decision.step, "refuse");
  });

  it("has a situation for each of its rules", () => {
    const covered = refused.map(([, , says]) => says.split(":")[0]);
    assert.deepEqual(
      hostRules.map(({ id }) => id).filter((id) => !covered.includes(id)),
      [],
    );
  });
});
