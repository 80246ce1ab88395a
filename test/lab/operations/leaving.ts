import assert from "node:assert/strict";
import { type Fingerprints, fingerprints } from "../../../lab/rehearsal/nothing-left";
import { resources } from "../../../model/kubernetes/resources";
import { conditionIs } from "../../../model/kubernetes/condition";
import type { Scenarios } from "../scenarios";
import { type OperationsStage, until } from "./stage";

/** Two clusters of one namespace that come to their end in two ways. */
export interface LeavingStage {
  /** Its servers are given up as they run. */
  readonly kept: OperationsStage;
  /** Its only server's BMC hangs, and its API server is dead. */
  readonly lost: OperationsStage;
}

/** The stacks of test/stacks that are rehearsed. */
export const LEAVING_STACKS = { kept: "rack", lost: "edge" } as const;

/** Ends of a cluster that is not simply destroyed. */
export const LEAVING: Scenarios<LeavingStage> = {
  "makes two clusters at once": async ({ kept, lost }) => {
    await Promise.all([kept.up(), lost.up()]);
    await kept.holds();
  },

  "gives a whole cluster up although it is killed in the middle: nothing is wiped, its nodes run on": async ({
    kept,
    lost,
  }) => {
    const begun = Date.now();
    const api = await kept.workload();
    const asked = await kept.metal("detach", "--all");
    assert.equal(asked.code, 4, asked.stdout + asked.stderr);
    assert.match(asked.stdout, /rack-cp-1 \(serial .*\n {2}rack-w-1 \(serial /);
    assert.match(asked.stdout, /unchanged: their disks .* credentials of this cluster; their power state/);
    await kept.metalInterrupted("SIGKILL", /: detached as it is/, "detach", "--all", "--yes");
    assert.equal((await hostNames(kept)).length, 1);
    const { code, stdout, stderr } = await kept.metal("detach", "--all", "--yes");
    assert.equal(code, 0, stdout + stderr);
    assert.match(
      stdout,
      /Cluster rack: deleted; its nodes run on\nnext: pulumi destroy removes the rest of the stack/,
    );
    const again = await kept.metal("detach", "--all", "--yes");
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stdout, /^no host of the stack is left to detach; next: pulumi destroy/);
    const others = await objectsOf(lost);
    await kept.succeeds("destroy", "--yes", "--skip-preview");
    await isEmpty(kept);
    assert.deepEqual(await objectsOf(lost), others);
    for (const host of ["rack-cp-1", "rack-w-1"])
      assert.deepEqual(deedsOn(kept, host, begun), ["host-detached", "host-deleting", "host-deleted"]);
    const nodes = (await api.list(resources.Node)).items;
    assert.equal(nodes.filter((node) => conditionIs(node, "Ready", "True")).length, 2);
    assert.deepEqual(kept.lostSince(begun), []);
  },

  "names the host that hangs in a destroy, and goes on when it is given up, without the cluster's API":
    async ({ lost }) => {
      const begun = Date.now();
      lost.lab.context.faults.activate({ kind: "bmc-hangs-deprovisioning", host: "edge-1" });
      await lost.killWorkload();
      await lost.killDuringDestroy(() =>
        until("the host is being wiped", 60, async () =>
          deedsOn(lost, "edge-1", begun).includes("host-deprovisioning"),
        ),
      );
      const destroy = lost.succeeds("destroy", "--yes", "--skip-preview");
      // Whoever awaits it hears of its failure; what fails before must not end the program.
      destroy.catch(() => undefined);
      const plan = await lost.metal("destroy-plan");
      assert.match(plan.stdout, /edge-1 is being wiped, since \d{4}-.* npm run metal -- detach edge-1/);
      const { code, stdout, stderr } = await lost.metal("detach", "edge-1", "--yes");
      assert.equal(code, 0, stdout + stderr);
      assert.match(stdout, /unchanged: their disks/);
      await destroy;
      assert.deepEqual(deedsOn(lost, "edge-1", begun), [
        "host-emptied",
        "host-deprovisioning",
        "host-detached",
        "host-deleting",
        "host-deleted",
      ]);
      await isEmpty(lost);
    },
};

/** Nothing of the cluster is left, also of what the garbage collector removes after the hosts, such as their HardwareData. */
async function isEmpty(stage: OperationsStage): Promise<void> {
  const left = async () => [...(await objectsOf(stage)).keys()];
  await until("the namespace is empty", 30, async () => (await left()).length === 0).catch(async () =>
    assert.deepEqual(await left(), []),
  );
}

/** What the lab did to a host since then, in its order; a release changes the login Secret's labels, and Metal3 registers again. */
function deedsOn(stage: OperationsStage, host: string, since: number): readonly string[] {
  const ours = stage.events.filter(
    ({ at, object, did }) => at > since && object === `BareMetalHost/${host}` && did !== "host-login-changed",
  );
  return ours.map(({ did }) => did);
}

async function hostNames(stage: OperationsStage): Promise<readonly string[]> {
  return [...(await objectsOf(stage)).keys()].filter((name) => name.startsWith("BareMetalHost/"));
}

/** Everything in the shared namespace that belongs to one of the two clusters: what belongs to both is not there. */
async function objectsOf(stage: OperationsStage): Promise<Fingerprints> {
  const all = await fingerprints(stage.management, stage.namespace);
  return new Map([...all].filter(([name]) => name.includes(stage.cluster)));
}
