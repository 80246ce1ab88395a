import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { KubernetesObject } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import { inManagement, inWorkload } from "../../model/live/snapshot";
import { hostStates } from "../../model/live/readiness/host-state";
import { StackClusters } from "../../ops/live/clusters";
import { LiveSnapshot } from "../../ops/live/follow";
import { readSnapshot } from "../../ops/live/snapshot";
import { planCluster } from "../../model/plan/plan-cluster";
import { stackWith } from "../model/stacks";
import * as o from "../readiness/objects";
import { FakeApi } from "../wait/fake-api";

const plan = planCluster(stackWith());
const inNamespace = (object: KubernetesObject): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, namespace: plan.namespace },
});

describe("a snapshot of a stack", () => {
  const management = new FakeApi();
  const workload = new FakeApi();
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "metal-"));
  const kubeconfigSecret = () =>
    inNamespace(
      o.object(resources.Secret, "capi-1-kubeconfig", {
        data: { value: Buffer.from(workload.kubeconfig()).toString("base64") },
      }),
    );
  beforeEach(async () => {
    await Promise.all([management.start(), workload.start()]);
    fs.writeFileSync(path.join(directory, "kubeconfig"), management.kubeconfig());
    management.put(...o.readyManagement().map(inNamespace), kubeconfigSecret());
    workload.put(...o.readyWorkload());
  });
  afterEach(() => Promise.all([management.stop(), workload.stop()]));

  async function read() {
    await using clusters = new StackClusters(
      { ...plan, management: { ...plan.management, context: "fake", kubeconfig: "kubeconfig" } },
      directory,
    );
    return await readSnapshot(plan, clusters, () => 1000);
  }

  it("holds the objects of both clusters with the time of reading, asked with GET alone", async () => {
    const snapshot = await read();
    assert.deepEqual(
      inManagement(snapshot, "hosts").map(({ metadata }) => metadata.name),
      ["cp1", "w1"],
    );
    assert.deepEqual(
      inWorkload(snapshot, "nodes").map(({ metadata }) => metadata.name),
      ["cp1", "w1"],
    );
    assert.equal(snapshot.management.parts.machines.at, 1000);
    assert.equal(snapshot.workload.kubeconfig, true);
    const requests = [...management.requests, ...workload.requests];
    assert.deepEqual(
      requests.filter((request) => !request.startsWith("GET ")),
      [],
    );
  });

  it("holds no content of any Secret", async () => {
    const planted = Buffer.from("planted-in-a-secret").toString("base64");
    management.put(inNamespace(o.object(resources.Secret, "cp1-bmc", { data: { password: planted } })));
    const snapshot = await read();
    assert.ok(inManagement(snapshot, "secrets").some(({ metadata }) => metadata.name === "cp1-bmc"));
    assert.ok(!JSON.stringify(snapshot).includes(planted));
    assert.ok(!JSON.stringify(snapshot).includes(Buffer.from(workload.kubeconfig()).toString("base64")));
  });

  it("leaves out what belongs to another cluster of the namespace, but not its hosts", async () => {
    const labels = { "cluster.x-k8s.io/cluster-name": "capi-2" };
    management.put(
      inNamespace(o.object(resources.MachineDeployment, "theirs", { spec: { clusterName: "capi-2" } })),
      inNamespace(o.object(resources.IPPool, "theirs", { metadata: { labels } })),
      inNamespace(o.host("theirs", { state: "available", labels: { "metal.internal/cluster": "capi-2" } })),
    );
    const snapshot = await read();
    const names = (part: "machineDeployments" | "ipPools" | "hosts") =>
      inManagement(snapshot, part).map(({ metadata }) => metadata.name);
    assert.deepEqual(names("machineDeployments"), ["capi-1-md-0"]);
    assert.deepEqual(names("ipPools"), []);
    assert.ok(names("hosts").includes("theirs"));
    management.remove(inNamespace(o.object(resources.BareMetalHost, "theirs")));
  });

  it("has the Secrets and templates of the whole namespace: ours may refer to those of another stack", async () => {
    const labels = { "metal.internal/stack": "capi-2" };
    const kinds = [
      ["secrets", resources.Secret],
      ["machineTemplates", resources.Metal3MachineTemplate],
      ["bootstrapTemplates", resources.KubeadmConfigTemplate],
      ["dataTemplates", resources.Metal3DataTemplate],
    ] as const;
    for (const [, type] of kinds)
      management.put(inNamespace(o.object(type, "shared", { metadata: { labels } })));
    const snapshot = await read();
    for (const [part] of kinds) {
      const names = inManagement(snapshot, part).map(({ metadata }) => metadata.name);
      assert.ok(names.includes("shared"), part);
    }
  });

  it("reads a consumer that the lists do not have by its name, whatever its cluster", async () => {
    const [planned] = plan.readiness.hosts;
    const name = "other-md-0-abcde";
    const claimed = inNamespace(o.object(resources.BareMetalHost, planned?.name ?? assert.fail()));
    const consumerRef = { kind: "Metal3Machine", name, namespace: plan.namespace };
    management.put({ ...claimed, spec: { consumerRef } } as typeof claimed);
    const consumers = async () => (await read()).management.consumers;
    assert.deepEqual(await consumers(), { [name]: { at: 1000, objects: [] } });
    management.denied.add("get metal3machines");
    const why = "cannot get metal3machines";
    assert.deepEqual(await consumers(), { [name]: { at: 1000, unread: { why, status: 403 } } });
    management.denied.clear();
    const labels = { "cluster.x-k8s.io/cluster-name": "other" };
    management.put(inNamespace(o.object(resources.Metal3Machine, name, { metadata: { labels } })));
    assert.equal(
      (await consumers())?.[name]?.objects?.[0]?.metadata.labels?.["cluster.x-k8s.io/cluster-name"],
      "other",
    );
  });

  it("says of each part that could not be read why, and reads the others", async () => {
    management.denied.add("list ippools");
    const snapshot = await read();
    management.denied.clear();
    const { objects, unread } = snapshot.management.parts.ipPools;
    assert.deepEqual([objects, unread], [undefined, { why: "cannot list ippools", status: 403 }]);
    assert.equal(inManagement(snapshot, "machines").length, 2);
  });

  it("keeps the management half when the workload cluster does not answer, and says so", async () => {
    await workload.stop();
    const snapshot = await read();
    assert.match(
      snapshot.workload.trouble?.message ?? "",
      /^cluster capi-1 cannot be queried: .*ECONNREFUSED/,
    );
    assert.equal(inManagement(snapshot, "machines").length, 2);
  });

  it("says that there is no cluster yet when there is no kubeconfig", async () => {
    management.remove(kubeconfigSecret());
    const snapshot = await read();
    assert.equal(snapshot.workload.kubeconfig, false);
    assert.match(snapshot.workload.trouble?.message ?? "", /capi-1-kubeconfig not found/);
  });

  it("names a management cluster that does not answer, and nothing is known then", async () => {
    await management.stop();
    const snapshot = await read();
    assert.match(snapshot.management.trouble?.message ?? "", /^the management cluster cannot be queried/);
    assert.equal(snapshot.workload.kubeconfig, undefined);
    assert.equal(snapshot.management.reached, false);
  });

  it("is read by the rules of the waiting program", async () => {
    const states = hostStates(o.clusterPlan, await read());
    assert.deepEqual(
      states.map(({ name, phase }) => `${name} ${phase}`),
      ["cp1 ready", "w1 ready"],
    );
  });

  async function followed(until: (live: LiveSnapshot) => boolean) {
    const stop = new AbortController();
    const place = { ...plan, management: { ...plan.management, context: "fake", kubeconfig: "kubeconfig" } };
    const live = new LiveSnapshot(
      plan,
      () => new StackClusters(place, directory),
      () => undefined,
    );
    const following = live.follow(stop.signal);
    for (let i = 0; i < 100 && !until(live); i++) await sleep(50);
    const snapshot = live.snapshot();
    const { settled } = live;
    stop.abort();
    await following;
    return { snapshot, settled };
  }

  it("is kept up to date by watches, objects of one name in two namespaces included", async () => {
    const service = (namespace: string) => ({
      ...o.object(resources.Service, "web", {}),
      metadata: { name: "web", namespace },
    });
    workload.put(service("a"), service("b"));
    const before = await followed((live) => live.settled);
    assert.ok(before.settled);
    assert.equal(before.snapshot.management.trouble ?? before.snapshot.workload.trouble, undefined);
    assert.equal(inWorkload(before.snapshot, "services").length, 2);
    assert.equal(inManagement(before.snapshot, "machines").length, 2);
    assert.equal(before.snapshot.workload.kubeconfig, true);
  });

  it("is settled when the management cluster has no kubeconfig, and reports that there is no cluster yet", async () => {
    management.remove(kubeconfigSecret());
    const { snapshot, settled } = await followed((live) => live.settled);
    assert.ok(settled);
    assert.equal(snapshot.workload.kubeconfig, false);
    assert.match(snapshot.workload.trouble?.message ?? "", /capi-1-kubeconfig not found/);
  });

  it("names a management cluster that does not answer while it is watched", async () => {
    await management.stop();
    const { snapshot, settled } = await followed((live) => live.settled);
    assert.ok(settled);
    assert.match(snapshot.management.trouble?.message ?? "", /^the management cluster cannot be queried/);
  });
});
