import type { BareMetalHost } from "../../../model/kubernetes/metal3";
import assert from "node:assert/strict";
import { type KubernetesObject, list, text } from "../../../model/kubernetes/object";
import { resources } from "../../../model/kubernetes/resources";
import { claimOf, isKeptFor, nodeReuseLabel } from "../../../model/live/readiness/host-claim";
import type { Scenarios } from "../scenarios";
import { LAST_HOST, REPLICAS, SECOND_WORKER } from "./rollouts";
import { type OperationsStage, until } from "./stage";

const NODE_REUSE = ["metal:workers", 0, "nodeReuse"] as const;
const last = SECOND_WORKER.name;

async function lastHost(stage: OperationsStage): Promise<BareMetalHost> {
  const found = await stage.management.get(resources.BareMetalHost, last, stage.namespace);
  return found ?? assert.fail(`${last} is not there`);
}

/** The Metal3Machine that a host is claimed for. */
async function machineOn(stage: OperationsStage, host: BareMetalHost): Promise<KubernetesObject> {
  const claim = claimOf(host);
  assert.equal(claim?.by, "machine", `${host.metadata.name} runs no machine`);
  const found = await stage.management.get(resources.Metal3Machine, claim?.name ?? "", stage.namespace);
  return found ?? assert.fail();
}

/** Scales the pool in to one worker, by the machine on the last host. */
async function scaleIn(stage: OperationsStage): Promise<void> {
  const machine = await machineOn(stage, await lastHost(stage));
  const owner = machine.metadata.ownerReferences?.find(({ kind }) => kind === "Machine")?.name ?? "";
  const mark = { metadata: { annotations: { "cluster.x-k8s.io/delete-machine": "" } } };
  await stage.management.mergePatch(resources.Machine, owner, stage.namespace, mark);
  stage.set(REPLICAS, 1);
  await stage.up();
}

async function isHealthy(stage: OperationsStage): Promise<void> {
  const holds = () =>
    stage.holds().then(
      () => true,
      () => false,
    );
  await until("all holds", 200, holds).catch(() => stage.holds());
}

/** Pools whose hosts Metal3 keeps for their next machines: in, out, and away. */
export const REUSE: Scenarios<OperationsStage> = {
  "keeps the host of a machine that is scaled in for its pool, and every command takes it for free": async (
    stage,
  ) => {
    stage.set(NODE_REUSE, true);
    stage.set(LAST_HOST, SECOND_WORKER);
    stage.set(REPLICAS, 2);
    await stage.up();
    await isHealthy(stage);
    const begun = Date.now();
    await scaleIn(stage);
    const kept = await lastHost(stage);
    assert.ok(isKeptFor(kept, stage.cluster), JSON.stringify(kept["spec"]));
    assert.equal(kept.metadata.labels?.[nodeReuseLabel], `md-${stage.cluster}-workers`);
    assert.equal(kept.metadata.labels?.["cluster.x-k8s.io/cluster-name"], undefined);
    const told = stage.told(begun).join("\n");
    assert.match(told, /available, kept for the next machine of its pool/);
    const status = await stage.metal("status");
    assert.equal(status.code, 0, status.stdout + status.stderr);
    assert.match(status.stdout, /ops-w-2 +available, kept for the next machine of its pool, off/);
    for (const command of ["diagnose", "preflight", "destroy-plan"]) {
      const { code, stdout, stderr } = await stage.metal(command);
      assert.equal(code, 0, `${command}: ${stdout}${stderr}`);
    }
    await stage.settled();
  },

  "gives the kept host to the pool's next machine": async (stage) => {
    stage.set(REPLICAS, 2);
    await stage.up();
    await isHealthy(stage);
    const host = await lastHost(stage);
    assert.equal(host.metadata.labels?.[nodeReuseLabel], undefined);
    const conditions = list(await machineOn(stage, host), "status", "conditions");
    assert.deepEqual(
      conditions.flatMap((each) =>
        text(each, "type") === "AssociateBareMetalHost" ? [text(each, "reason")] : [],
      ),
      ["AssociateBareMetalHostViaNodeReuseSuccess"],
    );
  },

  "frees a kept host on request, and lets it leave the inventory": async (stage) => {
    await scaleIn(stage);
    assert.ok(isKeptFor(await lastHost(stage), stage.cluster));
    const { code, stdout, stderr } = await stage.metal("recover", "host", last, "--yes");
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout + stderr, /ops-w-2 is no longer kept for md-ops-workers/);
    const freed = await lastHost(stage);
    assert.equal(claimOf(freed), undefined);
    assert.equal(freed.metadata.labels?.[nodeReuseLabel], undefined);
    stage.set(LAST_HOST, undefined);
    await stage.up();
    assert.equal(await stage.management.get(resources.BareMetalHost, last, stage.namespace), undefined);
    stage.set(NODE_REUSE, undefined);
    await stage.up();
    await isHealthy(stage);
  },
};
