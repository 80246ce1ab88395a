import assert from "node:assert/strict";
import { type MachineDecision, decideMachine } from "../../model/live/recover/machine";
import { decideHost } from "../../model/live/recover/host";
import { machineRules, machineStates } from "../../model/live/recover/machine-rules";
import { stuck } from "./stuck";
import { type World, healthyWorld, plan, snapshotOf } from "../verify/healthy";

function decide(name: string, change: (world: World) => void, complete = false): MachineDecision {
  const world = healthyWorld();
  change(world);
  return decideMachine(name, { plan, snapshot: snapshotOf(world) }, complete);
}

const unhealthy = ({ management }: World) => {
  const { metadata } = management.hosts[3] ?? assert.fail();
  metadata.annotations = { ...metadata.annotations, "capm3.metal3.io/unhealthy": "capm3/UnhealthyNode" };
};

/** A second host of the workers' pool that nothing runs on. */
const spareHost = ({ management }: World, spec: Record<string, unknown> = {}) => {
  const spare = structuredClone(management.hosts[3] ?? assert.fail());
  spare.metadata.name = "capi-1-w-2";
  spare.metadata.annotations = {};
  delete spare.spec["consumerRef"];
  Object.assign(spare.spec, spec);
  spare.status["provisioning"] = { state: "available" };
  management.hosts.push(spare);
};

const idsOf = (decision: MachineDecision) =>
  decision.step === "refuse"
    ? decision.why.map(({ id, at, problem }) => `${id} ${at}: ${problem}`)
    : [decision.step];

/** Situations in which a machine is not replaced, and the one reason that is given. */
const refused: readonly (readonly [string, string, string, (world: World) => void])[] = [
  [
    "the cluster is paused",
    "node-23",
    "recover/cluster-reconciled Cluster/capi-1: the Cluster is paused",
    (world) => {
      stuck(world, 3);
      (world.management.clusters[0] ?? assert.fail()).spec["paused"] = true;
    },
  ],
  [
    "the cluster is being deleted",
    "node-23",
    "recover/cluster-reconciled Cluster/capi-1: the Cluster is being deleted",
    (world) => {
      stuck(world, 3);
      (world.management.clusters[0] ?? assert.fail()).metadata["deletionTimestamp"] = "2026-11-25T00:00:00Z";
    },
  ],
  [
    "there is no Cluster",
    "node-23",
    "recover/cluster-reconciled Cluster/capi-1: the Cluster is not there",
    (world) => {
      stuck(world, 3);
      world.management.clusters.length = 0;
    },
  ],
  [
    "the machine works",
    "node-23",
    "recover/machine-broken Machine/node-23: it works: its node is Ready and its host has no error",
    () => undefined,
  ],
  [
    "another machine is being replaced",
    "node-23",
    "recover/one-at-a-time Machine/node-20: another machine is being replaced",
    (world) => {
      stuck(world, 3);
      (world.management.machines[0] ?? assert.fail()).metadata["deletionTimestamp"] = "2026-11-25T00:00:00Z";
    },
  ],
  [
    "another machine is broken too",
    "node-23",
    "recover/rest-healthy Machine/node-21: another machine is not healthy: node node-21 is not Ready: the kubelet stopped posting status",
    (world) => {
      stuck(world, 3);
      stuck(world, 1);
    },
  ],
  [
    "it is the only control plane machine",
    "node-20",
    "recover/quorum-kept Machine/node-20: it is the only control plane machine, and etcd's data is on it alone",
    (world) => {
      stuck(world, 0);
      world.management.machines.splice(1, 2);
    },
  ],
  [
    "of two control plane machines the other one alone is no quorum",
    "node-20",
    "recover/quorum-kept Machine/node-20: without it 1 of 2 control plane machines would be healthy, and etcd needs 2",
    (world) => {
      stuck(world, 0);
      world.management.machines.splice(2, 1);
    },
  ],
  [
    "its host has an error and nobody could take its place",
    "node-23",
    'recover/host-follows Machine/node-23: its host capi-1-w-1 cannot be wiped and used again (no answer), and no other host of pool "workers" is available',
    (world) => {
      Object.assign((world.management.hosts[3] ?? assert.fail()).status, {
        errorType: "power management error",
        errorMessage: "no answer",
      });
    },
  ],
  [
    "its host is marked unhealthy and nobody could take its place",
    "node-23",
    'recover/host-follows Machine/node-23: its host capi-1-w-1 cannot be wiped and used again (it is marked unhealthy), and no other host of pool "workers" is available',
    (world) => {
      stuck(world, 3);
      unhealthy(world);
    },
  ],
  [
    "it has no host and none is free",
    "node-23",
    'recover/host-follows Machine/node-23: it has no host, and no host of pool "workers" is available',
    (world) => {
      stuck(world, 3);
      delete (world.management.hosts[3] ?? assert.fail()).spec["consumerRef"];
    },
  ],
];

