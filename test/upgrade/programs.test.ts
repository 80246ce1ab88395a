import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import type { ObjectKey, RolloutOrder, RolloutRecord, PrepareOrder } from "../../model/cilium/upgrade";
import { resources } from "../../model/kubernetes/resources";
import * as o from "../readiness/objects";
import { bundled } from "../program/bundled";
import { Stage, RunningWait, asCommand } from "../wait/program";
import { agent, daemonSet, rolloutTo } from "./agents";

const programs = path.join(__dirname, "../../ops/upgrade");
const inSystem = { metadata: { namespace: "kube-system" } };
const service: ObjectKey = {
  apiVersion: "v1",
  kind: "Service",
  namespace: "kube-system",
  name: "cilium-agent",
};
const secrets: ObjectKey = { apiVersion: "v1", kind: "Namespace", name: "cilium-secrets" };

describe("the programs around an upgrade of Cilium", () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await new Stage().open();
    stage.workload.stores = true;
    stage.management.put(o.cluster(true));
  });
  afterEach(() => stage.close());

  const run = (
    file: string,
    order: RolloutOrder | PrepareOrder,
    env: NodeJS.ProcessEnv = {},
    start = bundled,
  ) => {
    const management = { ...order.wait.management, context: "fake" };
    const input = { ...order, wait: { ...order.wait, management } };
    const child = spawn(process.execPath, start(path.join(programs, file)), {
      stdio: "pipe",
      env: { ...process.env, ...env },
    });
    return new RunningWait(child, order.wait.eventsFile, input);
  };

  describe("that follow the rollout", () => {
    const order = (prune: boolean): RolloutOrder => ({
      wait: stage.order(rolloutTo("1.19.5")),
      objects: [],
      prune,
    });
    const before: RolloutRecord = { objects: [service, secrets], left: [] };
    const remembered = { PULUMI_COMMAND_STDOUT: JSON.stringify(before) };
    const rolledOut = () => {
      stage.workload.put(daemonSet("1.19.5", { updated: 2, ready: 2 }), agent("cp1", "1.19.5"));
      stage.workload.put(
        o.object(resources.Service, service.name, inSystem),
        o.object(resources.Namespace, secrets.name),
      );
    };

    it("go from node to node, and then delete what is the stack's, but no namespace", async () => {
      stage.workload.put(daemonSet("1.19.5", { updated: 1, ready: 1 }), agent("cp1", "1.18.4"));
      const rollout = run("rollout-main.ts", order(true), remembered, asCommand);
      await rollout.says(/cp1 +agent +still runs 1\.18\.4/, 50);
      stage.workload.remove(agent("cp1", "1.18.4"));
      rolledOut();
      assert.equal(await rollout.exit, 0, rollout.stderr);
      assert.match(rollout.stderr, /cp1 +agent +the agent is changed and ready/);
      assert.match(rollout.stderr, /capi-1 +pruned +deleted Service kube-system\/cilium-agent/);
      assert.match(rollout.stderr, /capi-1 +left +Namespace cilium-secrets remains/);
      const record = JSON.parse(rollout.stdout) as RolloutRecord;
      assert.deepEqual(record, { objects: [], left: [secrets] });
      assert.ok(
        stage.workload.requests.some((each) => each.startsWith("DELETE") && each.includes("services/")),
      );
    });

    it("name what nobody deletes, with the command that does", async () => {
      rolledOut();
      const rollout = run("rollout-main.ts", order(false), remembered);
      assert.equal(await rollout.exit, 0, rollout.stderr);
      assert.match(rollout.stderr, /left +Service kube-system\/cilium-agent remains/);
      assert.ok(!stage.workload.requests.some((each) => each.startsWith("DELETE")));
      const record = JSON.parse(rollout.stdout) as RolloutRecord;
      assert.deepEqual(record.left, [service, secrets]);
    });

    it("delete nothing, and say where every node stands, when the rollout fails", async () => {
      rolledOut();
      stage.workload.put(
        daemonSet("1.19.5", { updated: 1, ready: 1 }),
        agent("cp1", "1.19.5", { ready: false, why: "cannot bind to :9964" }),
        agent("w1", "1.18.4"),
      );
      const failing = order(true);
      const plan = { ...rolloutTo("1.19.5"), timeoutSeconds: 3 };
      const rollout = run("rollout-main.ts", { ...failing, wait: { ...failing.wait, plan } }, remembered);
      assert.equal(await rollout.exit, 1, rollout.stderr);
      const said = (phase: string) => rollout.events().filter((event) => event["phase"] === phase);
      assert.deepEqual(
        said("state").map(({ text }) => text),
        ["0 of 2 agents are changed; not ready: cp1; 1 still serve as before: 1.18.4"],
      );
      assert.ok(
        said("missing").some(
          ({ host, text }) =>
            host === "cp1" && text === "agent changed and ready; last known cause: cannot bind to :9964",
        ),
      );
      assert.equal(rollout.stdout, "");
      assert.ok(!stage.workload.requests.some((each) => each.startsWith("DELETE")));
    });
  });

  describe("that prepare it", () => {
    const trial = o.object(resources.DaemonSet, "cilium-pre-flight-check", inSystem);
    const stranger = o.object(resources.ConfigMap, "cilium-config", inSystem);
    const order = (version: string): PrepareOrder => ({
      version,
      // Any program that prints manifests is a CLI here.
      call: {
        script: "cat",
        environment: {},
        stdin: [stranger, trial].map((each) => JSON.stringify(each)).join("\n---\n"),
      },
      wait: stage.order({ ...rolloutTo(version), workloads: [] }),
      objects: [],
    });
    const writes = () => stage.workload.requests.filter((each) => /^(PATCH|DELETE)/.test(each));
    const counts = (ready: number) => ({
      observedGeneration: 1,
      desiredNumberScheduled: 2,
      updatedNumberScheduled: 2,
      numberReady: ready,
      numberUnavailable: 2 - ready,
    });

    it("do nothing where every agent runs that version", async () => {
      stage.workload.put(daemonSet("1.19.5", { updated: 2, ready: 2 }), agent("cp1", "1.19.5"));
      const tried = run("prepare-main.ts", order("1.19.5"));
      assert.equal(await tried.exit, 0, tried.stderr);
      assert.deepEqual(writes(), []);
    });

    it("wait until the new image runs on every node, touch nothing else, and clean up", async () => {
      stage.workload.put(daemonSet("1.18.4", { updated: 2, ready: 2 }), agent("cp1", "1.18.4"));
      const tried = run("prepare-main.ts", order("1.19.5"), {}, asCommand);
      await tried.says(/DaemonSet kube-system\/cilium-pre-flight-check/, 50);
      stage.workload.put({ ...trial, status: counts(2) });
      assert.equal(await tried.exit, 0, tried.stderr);
      assert.ok(
        writes().every((each) => each.includes("/daemonsets/cilium-pre-flight-check")),
        writes().join(),
      );
      assert.deepEqual(
        writes().map((each) => each.split(" ")[0]),
        ["PATCH", "DELETE"],
      );
    });

    it("clean up and fail when the new image does not come up", async () => {
      stage.workload.put(daemonSet("1.18.4", { updated: 2, ready: 2 }), agent("cp1", "1.18.4"));
      const failing = order("1.19.5");
      const plan = { ...failing.wait.plan, timeoutSeconds: 2 };
      const tried = run("prepare-main.ts", { ...failing, wait: { ...failing.wait, plan } });
      assert.equal(await tried.exit, 1, tried.stderr);
      assert.match(tried.stderr, /cilium-pre-flight-check rolled out/);
      assert.equal(writes().at(-1)?.split(" ")[0], "DELETE");
    });

    it("say so, and change nothing, when the trial cannot be rendered", async () => {
      stage.workload.put(daemonSet("1.18.4", { updated: 2, ready: 2 }), agent("cp1", "1.18.4"));
      const call = { script: "echo no such chart >&2; exit 1", environment: {}, stdin: "" };
      const tried = run("prepare-main.ts", { ...order("1.19.5"), call });
      assert.equal(await tried.exit, 1);
      assert.match(
        tried.stderr,
        /nothing of the running Cilium was changed: Cilium's trial could not be rendered: no such chart/,
      );
      assert.deepEqual(writes(), []);
    });
  });

  it("are where the stack looks for them", () => {
    for (const file of ["rollout-main.ts", "prepare-main.ts"])
      assert.ok(fs.existsSync(path.join(programs, file)));
  });
});
