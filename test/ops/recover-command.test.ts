import assert from "node:assert/strict";
import type { KubernetesObject } from "../../model/kubernetes/object";
import { type Mutable, type World, healthyWorld } from "../verify/healthy";
import { stuck } from "../recover/stuck";
import type { FakeApi } from "../wait/fake-api";
import { FakeClusters } from "../wait/fake-clusters";
import { clusterProject } from "./cluster-project";
import { metal } from "./command-line";

const changes = (api: FakeApi) => api.requests.filter((request) => !request.startsWith("GET "));
const put = (api: FakeApi, ...objects: readonly Mutable[]) =>
  api.put(...(objects as readonly KubernetesObject[]));

describe("npm run metal -- recover", () => {
  let world: World;
  const clusters = FakeClusters.forEachTest(({ management }) => {
    management.writable = true;
    world = healthyWorld();
  });

  const worker = () => ({
    machine: world.management.machines[3] ?? assert.fail(),
    host: world.management.hosts[3] ?? assert.fail(),
    node: world.workload.nodes[3] ?? assert.fail(),
  });

  /** What the controllers do once the Machine is gone: the node goes, the host is wiped and gets another machine. */
  async function replaceOnceDeleted(): Promise<void> {
    const { machine, host, node } = worker();
    while (!clusters.management.requests.some((request) => request.startsWith("DELETE "))) await pause(20);
    clusters.workload.remove(node as unknown as KubernetesObject);
    delete host.spec["consumerRef"];
    put(clusters.management, { ...host, status: { provisioning: { state: "deprovisioning" } } });
    // The command follows what happens only from its first watch on, however slow the machine is.
    const follows = (request: string) => /baremetalhosts\?.*watch=/.test(request);
    while (!clusters.management.requests.some(follows)) await pause(20);
    await pause(300);
    const named = <T extends Mutable>(old: T): T => {
      const copy = structuredClone(old);
      copy.metadata = { ...copy.metadata, name: "node-30", uid: "uid-node-30" };
      return copy;
    };
    const [next, metal3, renewed] = [machine, world.management.metal3Machines[3] ?? assert.fail(), node].map(
      named,
    );
    Object.assign(next?.spec ?? {}, { infrastructureRef: { kind: "Metal3Machine", name: "node-30" } });
    Object.assign(next?.status ?? {}, { nodeRef: { name: "node-30" } });
    Object.assign(metal3?.metadata ?? {}, { ownerReferences: [{ kind: "Machine", name: "node-30" }] });
    (renewed ?? assert.fail()).status["conditions"] = [{ type: "Ready", status: "True" }];
    put(clusters.management, next ?? assert.fail(), metal3 ?? assert.fail());
    put(clusters.management, {
      ...host,
      spec: { ...host.spec, consumerRef: { kind: "Metal3Machine", name: "node-30", namespace: "capi-1" } },
      status: { provisioning: { state: "provisioned" }, operationalStatus: "OK" },
    });
    put(clusters.workload, renewed ?? assert.fail());
  }

  it("deletes the Machine alone, shows each step, and ends when its replacement is Ready", async () => {
    stuck(world, 3);
    const directory = clusterProject(clusters.management, clusters.workload, world);
    const [ran] = await Promise.all([
      metal(directory, ["recover", "machine", "capi-1-w-1", "--yes"]),
      replaceOnceDeleted(),
    ]);
    assert.equal(ran.code, 0, ran.out + ran.err);
    assert.equal(ran.out, "recovered: node-30 is Ready\n");
    assert.match(ran.err, /host capi-1-w-1 \(provisioned\) is powered off and its disk S4EMNX0R100023 wiped/);
    assert.match(ran.err, /\d\d:\d\d capi-1-w-1 +recover +Machine node-23 deleted/);
    assert.match(ran.err, /\d\d:\d\d capi-1-w-1 +deprovision +deprovisioning/);
    assert.match(ran.err, /capi-1-w-1 +ready +node node-30 is Ready/);
    const path = "/apis/cluster.x-k8s.io/v1beta2/namespaces/capi-1/machines/node-23";
    assert.deepEqual(changes(clusters.management), [`DELETE ${path}`]);
    assert.deepEqual(changes(clusters.workload), []);
  });

  it("goes on with --json when it is run again during a replacement, and changes nothing then", async () => {
    stuck(world, 3);
    const { machine, node } = worker();
    world.management.machines.pop();
    world.management.metal3Machines.pop();
    const directory = clusterProject(clusters.management, clusters.workload, world);
    const running = metal(directory, ["recover", "machine", "node-23", "--json"]);
    await pause(1200);
    put(clusters.management, machine, {
      ...machine,
      kind: "Metal3Machine",
      apiVersion: "infrastructure.cluster.x-k8s.io/v1beta2",
    });
    node.status["conditions"] = [{ type: "Ready", status: "True" }];
    put(clusters.workload, node);
    const { code, out } = await running;
    const lines = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.equal(code, 0, out);
    assert.match(String(lines[0]?.["text"]), /no machine node-23 any more; following its replacement/);
    assert.equal(lines.at(-1)?.["outcome"], "recovered");
    assert.deepEqual(clusters.changes, []);
  });

  it("ends with 4 and the consequences when nobody can agree, and changes nothing", async () => {
    stuck(world, 3);
    const { code, out, err } = await metal(clusterProject(clusters.management, clusters.workload, world), [
      "recover",
      "machine",
      "node-23",
    ]);
    assert.deepEqual([code, out], [4, ""]);
    assert.match(err, /pass --yes to proceed:\n {2}node-23 \(workers, node node-23\)/);
    assert.deepEqual(changes(clusters.management), []);
  });

  it("ends with 1 and every reason when it is refused", async () => {
    stuck(world, 0);
    stuck(world, 1);
    const directory = clusterProject(clusters.management, clusters.workload, world);
    const plain = await metal(directory, ["recover", "machine", "node-20", "--yes"]);
    assert.equal(plain.code, 1);
    assert.match(plain.out, /recover\/quorum-kept Machine\/node-20\n.*without it 1 of 3/);
    assert.match(plain.out, /refused, nothing was changed\n$/);
    const json = await metal(directory, ["recover", "machine", "node-20", "--yes", "--json"]);
    const { outcome, findings } = JSON.parse(json.out) as { outcome: string; findings: { id: string }[] };
    assert.deepEqual([json.code, outcome], [1, "refused"]);
    assert.deepEqual(
      findings.map(({ id }) => id),
      ["recover/rest-healthy", "recover/quorum-kept"],
    );
    assert.deepEqual(changes(clusters.management), []);
  });

  it("ends with 1 when the time is over, says what is missing and that the same command goes on", async () => {
    stuck(world, 3);
    const directory = clusterProject(clusters.management, clusters.workload, world);
    const { code, out } = await metal(directory, [
      "recover",
      "machine",
      "node-23",
      "--yes",
      "--timeout",
      "0.02",
    ]);
    assert.equal(code, 1);
    assert.match(out, /^not Ready in time; run the same command to continue\n {2}/);
  });

  it("takes the mark of failed remediation from a host", async () => {
    const { host } = worker();
    delete host.spec["consumerRef"];
    host.status["provisioning"] = { state: "available" };
    host.metadata.annotations = { "capm3.metal3.io/unhealthy": "", kept: "yes" };
    const directory = clusterProject(clusters.management, clusters.workload, world);
    const { code, out } = await metal(directory, ["recover", "host", "capi-1-w-1", "--yes"]);
    assert.equal(code, 0);
    assert.match(out, /^recovered: the mark capm3\.metal3\.io\/unhealthy is taken from capi-1-w-1/);
    const again = await metal(directory, ["recover", "host", "capi-1-w-1", "--yes"]);
    assert.equal(again.code, 1);
    assert.match(again.out, /recover\/host-kept-back/);
    assert.equal(changes(clusters.management).length, 1);
  });

  it("does not touch the host of a running machine of another cluster, and diagnose does not recommend it", async () => {
    const { host } = worker();
    const other = structuredClone(world.management.metal3Machines[3] ?? assert.fail());
    world.management.machines.pop();
    world.management.metal3Machines.pop();
    Object.assign(other.metadata, {
      name: "other-md-0-abcde",
      labels: { "cluster.x-k8s.io/cluster-name": "other" },
    });
    host.spec["consumerRef"] = { kind: "Metal3Machine", name: "other-md-0-abcde", namespace: "capi-1" };
    const directory = clusterProject(clusters.management, clusters.workload, world);
    put(clusters.management, other);
    const { code, out } = await metal(directory, ["recover", "host", "capi-1-w-1", "--yes"]);
    assert.equal(code, 1, out);
    assert.match(
      out,
      /recover\/host-foreign .*\n.*Metal3Machine capi-1\/other-md-0-abcde of cluster "other"/,
    );
    const diagnosis = await metal(directory, ["diagnose", "--json"]);
    assert.match(diagnosis.out, /hosts\/claim-foreign/);
    assert.doesNotMatch(diagnosis.out, /hosts\/claim-stale/);
    assert.deepEqual(changes(clusters.management), []);
  });

  it("takes the claim of a machine that does not exist, after it looked for that machine twice", async () => {
    world.management.machines.pop();
    world.management.metal3Machines.pop();
    const directory = clusterProject(clusters.management, clusters.workload, world);
    const { code, out, err } = await metal(directory, ["recover", "host", "capi-1-w-1", "--yes"]);
    assert.equal(code, 0, out + err);
    assert.match(out, /the claim of node-23, which does not exist, is taken/);
    const looked = clusters.management.requests.filter((request) =>
      /^GET .*\/metal3machines\/node-23/.test(request),
    );
    assert.equal(looked.length, 2);
    assert.equal(changes(clusters.management).length, 1);
  });

  it("ends with 2 when the management cluster does not answer", async () => {
    const directory = clusterProject(clusters.management, clusters.workload, world);
    await clusters.management.stop();
    const { code, err } = await metal(directory, ["recover", "machine", "node-23", "--yes"]);
    assert.equal(code, 2);
    assert.match(err, /the management cluster cannot be queried: .*; nothing was changed/);
  });
});

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
