import assert from "node:assert/strict";
import type { KubernetesObject } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import type { ClusterReadinessPlan } from "../../model/plan/readiness";
import * as o from "./objects";
import { looks, observe, readyBut, unlisted } from "./situation";

const controlPlaneOnly: ClusterReadinessPlan = {
  ...o.clusterPlan,
  subject: "control-plane",
  hosts: o.clusterPlan.hosts.filter(({ pool }) => pool === "control-plane"),
  workerPools: [],
  workloads: [],
  customResourceDefinitions: [],
};

/** A Machine and the host that it holds. */
function machineOn(
  host: string,
  parts: { readonly labels?: object; readonly deleting?: string; readonly outdated?: string },
): KubernetesObject[] {
  const name = `m-${host}`;
  const says = [
    ...(parts.deleting === undefined ? [] : [o.condition("Deleting", "True", "pods of x", parts.deleting)]),
    ...(parts.outdated === undefined ? [] : [o.condition("UpToDate", "False", parts.outdated)]),
  ];
  return [
    o.host(host, { state: "provisioned", consumer: name }),
    o.object(resources.Machine, name, {
      metadata: {
        labels: { "cluster.x-k8s.io/cluster-name": "capi-1", ...parts.labels },
        ...(parts.deleting === undefined ? {} : { deletionTimestamp: "2026-11-23T10:00:00Z" }),
      },
      spec: { version: "v1.36.3", infrastructureRef: { name } },
      status: { conditions: says },
    }),
  ];
}

const seen = (plan: ClusterReadinessPlan, objects: readonly KubernetesObject[]) => {
  const [look] = looks(plan, [{ at: 0, see: observe(objects) }]);
  assert.ok(look);
  return {
    ready: look.ready,
    missing: look.missing.map(({ who, what, cause }) => `${who} ${what}: ${cause ?? ""}`).join("\n"),
    said: look.events.map(({ host, text }) => `${host} ${text}`).join("\n"),
  };
};

describe("readiness while machines are replaced", () => {
  it("is not given while a machine leaves, and says what it is at", () => {
    const { ready, missing, said } = seen(
      o.clusterPlan,
      readyBut(machineOn("w1", { deleting: "DrainingNode" })),
    );
    assert.equal(ready, false);
    assert.match(missing, /w1 machine m-w1 gone \(leaves: its node is drained\): pods of x/);
    assert.match(said, /w1 machine m-w1 leaves: its node is drained/);
  });

  it("is not given while a machine is of an older template, though all counts were right", () => {
    const { ready, missing } = seen(
      o.clusterPlan,
      readyBut(machineOn("w1", { outdated: "* Version v1.36.3, v1.36.4 required" })),
    );
    assert.equal(ready, false);
    assert.match(missing, /w1 machine m-w1 gone \(\(v1\.36\.3\) is to be replaced\): .*v1\.36\.4 required/);
  });

  it("says when a machine is gone", () => {
    const steps = [
      { at: 0, see: observe(readyBut(machineOn("w1", { deleting: "DeletingNode" }))) },
      { at: 5, see: observe(readyBut([])) },
    ];
    const last = looks(o.clusterPlan, steps).at(-1);
    assert.ok(last?.events.some(({ text }) => text === "machine m-w1 is gone"));
    assert.equal(last?.ready, true);
  });
});

describe("the control plane before the workers", () => {
  const isControlPlane = { labels: { "cluster.x-k8s.io/control-plane": "" } };

  it("is waited for until every machine is up to date, whatever the workers are at", () => {
    assert.equal(seen(controlPlaneOnly, readyBut([])).ready, true);
    const worker = readyBut(machineOn("w1", { outdated: "Version" }));
    assert.equal(seen(controlPlaneOnly, worker).ready, true);
    const old = { ...isControlPlane, outdated: "Version" };
    const { ready, missing } = seen(controlPlaneOnly, readyBut(machineOn("cp1", old)));
    assert.equal(ready, false);
    assert.match(missing, /cp1 machine m-cp1 gone/);
  });

  it("is waited for while its controller has not seen the newest spec", () => {
    const changed = readyBut(
      o.machineSets(1).map((set) => ({ ...set, metadata: { ...set.metadata, generation: 2 } })),
    );
    assert.match(seen(controlPlaneOnly, changed).missing, /1 control planes ready and up to date/);
  });

  it("is nothing to wait for before there is one", () => {
    const none = seen(
      controlPlaneOnly,
      readyBut([], ({ kind }) => kind === "Cluster"),
    );
    assert.equal(none.ready, true);
    assert.match(none.said, /nothing runs yet that workers could run ahead of/);
    assert.equal(seen(controlPlaneOnly, readyBut([o.cluster(false)])).ready, true);
  });

  it("needs no workload cluster that answers, as there is none in a first run", () => {
    const see = observe([]);
    const workload = { ...unlisted(see.workload), kubeconfig: false, credentials: [] };
    const [look] = looks(controlPlaneOnly, [{ at: 0, see: { ...see, workload, probes: {} } }]);
    assert.deepEqual(look?.missing, []);
    const [whole] = looks(o.clusterPlan, [{ at: 0, see: { ...see, workload, probes: {} } }]);
    assert.equal(whole?.ready, false);
  });

  it("is not called absent before the management cluster has answered", () => {
    const see = observe(readyBut([]));
    const { clusters } = unlisted(see.management).parts;
    const parts = { ...see.management.parts, clusters };
    const [look] = looks(controlPlaneOnly, [
      { at: 0, see: { ...see, management: { ...see.management, parts } } },
    ]);
    assert.equal(look?.ready, false);
  });
});
