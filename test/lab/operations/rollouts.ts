import assert from "node:assert/strict";
import { type KubernetesObject, field, text } from "../../../model/kubernetes/object";
import { resources } from "../../../model/kubernetes/resources";
import type { Scenarios } from "../scenarios";
import { type OperationsStage, until } from "./stage";

/** A host for one more worker. */
export const SECOND_WORKER = {
  name: "ops-w-2",
  pool: "workers",
  mac: "52:54:00:0a:04:24",
  address: "10.250.254.20",
  bmc: { address: "redfish-virtualmedia://10.250.251.124/redfish/v1/Systems/1" },
  links: [{ name: "eno1", mac: "52:54:00:0a:04:24" }],
  rootDeviceHints: { serialNumber: "S4EMNX0R700024" },
};

/** Where the stack file says how many workers there are. */
export const REPLICAS = ["metal:workers", 0, "replicas"] as const;
/** Where it says what the second worker's host is. */
export const LAST_HOST = ["metal:hosts", 4] as const;

const machines = async (stage: OperationsStage): Promise<readonly KubernetesObject[]> =>
  (await stage.management.list(resources.Machine, stage.namespace)).items;
const isControlPlane = ({ metadata }: KubernetesObject) =>
  metadata.labels?.["cluster.x-k8s.io/control-plane"] !== undefined;
const hostNames = async (stage: OperationsStage) =>
  (await stage.management.list(resources.BareMetalHost, stage.namespace)).items.map(
    ({ metadata }) => metadata.name,
  );

/** What the preflight says about rollouts, errors and warnings. */
async function findings(stage: OperationsStage): Promise<readonly string[]> {
  const { stdout, stderr } = await stage.metal("preflight", "--only", "rollout", "--json");
  const read = JSON.parse(stdout === "" ? JSON.stringify({ error: stderr }) : stdout) as {
    verdicts?: { findings: { id: string; severity: string; problem: string }[] }[];
  };
  if (read.verdicts === undefined) throw new Error(`no verdicts: ${stdout}${stderr}`);
  return read.verdicts.flatMap((verdict) =>
    verdict.findings.map(({ id, severity, problem }) => `${severity} ${id} ${problem}`),
  );
}

/** Writes a Kubernetes version and its image into the stack file; returns the image's URL. */
function version(stage: OperationsStage, wanted: string): string {
  const image = `http://10.250.254.2/images/fedora-k8s-${wanted}.qcow2`;
  stage.set(["metal:kubernetes", "version"], wanted);
  stage.set(["metal:image", "url"], image);
  stage.set(["metal:image", "checksum"], `${image}.sha256sum`);
  return image;
}

/**
 * Everything holds, within the time for which routers keep the routes of a node that is gone: its agents ask them to
 * (graceful restart), and a node that leaves for good is not told from one that restarts.
 */
async function settles(stage: OperationsStage): Promise<void> {
  const holds = () =>
    stage.holds().then(
      () => true,
      () => false,
    );
  await until("all holds", 200, holds).catch(() => stage.holds());
}

