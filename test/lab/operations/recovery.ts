import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { type KubernetesObject, text } from "../../../model/kubernetes/object";
import { resources } from "../../../model/kubernetes/resources";
import { KubernetesApi } from "../../../ops/kubernetes/api";
import type { Scenarios } from "../scenarios";
import { type OperationsStage, until } from "./stage";

/** What is asked and mended by hand: verification, access, a new password, a stuck machine. */
export const RECOVERY: Scenarios<OperationsStage> = {
  "verifies that what runs is what the stack says": async (stage) => {
    const { code, stdout, stderr } = await stage.metal("verify");
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /holds {4}verify\/cilium-as-rendered: \d+ objects, each planned field/);
  },

  "names a setting that somebody changed by hand, and who": async (stage) => {
    const workload = await stage.workload();
    const set = (debug: string) =>
      workload.request("PATCH", "/api/v1/namespaces/kube-system/configmaps/cilium-config", {
        body: { data: { debug } },
        contentType: "application/merge-patch+json",
        query: { fieldManager: "kubectl-edit" },
      });
    await set("true");
    const { code, stdout } = await stage.metal("verify");
    await set("false");
    assert.equal(code, 1, stdout);
    assert.match(
      stdout,
      /verify\/cilium-as-rendered ConfigMap\/kube-system\/cilium-config\n +data\.debug is "true"/,
    );
    assert.match(stdout, /"kubectl-edit" \(somebody by hand\) also writes data\.debug/);
  },

  "writes a kubeconfig that nobody else can read and that works": async (stage) => {
    const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "metal-")), "kubeconfig");
    const { code, stderr } = await stage.metal("kubeconfig", "--output", file);
    assert.equal(code, 0, stderr);
    assert.equal(fs.statSync(file).mode & 0o777, 0o600);
    assert.match(stderr, /its certificate ends on \d{4}-\d\d-\d\d, in 3\d\d days/);
    const api = await KubernetesApi.open(fs.readFileSync(file, "utf8"));
    assert.equal((await api.list(resources.Node)).items.length, 4);
    api.close();
  },

  "brings a new BMC password to every host and replaces nothing": async (stage) => {
    const before = { tried: await tried(stage), machines: await machines(stage) };
    await stage.succeeds("config", "set", "--secret", "--path", "metal:bmc.password", "another-password");
    const { lines } = await stage.up();
    assert.ok(!lines.some((line) => /replac/.test(line)), "something was replaced");
    await until("every host has tried the new login", 60, async () => {
      const now = await tried(stage);
      return now.every((version, i) => version !== before.tried[i]);
    });
    assert.deepEqual(await machines(stage), before.machines);
    await stage.holds();
  },

  "refuses to replace a machine that works": async (stage) => {
    const { code, stdout } = await stage.metal("recover", "machine", "ops-w-1", "--yes");
    assert.equal(code, 1, stdout);
    assert.match(stdout, /recover\/machine-broken/);
  },

  "replaces a control plane machine whose node is gone, while the API server goes on to answer": async (
    stage,
  ) => {
    const [old, node] = await machineOn(stage, "ops-cp-2");
    const workload = await stage.workload();
    const serving = watchReadiness(workload);
    // The server is dead, its etcd with it: a member that lives and leads could not be asked to give the lead away.
    await stage.lab.context.processes.kill(`workload-${stage.cluster}-etcd-${node}`);
    await workload.delete(resources.Node, node);
    const { code, stdout, stderr } = await stage.metal("recover", "machine", "ops-cp-2", "--yes");
    assert.deepEqual(await serving.end(), [], "the API server was away");
    assert.equal(code, 0, stdout + stderr);
    assert.match(stderr, new RegExp(`ops-cp-2 +recover +Machine ${old} deleted`));
    assert.ok(!(await machines(stage)).includes(old), "the old machine is still there");
    // The command ends with the node; its session comes some seconds later.
    await until("all holds again", 120, () =>
      stage.holds().then(
        () => true,
        () => false,
      ),
    );
    const verified = await stage.metal("verify");
    assert.equal(verified.code, 0, verified.stdout);
  },
};

const hostsOf = async (stage: OperationsStage): Promise<readonly KubernetesObject[]> =>
  (await stage.management.list(resources.BareMetalHost, stage.namespace)).items;

async function tried(stage: OperationsStage): Promise<readonly string[]> {
  return (await hostsOf(stage)).map(
    (host) => text(host, "status", "goodCredentials", "credentialsVersion") ?? "",
  );
}

async function machines(stage: OperationsStage): Promise<readonly string[]> {
  const { items } = await stage.management.list(resources.Machine, stage.namespace);
  return items.map(({ metadata }) => metadata.name).sort();
}

/** Names of the machine that has a host, and of its node. */
async function machineOn(stage: OperationsStage, host: string): Promise<readonly [string, string]> {
  const found = (await hostsOf(stage)).find(({ metadata }) => metadata.name === host);
  const metal3 = text(found, "spec", "consumerRef", "name");
  const { items } = await stage.management.list(resources.Machine, stage.namespace);
  const machine = items.find((each) => text(each, "spec", "infrastructureRef", "name") === metal3);
  return [
    machine?.metadata.name ?? assert.fail(),
    text(machine, "status", "nodeRef", "name") ?? assert.fail(),
  ];
}

/** Asks the API server ten times a second; a single miss may be a connection that its old backend had. */
function watchReadiness(api: KubernetesApi): { end(): Promise<readonly string[]> } {
  const failures: string[] = [];
  let running = true;
  let misses = 0;
  const asking = (async () => {
    while (running) {
      try {
        await api.request("GET", "/readyz", { timeoutSeconds: 2 });
        misses = 0;
      } catch (error) {
        misses += 1;
        if (misses > 3) failures.push((error as Error).message);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  return {
    end: async () => {
      running = false;
      await asking;
      return failures;
    },
  };
}
