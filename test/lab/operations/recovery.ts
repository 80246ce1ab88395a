import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseDocument } from "yaml";
import { issue } from "../../../lab/processes/pki";
import { type KubernetesObject, text } from "../../../model/kubernetes/object";
import { resources } from "../../../model/kubernetes/resources";
import { KubernetesApi } from "../../../ops/kubernetes/api";
import { credentialsOf } from "../../../ops/live/snapshot";
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
    assert.match(stdout, /"kubectl-edit" \(a person with kubectl or a browser\) also writes data\.debug/);
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

  "tells of a kubeconfig that ends soon, and takes the renewed one over without replacing anything": async (
    stage,
  ) => {
    const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "metal-")), "kubeconfig");
    // Cluster API renews it as soon as it looks, unless somebody has stopped it and forgot.
    await pauseControlPlane(stage, "");
    try {
      await ageKubeconfig(stage, 20);
      const status = await stage.metal("status");
      assert.match(status.stdout, /BAD {2}kubeconfig {2}ends in 19 d/);
      const verified = await stage.metal("verify");
      assert.equal(verified.code, 1, verified.stdout);
      assert.match(verified.stdout, /the certificate of the kubeconfig ends in 19 days/);
      const { stderr } = await stage.metal("kubeconfig", "--output", file);
      assert.match(stderr, /its certificate ends on .*, in 19 days/);
    } finally {
      await pauseControlPlane(stage, null);
    }
    await until("the kubeconfig is renewed", 60, async () => daysOf(await kubeconfigOf(stage)) > 360);
    const renewed = await stage.metal("kubeconfig", "--output", file, "--force");
    assert.match(renewed.stderr, /its certificate ends on .*, in 36\d days/);
    const { changes } = await stage.preview();
    assert.deepEqual(
      changes.map(({ op, type }) => `${op} ${type}`),
      ["update pulumi:providers:kubernetes"],
    );
    await stage.up();
    assert.deepEqual((await stage.preview()).changes, []);
    assert.equal((await stage.metal("verify")).code, 0);
  },

  "brings a new BMC password to every host although the engine is killed, and replaces nothing": async (
    stage,
  ) => {
    const before = { tried: await tried(stage), machines: await machines(stage) };
    await stage.succeeds("config", "set", "--secret", "--path", "metal:bmc.password", "another-password");
    // One after the other, so that some logins are the new ones and some the old.
    await stage.killDuringUp(
      () =>
        until("a host has the new login", 60, async () =>
          (await tried(stage)).some((version, i) => version !== before.tried[i]),
        ),
      "--parallel=1",
    );
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
    // Otherwise Cluster API replaces it at once, and the command would only follow.
    await stage.pauseHealthChecks(true);
    const workload = await stage.workload();
    const serving = watchReadiness(workload);
    // The server is dead, its etcd with it: a member that lives and leads could not be asked to give the lead away.
    await stage.lab.context.processes.kill(`workload-${stage.cluster}-etcd-${node}`);
    await workload.delete(resources.Node, node);
    const { code, stdout, stderr } = await stage.metal("recover", "machine", "ops-cp-2", "--yes");
    assert.deepEqual(await serving.end(), [], "the API server was away");
    await stage.pauseHealthChecks(false);
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

/** Marks the control plane as one that nobody reconciles, or takes the mark away. */
async function pauseControlPlane(stage: OperationsStage, value: "" | null): Promise<void> {
  const type = resources.KubeadmControlPlane;
  const [controlPlane] = (await stage.management.list(type, stage.namespace)).items;
  assert.ok(controlPlane);
  const patch = { metadata: { annotations: { "cluster.x-k8s.io/paused": value } } };
  await stage.management.mergePatch(type, controlPlane.metadata.name, stage.namespace, patch);
}

/** Puts a client certificate of the cluster's own authority that ends in so many days into the kubeconfig. */
async function ageKubeconfig(stage: OperationsStage, days: number): Promise<void> {
  const read = async (name: string, key: string) =>
    Buffer.from(
      text(await stage.management.get(resources.Secret, name, stage.namespace), "data", key) ?? "",
      "base64",
    ).toString("utf8");
  const name = `${stage.cluster}-ca`;
  const authority = { cert: await read(name, "tls.crt"), key: await read(name, "tls.key") };
  const subject = { commonName: "kubernetes-admin", organization: "system:masters", days };
  const { cert, key } = await issue(authority, subject);
  const config = parseDocument(await kubeconfigOf(stage));
  const encoded = (value: string) => Buffer.from(value).toString("base64");
  config.setIn(["users", 0, "user", "client-certificate-data"], encoded(cert));
  config.setIn(["users", 0, "user", "client-key-data"], encoded(key));
  await stage.management.mergePatch(resources.Secret, `${stage.cluster}-kubeconfig`, stage.namespace, {
    data: { value: encoded(config.toString()) },
  });
}

async function kubeconfigOf(stage: OperationsStage): Promise<string> {
  const secret = await stage.management.get(resources.Secret, `${stage.cluster}-kubeconfig`, stage.namespace);
  return Buffer.from(text(secret, "data", "value") ?? "", "base64").toString("utf8");
}

function daysOf(kubeconfig: string): number {
  const found = credentialsOf(kubeconfig, "").find(({ name }) => name === "kubeconfig");
  return ((found?.notAfter ?? 0) - Date.now()) / 86_400_000;
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