/** Machines that change: added, replaced, taken away; hosts that come and go; a destroy that is refused. */
export const ROLLOUTS: Scenarios<OperationsStage> = {
  "adds a worker, and no session of the others is touched": async (stage) => {
    const begun = Date.now();
    const before = (await machines(stage)).map(({ metadata }) => metadata.uid);
    stage.set(LAST_HOST, SECOND_WORKER);
    stage.set(REPLICAS, 2);
    assert.deepEqual(await findings(stage), []);
    const { changes } = await stage.preview();
    const strange = changes.filter(
      ({ name }) => !/ops-w-2|^MachineDeployment\/|^MachineHealthCheck\/ops-workers|^(ready|bgp)/.test(name),
    );
    assert.deepEqual(strange, []);
    await stage.up();
    await stage.holds();
    const after = await machines(stage);
    assert.equal(after.length, before.length + 1);
    assert.ok(
      before.every((uid) => after.some(({ metadata }) => metadata.uid === uid)),
      "a machine was replaced",
    );
    assert.deepEqual(stage.lostSince(begun), []);
  },

  "refuses to remove a host in use, and to go back a minor version": async (stage) => {
    stage.set(LAST_HOST, undefined);
    stage.set(REPLICAS, 1);
    await stage.upFails(/rollout\/hosts-kept/, /ops-w-2 .* leaves the inventory while machine/);
    stage.set(LAST_HOST, SECOND_WORKER);
    stage.set(REPLICAS, 2);
    version(stage, "v1.35.6");
    const found = (await findings(stage)).join("\n");
    assert.match(found, /error rollout\/version-one-minor "v1\.35\.6" is older than v1\.36\.3, which runs/);
    version(stage, "v1.36.3");
    assert.deepEqual(await findings(stage), []);
  },

  "takes a marked worker away, gives its host up unwiped, and forgets it": async (stage) => {
    const { items } = await stage.management.list(resources.BareMetalHost, stage.namespace);
    const host = items.find(({ metadata }) => metadata.name === "ops-w-2");
    const machine = (await machines(stage)).find(
      (each) => text(each, "spec", "infrastructureRef", "name") === text(host, "spec", "consumerRef", "name"),
    );
    assert.ok(machine);
    const mark = { metadata: { annotations: { "cluster.x-k8s.io/delete-machine": "" } } };
    await stage.management.mergePatch(resources.Machine, machine.metadata.name, stage.namespace, mark);
    stage.set(REPLICAS, 1);
    const [warning = "", ...others] = await findings(stage);
    assert.deepEqual(others, []);
    assert.match(warning, /1 machine of workers is taken away, wiped and powered off: ops-w-2 \(serial /);
    await stage.up();
    await settles(stage);
    const refused = await stage.metal("detach", "ops-w-1", "--yes");
    assert.equal(refused.code, 1, refused.stdout);
    assert.match(refused.stderr, /ops-w-1 serves as machine .* of a cluster that stays/);
    const begun = Date.now();
    const asked = await stage.metal("detach", "ops-w-2");
    assert.equal(asked.code, 4, asked.stderr);
    const given = await stage.metal("detach", "ops-w-2", "--yes");
    assert.equal(given.code, 0, given.stderr);
    const of = stage.events.filter(({ at, object }) => at > begun && object === "BareMetalHost/ops-w-2");
    assert.deepEqual(
      of.map(({ did }) => did),
      ["host-detached", "host-deleting", "host-deleted"],
    );
    stage.set(LAST_HOST, undefined);
    await stage.up();
    await settles(stage);
    assert.ok(!(await hostNames(stage)).includes("ops-w-2"));
  },

  "rolls a new version: control plane first, no spare host, through a killed engine": async (stage) => {
    const image = version(stage, "v1.36.4");
    const found = await findings(stage);
    assert.equal(found.length, 2, found.join("\n"));
    assert.match(
      found[0] ?? "",
      /warning rollout\/machines-kept 3 machines of control-plane are reprovisioned/,
    );
    for (const name of ["ops-cp-1", "ops-cp-2", "ops-cp-3"])
      assert.match(found[0] ?? "", new RegExp(`${name} \\(serial `));
    assert.match(found[1] ?? "", /1 machine of workers is reprovisioned .*ops-w-1 \(serial /);
    const begun = Date.now();
    const wiped = () => stage.events.filter(({ did, at }) => did === "host-deprovisioning" && at > begun);
    await stage.killDuringUp(() => until("a host is wiped", 120, async () => wiped().length > 0));
    assert.ok((await findings(stage)).some((each) => /a rollout that has begun goes on/.test(each)));
    const run = await stage.up();
    await settles(stage);
    assert.deepEqual(
      wiped().map(({ object }) => (object.includes("-w-") ? "worker" : "control plane")),
      ["control plane", "control plane", "control plane", "worker"],
    );
    const now = await machines(stage);
    assert.deepEqual([...new Set(now.map((each) => text(each, "spec", "version")))], ["v1.36.4"]);
    const created = (wanted: boolean) =>
      now
        .filter((each) => isControlPlane(each) === wanted)
        .map(({ metadata }) => metadata.creationTimestamp ?? "");
    assert.ok(Math.max(...created(true).map(Date.parse)) < Math.min(...created(false).map(Date.parse)));
    assert.ok(run.lines.some((line) => /the control plane is up to date, workers may follow/.test(line)));
    const { items } = await stage.management.list(resources.BareMetalHost, stage.namespace);
    assert.ok(items.every((host) => field(host, "spec", "image", "url") === image));
  },

  "changes a pool's drain timeout, health check and role label in place": async (stage) => {
    const before = (await machines(stage)).map(({ metadata }) => metadata.uid).sort();
    stage.set(["metal:workers", 0, "drainTimeoutSeconds"], 300);
    stage.set(["metal:workers", 0, "healthCheck"], { unhealthyAfterSeconds: 900 });
    stage.set(["metal:workers", 0, "labels"], { "node-role.kubernetes.io/worker": "" });
    assert.deepEqual(await findings(stage), []);
    await stage.up();
    await settles(stage);
    assert.deepEqual((await machines(stage)).map(({ metadata }) => metadata.uid).sort(), before);
    const workload = await stage.workload();
    await until("the worker's node has its role", 30, async () =>
      (await workload.list(resources.Node)).items.some(
        ({ metadata }) => metadata.labels?.["node-role.kubernetes.io/worker"] !== undefined,
      ),
    );
  },

  "refuses to destroy what is protected, and says what a destroy would do": async (stage) => {
    stage.set(["metal:protect"], true);
    await stage.up();
    const plan = await stage.metal("destroy-plan");
    assert.equal(plan.code, 1, plan.stdout + plan.stderr);
    assert.match(plan.stdout, /wiped and powered off\s+ops-cp-1 \(serial .*machine ops-/);
    assert.match(plan.stdout, /destroy\/protection-lifted/);
    await assert.rejects(stage.succeeds("destroy", "--yes", "--skip-preview"), /protect/);
    stage.set(["metal:protect"], false);
    await stage.up();
    assert.equal((await stage.metal("destroy-plan")).code, 0);
    await settles(stage);
  },
};
