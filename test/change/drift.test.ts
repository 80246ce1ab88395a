import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { driftOf, isUntold } from "../../model/change/drift";
import type { PlannedAndLive } from "../../model/live/differences";
import { words } from "../../model/change/formatted-text";
import type { KubernetesObject } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import { planCluster } from "../../model/plan/plan-cluster";
import { compareWithRunning } from "../../ops/change/running";
import { stackWith } from "../model/stacks";
import { projectWith } from "../ops/command-line";
import * as o from "../readiness/objects";
import { FakeApi } from "../wait/fake-api";
import { side } from "./sides";

const host: KubernetesObject = {
  apiVersion: "metal3.io/v1alpha1",
  kind: "BareMetalHost",
  metadata: { name: "w-1", namespace: "capi-1", labels: { ours: "1", "metal.internal/pool": "workers" } },
  spec: { online: true, bmc: { address: "redfish://a" }, taints: [], limits: { cpu: "1000m" } },
};
const pathsOf = (running: KubernetesObject | undefined, planned = host) => {
  const pair: PlannedAndLive = { planned, ...(running === undefined ? {} : { live: running }) };
  const { objects } = driftOf([{ cluster: "management", objects: [pair], unknown: [] }]);
  return objects.flatMap(({ change, fields }) => [change, ...fields.map(({ path: at }) => at)]);
};

describe("what runs, beside what was planned", () => {
  it("differs in planned fields only: the rest belongs to controllers", () => {
    const running = {
      ...host,
      metadata: { ...host.metadata, uid: "1", labels: { ...host.metadata.labels, theirs: "2" } },
      spec: { ...(host["spec"] as object), image: { url: "x" }, consumerRef: { name: "m" } },
      status: { poweredOn: true },
    };
    assert.deepEqual(pathsOf(running), []);
    const other = { ...running, spec: { ...running.spec, bmc: { address: "redfish://b" } } };
    assert.deepEqual(pathsOf(other), ["changed", "spec.bmc.address"]);
    assert.deepEqual(
      pathsOf({
        ...running,
        metadata: { ...running.metadata, labels: { ...running.metadata.labels, ours: "2" } },
      }),
      ["changed", "metadata.labels.ours"],
    );
  });

  it("does not differ in what Metal3 switches, nor in another spelling", () => {
    const spec = { online: false, bmc: { address: "redfish://a" }, limits: { cpu: 1 } };
    assert.deepEqual(pathsOf({ ...host, spec }), []);
    assert.deepEqual(pathsOf({ ...host, spec: { ...spec, limits: { cpu: 2 } } }), [
      "changed",
      "spec.limits.cpu",
    ]);
  });

  it("differs where a host that is out of service was switched on", () => {
    const off = { ...host, metadata: { name: "w-1" }, spec: { online: false } };
    assert.deepEqual(pathsOf({ ...off, spec: { online: true } }, off), ["changed", "spec.online"]);
  });

  it("finds entries of lists by their names, beside those of others", () => {
    const planned = { ...host, spec: { list: [{ name: "a", value: "1" }] } };
    const running = (value: string) => ({
      ...host,
      spec: { list: [{ name: "theirs" }, { name: "a", value, more: 1 }] },
    });
    assert.deepEqual(pathsOf(running("1"), planned), []);
    assert.deepEqual(pathsOf(running("2"), planned), ["changed", "spec.list[a].value"]);
    assert.deepEqual(pathsOf({ ...host, spec: { list: [] } }, planned), ["changed", "spec.list[a]"]);
  });

  it("does not differ in a volume that is mounted twice, nor in a false that the API server drops", () => {
    const mounts = [
      { name: "run", mountPath: "/run/a", readOnly: false },
      { name: "run", mountPath: "/run/b" },
    ];
    const planned = { ...host, spec: { mounts, shareProcessNamespace: false } };
    const running = mounts.map(({ name, mountPath }) => ({ name, mountPath, recursiveReadOnly: "Disabled" }));
    assert.deepEqual(pathsOf({ ...host, spec: { mounts: running } }, planned), []);
    assert.deepEqual(pathsOf({ ...host, spec: { mounts: running.slice(1) } }, planned), [
      "changed",
      "spec.mounts[/run/a]",
    ]);
  });

  it("tells what is not there, and never what a Secret holds", () => {
    assert.deepEqual(pathsOf(undefined), ["removed"]);
    const secret = { ...host, kind: "Secret", data: { a: "PLANTED" } };
    assert.deepEqual(pathsOf({ ...secret, data: { a: "other" } }, secret), []);
  });

  it("tells settings key by key", () => {
    const config = (data: object) => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "cilium-config" },
      data,
    });
    const pair = { planned: config({ mtu: "1500" }), live: config({ mtu: "9000" }) };
    const drift = driftOf([{ cluster: "workload", objects: [pair], unknown: [] }]);
    assert.deepEqual(drift.objects, []);
    assert.deepEqual(
      drift.settings.map(({ key, before, after }) => [key, before, after]),
      [["mtu", "1500", "9000"]],
    );
  });

  it("is unknowns only when nothing at all was compared", () => {
    const unknown = [words`silence`];
    assert.ok(isUntold(driftOf([{ cluster: "management", objects: [], unknown }])));
    assert.ok(
      !isUntold(driftOf([{ cluster: "management", objects: [{ planned: host, live: host }], unknown }])),
    );
  });
});