describe("recover machine", () => {
  it("finds no host of a machine in a claim of another namespace", () => {
    const hostOf = (namespace: string) => {
      const world = healthyWorld();
      const { spec } = world.management.hosts[3] ?? assert.fail();
      spec["consumerRef"] = { ...(spec["consumerRef"] as object), namespace };
      return machineStates(snapshotOf(world)).find(({ name }) => name === "node-23")?.host?.metadata.name;
    };
    assert.equal(hostOf("capi-1"), "capi-1-w-1");
    assert.equal(hostOf("elsewhere"), undefined);
  });

  it("deletes a stuck worker, once it is said what that wipes", () => {
    const decision = decide("node-23", (world) => stuck(world, 3));
    assert.ok(decision.step === "delete", JSON.stringify(idsOf(decision)));
    assert.equal(decision.machine.name, "node-23");
    assert.deepEqual(decision.consequences, [
      "node-23 (workers, node node-23): node node-23 is not Ready: the kubelet stopped posting status",
      "host capi-1-w-1 (provisioned) is powered off and its disk S4EMNX0R100023 wiped; a host of the pool is then provisioned again",
    ]);
  });

  it("deletes one of three control plane machines, by the name of its host or its node too", () => {
    for (const name of ["node-21", "capi-1-cp-2"]) {
      const decision = decide(name, (world) => stuck(world, 1));
      assert.ok(decision.step === "delete", JSON.stringify(idsOf(decision)));
      assert.equal(decision.machine.name, "node-21");
    }
  });

  for (const [when, name, says, change] of refused) {
    it(`refuses when ${when}`, () => {
      assert.ok(idsOf(decide(name, change)).includes(says), idsOf(decide(name, change)).join("\n"));
    });
  }

  it("refuses with every reason at once, each under the id of its rule", () => {
    const decision = decide("node-20", (world) => {
      stuck(world, 0);
      stuck(world, 1);
    });
    assert.ok(decision.step === "refuse");
    assert.deepEqual(
      decision.why.map(({ id }) => id),
      ["recover/rest-healthy", "recover/quorum-kept"],
    );
  });

  it("refuses when the cluster's API server does not answer, whatever the machine is", () => {
    const world = healthyWorld();
    stuck(world, 3);
    const snapshot = snapshotOf(world);
    const silent = {
      ...snapshot,
      workload: { ...snapshot.workload, trouble: { since: 0, message: "cluster capi-1 cannot be queried" } },
    };
    const decision = decideMachine("node-23", { plan, snapshot: silent }, false);
    assert.deepEqual(idsOf(decision), [
      "recover/api-answers Cluster/capi-1: cluster capi-1 cannot be queried",
    ]);
  });

  it("goes on where a spare host of the pool can take the place of a broken one", () => {
    const decision = decide("node-23", (world) => {
      const host = world.management.hosts[3] ?? assert.fail();
      spareHost(world);
      Object.assign(host.status, { errorType: "power management error", errorMessage: "no answer" });
    });
    assert.equal(decision.step, "delete");
  });

  it("takes a host that Metal3 keeps for reuse for a spare one, and none that another cluster holds", () => {
    const decided = (name: string) =>
      decide("node-23", (world) => {
        stuck(world, 3);
        unhealthy(world);
        spareHost(world, { consumerRef: { kind: "Cluster", name, namespace: "capi-1" } });
      }).step;
    assert.deepEqual([decided("capi-1"), decided("capi-9")], ["delete", "refuse"]);
  });

  it("and recover host lead to an end together, whatever host a remediation has marked", () => {
    const world = healthyWorld();
    stuck(world, 3);
    unhealthy(world);
    const refusal = decideMachine("node-23", { plan, snapshot: snapshotOf(world) }, false);
    assert.ok(refusal.step === "refuse");
    assert.match(
      refusal.why.map(({ fix }) => fix).join(),
      /recover host capi-1-w-1, then this command again/,
    );
    const host = decideHost("capi-1-w-1", { plan, snapshot: snapshotOf(world) });
    assert.equal(host.step, "patch");
    delete world.management.hosts[3]?.metadata.annotations?.["capm3.metal3.io/unhealthy"];
    assert.equal(decideMachine("node-23", { plan, snapshot: snapshotOf(world) }, false).step, "delete");
  });

  it("follows a machine that is being deleted already, and asks nothing", () => {
    const decision = decide("node-23", ({ management }) => {
      (management.machines[3] ?? assert.fail()).metadata["deletionTimestamp"] = "2026-11-25T00:00:00Z";
    });
    assert.deepEqual(decision, { step: "follow", words: "node-23 is being deleted already" });
  });

  it("follows a replacement that has taken the host by whose name the recovery is asked for again", () => {
    const replaced = ({ management }: World) => {
      delete (management.machines[3] ?? assert.fail()).status["nodeRef"];
      (management.hosts[3] ?? assert.fail()).status["provisioning"] = { state: "provisioning" };
    };
    assert.deepEqual(decide("capi-1-w-1", replaced), {
      step: "follow",
      words: "node-23 is being made on capi-1-w-1; to replace that one, recover it by its own name",
    });
    assert.equal(decide("node-23", replaced).step, "delete");
    const registered = (readySince: string) => (world: World) => {
      const node = world.workload.nodes[3] ?? assert.fail();
      node.metadata["creationTimestamp"] = "2026-11-24T10:00:00Z";
      node.status["conditions"] = [{ type: "Ready", status: "False", lastTransitionTime: readySince }];
    };
    assert.equal(decide("capi-1-w-1", registered("2026-11-24T10:00:01Z")).step, "follow");
    assert.equal(decide("capi-1-w-1", registered("2026-11-24T11:00:00Z")).step, "delete");
    const failed = (world: World) => {
      replaced(world);
      (world.management.hosts[3] ?? assert.fail()).status["errorType"] = "provisioning error";
    };
    assert.notEqual(decide("capi-1-w-1", failed).step, "follow");
  });

  it("follows the replacement of a machine that is gone, and refuses an unknown name in a complete cluster", () => {
    const gone = ({ management }: World) => void management.machines.pop();
    assert.equal(decide("node-23", gone).step, "follow");
    assert.deepEqual(idsOf(decide("node-99", () => undefined, true)), [
      "recover/machine-known Machine/node-99: no machine, node or host of the cluster is called that, and nothing is being replaced; did you mean node-20?",
    ]);
  });

  it("tells nothing when the management cluster cannot be queried", () => {
    const snapshot = snapshotOf(healthyWorld());
    const silent = {
      ...snapshot,
      management: { ...snapshot.management, trouble: { since: 0, message: "no answer" } },
    };
    assert.deepEqual(decideMachine("node-23", { plan, snapshot: silent }, false), {
      step: "unknown",
      why: "no answer",
    });
  });

  it("has a situation for each of its rules", () => {
    const covered = [...refused.map(([, , says]) => says.split(" ")[0]), "recover/api-answers"];
    assert.deepEqual(
      machineRules.map(({ id }) => id).filter((id) => !covered.includes(id)),
      [],
    );
  });
});
