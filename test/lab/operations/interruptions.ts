import assert from "node:assert/strict";
import { text } from "../../../model/kubernetes/object";
import { resources } from "../../../model/kubernetes/resources";
import type { Scenarios } from "../scenarios";
import { LAST_HOST, REPLICAS, SECOND_WORKER } from "./rollouts";
import { type OperationsStage, until } from "./stage";

const HOST = SECOND_WORKER.name;

/** Adding a worker and replacing it, each cut off in the middle and begun again. */
export const INTERRUPTIONS: Scenarios<OperationsStage> = {
  "adds a worker on a host that was kept back, although the engine is killed while it is provisioned": async (
    stage,
  ) => {
    const begun = Date.now();
    const before = await machineNames(stage);
    stage.set(LAST_HOST, SECOND_WORKER);
    stage.set(REPLICAS, 2);
    await stage.killDuringUp(async () => {
      await until("the host is there", 60, async () => (await consumer(stage)) !== undefined);
      await keepBack(stage);
      await until(
        "the host is ready for a machine",
        30,
        async () => hostDid(stage, begun, "available") === 1,
      );
      await diagnosed(stage, "hosts/claim-stale");
      const asked = await stage.metal("recover", "host", HOST);
      assert.equal(asked.code, 4, asked.stdout + asked.stderr);
      const recovered = await stage.metal("recover", "host", HOST, "--yes");
      assert.equal(recovered.code, 0, recovered.stdout + recovered.stderr);
      assert.match(recovered.stdout, /the mark capm3\.metal3\.io\/unhealthy is taken from ops-w-2/);
      assert.match(
        recovered.stdout,
        /the claim of ops-workers-gone, which does not exist, is taken from ops-w-2/,
      );
      await until("the host is provisioned", 30, async () => hostDid(stage, begun, "provisioning") === 1);
    });
    await stage.up();
    await stage.holds();
    assert.equal(hostDid(stage, begun, "provisioning"), 1, "it was provisioned twice");
    const after = await machineNames(stage);
    assert.deepEqual(
      before.filter((name) => !after.includes(name)),
      [],
    );
    assert.equal(after.length, before.length + 1);
  },

  "follows one replacement to its end although its recovery is killed and interrupted": async (stage) => {
    const begun = Date.now();
    const before = await machineNames(stage);
    const old = await consumer(stage);
    const node = await nodeOn(stage, HOST);
    await stage.pauseHealthChecks(true);
    await (await stage.workload()).delete(resources.Node, node);
    const recover = ["recover", "machine", HOST, "--yes"] as const;
    await stage.metalInterrupted("SIGKILL", /Machine \S+ deleted/, ...recover);
    // Stopped as soon as the replacement has the host, so that the next run meets it there.
    await until("the replacement has the host", 60, async () => {
      const now = await consumer(stage);
      return now !== undefined && now !== "" && now !== old;
    });
    await annotate(stage, { "baremetalhost.metal3.io/paused": "lab" });
    const followed = await stage.metalInterrupted("SIGINT", /pool workers: 1\/2 workers/, ...recover);
    assert.match(followed.stderr, /is being made on ops-w-2/);
    assert.match(followed.stdout, /interrupted; run the same command to continue/);
    await annotate(stage, { "baremetalhost.metal3.io/paused": null });
    const { code, stdout, stderr } = await stage.metal(...recover);
    await stage.pauseHealthChecks(false);
    assert.equal(code, 0, stdout + stderr);
    await until("all holds again", 120, () =>
      stage
        .holds()
        .then(() => true)
        .catch(() => false),
    );
    assert.equal(hostDid(stage, begun, "deprovisioning"), 1, "a second machine was deleted");
    const after = await machineNames(stage);
    assert.equal(after.filter((name) => !before.includes(name)).length, 1);
    assert.equal(after.length, before.length);
  },
};

/** What remediation that did not help, and a machine that went without a word, leave on a host. */
async function keepBack(stage: OperationsStage): Promise<void> {
  const { apiVersion, kind } = resources.Metal3Machine;
  const consumerRef = { apiVersion, kind, name: "ops-workers-gone", namespace: stage.namespace };
  await annotate(stage, { "capm3.metal3.io/unhealthy": "" }, { consumerRef });
}

async function annotate(
  stage: OperationsStage,
  annotations: Readonly<Record<string, string | null>>,
  spec: object = {},
): Promise<void> {
  const patch = { metadata: { annotations }, spec };
  await stage.management.mergePatch(resources.BareMetalHost, HOST, stage.namespace, patch);
}

async function diagnosed(stage: OperationsStage, id: string): Promise<void> {
  const { stdout, stderr } = await stage.metal("diagnose", "--json");
  const found: unknown = JSON.parse(stdout === "" ? JSON.stringify({ stderr }) : stdout);
  assert.equal(text(found, "first", "id"), id, stdout + stderr);
  assert.equal(text(found, "first", "who"), HOST);
}

/** How often the second worker's host has entered a state since then. */
const hostDid = (stage: OperationsStage, since: number, state: string) =>
  stage.events.filter(
    ({ at, did, object }) => at > since && did === `host-${state}` && object === `BareMetalHost/${HOST}`,
  ).length;

/** The machine that holds the second worker's host; empty when nobody does, undefined without the host. */
async function consumer(stage: OperationsStage): Promise<string | undefined> {
  const host = await stage.management.get(resources.BareMetalHost, HOST, stage.namespace);
  return host === undefined ? undefined : (text(host, "spec", "consumerRef", "name") ?? "");
}

async function machineNames(stage: OperationsStage): Promise<readonly string[]> {
  const { items } = await stage.management.list(resources.Machine, stage.namespace);
  return items.map(({ metadata }) => metadata.name).sort();
}

async function nodeOn(stage: OperationsStage, host: string): Promise<string> {
  const nodes = (await (await stage.workload()).list(resources.Node)).items;
  const found = nodes.find((node) => text(node, "spec", "providerID")?.split("/").at(-2) === host);
  return found?.metadata.name ?? assert.fail(`no node on ${host}`);
}