describe("diff --live", () => {
  const management = new FakeApi();
  const workload = new FakeApi();
  const stack = stackWith((raw) => {
    raw["management"] = { ...(raw["management"] as object), context: "fake", kubeconfig: "kubeconfig" };
  });
  const plan = planCluster(stack);
  const directory = projectWith({});
  const known = (object: KubernetesObject) => object.kind in resources;
  const config = side(stack).render?.objects.find(
    ({ metadata, kind }) => kind === "ConfigMap" && metadata.name === "cilium-config",
  );

  beforeEach(async () => {
    await Promise.all([management.start(), workload.start()]);
    fs.writeFileSync(path.join(directory, "kubeconfig"), management.kubeconfig());
    const data = { value: Buffer.from(workload.kubeconfig()).toString("base64") };
    const { templates, objects, cluster } = plan.cluster;
    const planned = [...plan.hosts.hosts, ...templates.map(({ manifest }) => manifest), ...objects, cluster];
    management.put(...planned.filter(known));
    management.put(
      ...plan.hosts.secrets.map(({ manifest }) => ({ ...manifest, data: { password: "PLANTED" } })),
      plan.resourceSet.payload,
      { ...plan.resourceSet.resourceSet },
      {
        ...o.object(resources.Secret, "capi-1-kubeconfig", { data }),
        metadata: { name: "capi-1-kubeconfig", namespace: plan.namespace },
      },
    );
    workload.put(...(side(stack).render?.objects ?? []).filter(known), ...(plan.bgp?.objects ?? []));
  });
  afterEach(() => Promise.all([management.stop(), workload.stop()]));

  it("finds nothing where everything runs as planned, and asks with GET alone", async () => {
    const drift = await compareWithRunning(side(stack), directory);
    assert.deepEqual([drift.objects, drift.settings], [[], []]);
    assert.ok(drift.compared > 20);
    assert.ok([...management.requests, ...workload.requests].every((request) => request.startsWith("GET ")));
    assert.ok(!JSON.stringify(drift).includes("PLANTED"));
  });

  it("finds an edited host, a missing BGP object and an edited setting", async () => {
    const [first] = plan.hosts.hosts;
    const pool = plan.bgp?.objects.find(({ kind }) => kind === "CiliumLoadBalancerIPPool");
    assert.ok(first !== undefined && pool !== undefined && config !== undefined);
    management.put({ ...first, spec: { ...(first["spec"] as object), bootMode: "legacy" } });
    workload.remove(pool);
    workload.put({ ...config, data: { ...(config["data"] as object), "bpf-lb-map-max": "1" } });
    const drift = await compareWithRunning(side(stack), directory);
    assert.deepEqual(
      drift.objects.map(({ cluster, kind, change, fields }) => [
        cluster,
        kind,
        change,
        fields.map(({ path: at }) => at),
      ]),
      [
        ["management", "BareMetalHost", "changed", ["spec.bootMode"]],
        ["workload", "CiliumLoadBalancerIPPool", "removed", []],
      ],
    );
    assert.deepEqual(
      drift.settings.map(({ key, after }) => [key, after]),
      [["bpf-lb-map-max", "1"]],
    );
  });

  it("says what could not be asked, and still tells the rest", async () => {
    await workload.stop();
    const drift = await compareWithRunning(side(stack, { rendered: false }), directory);
    assert.ok(drift.compared > 5 && !isUntold(drift));
    const unknown = drift.unknown.map((each) => each.text()).join("\n");
    assert.match(unknown, /cluster capi-1 cannot be queried: http/);
    assert.match(unknown, /Cilium's objects: nothing was rendered/);
  });

  it("tells nothing where the management cluster is silent, or the cluster was never made", async () => {
    management.remove(plan.cluster.cluster);
    const absent = await compareWithRunning(side(stack), directory);
    assert.match(absent.unknown.map((each) => each.text()).join(), /cluster capi-1 is not there yet/);
    await management.stop();
    const silent = await compareWithRunning(side(stack), directory);
    assert.ok(isUntold(absent) && isUntold(silent));
  });
});
