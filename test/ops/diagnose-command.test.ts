import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { field } from "../../model/kubernetes/object";
import type { KubernetesObject } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import { healthySnapshot } from "../live/healthy";
import { FakeClusters } from "../wait/fake-clusters";
import { kubeconfigSecret, projectOn } from "./cluster-project";
import { metal } from "./command-line";

const snapshot = healthySnapshot();
const objectsOf = (side: "management" | "workload"): readonly KubernetesObject[] =>
  Object.values(snapshot[side].parts).flatMap(({ objects = [] }) => objects);
const planted = "Planted1n4Place";

describe("npm run metal -- diagnose", () => {
  const clusters = FakeClusters.forEachTest(({ management, workload }) => {
    const { apiVersion, kind } = resources.Secret;
    const secret = (name: string, value: string) => ({
      apiVersion,
      kind,
      metadata: { name, namespace: "capi-1" },
      data: { value: Buffer.from(value).toString("base64") },
    });
    management.put(
      ...objectsOf("management"),
      kubeconfigSecret(workload.kubeconfig()),
      secret("capi-1-x", planted),
    );
    workload.put(...objectsOf("workload"));
  });

  const project = () => projectOn(clusters.management);

  /** Pauses a host of the cluster. */
  function pauseHost(): void {
    const host = objectsOf("management").find(({ metadata }) => metadata.name === "capi-1-w-1");
    assert.ok(host);
    const annotations = { ...host.metadata.annotations, "baremetalhost.metal3.io/paused": "x" };
    clusters.management.put({ ...host, metadata: { ...host.metadata, annotations } });
  }

  it("ends with 1 and the first cause, as text and as JSON, asking with GET alone", async () => {
    pauseHost();
    const { code, out, err } = await metal(project(), ["diagnose"]);
    assert.equal(code, 1, out + err);
    assert.match(out, /^BAD {2}hosts\/paused {2}host capi-1-w-1 is paused/);
    const json = await metal(project(), ["diagnose", "--json"]);
    assert.equal(field(JSON.parse(json.out), "first", "id"), "hosts/paused");
    assert.deepEqual(clusters.changes, []);
  });

  it("ends with 2 when nothing can be asked", async () => {
    await clusters.management.stop();
    const { code, out } = await metal(project(), ["diagnose"]);
    assert.match(out, /management\/unreachable/);
    assert.equal(code, 1);
  });

  it("explains each cause that it can name", async () => {
    const { code, out } = await metal(project(), ["explain", "control-plane/quorum-lost"]);
    assert.equal(code, 0);
    assert.match(
      out,
      /^control-plane\/quorum-lost: Most of the etcd members are unhealthy or off\.\n[\s\S]*why it matters etcd without a majority[\s\S]*fix {12}bring/,
    );
  });

  it("packs objects, diagnosis and notes into one archive without any secret", async () => {
    pauseHost();
    const directory = project();
    clusters.workload.put({
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: "e", namespace: "kube-system" },
      message: `somebody said ${planted} aloud, and password=Other1nPlace`,
    });
    const { code, err } = await metal(directory, ["diagnose", "--bundle", "out.tar.gz"]);
    assert.equal(code, 1);
    assert.match(err, /^wrote .*out\.tar\.gz: \d+ files, \d+ KiB, secrets redacted/);
    const file = path.join(directory, "out.tar.gz");
    assert.equal(fs.statSync(file).mode & 0o777, 0o600);
    const names = execFileSync("tar", ["tzf", file], { encoding: "utf8" }).trim().split("\n");
    for (const name of [
      "README.txt",
      "diagnosis.txt",
      "status.txt",
      "management/hosts.yaml",
      "workload/events.yaml",
    ]) {
      assert.ok(names.includes(`metal-capi-1/${name}`), names.join(" "));
    }
    const all = execFileSync("tar", ["xzOf", file], { encoding: "utf8" });
    assert.match(all, /somebody said \[secret\] aloud/);
    const value = Buffer.from(clusters.workload.kubeconfig()).toString("base64");
    for (const secret of [planted, "Other1nPlace", value]) assert.ok(!all.includes(secret), secret);
    const again = await metal(directory, ["diagnose", "--bundle", "out.tar.gz"]);
    assert.deepEqual([again.code, again.out], [2, ""]);
    assert.match(again.err, /already exists/);
  });
});
