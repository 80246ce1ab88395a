import assert from "node:assert/strict";
import { ipPoolController } from "../../lab/simulated/ipam";
import { metal3DataController, metal3DataTemplateController } from "../../lab/simulated/metal3/data";
import { releaseData, renderedFor } from "../../lab/simulated/metal3/machine-data";
import { type KubernetesObject, field, text } from "../../model/kubernetes/object";
import { resources as types } from "../../model/kubernetes/resources";
import { FakeStore, stillLab } from "./fake-store";

const cluster = "cluster.x-k8s.io/cluster-name";
const infrastructure = "infrastructure.cluster.x-k8s.io";
const labels = { [cluster]: "capi-1", "cluster.x-k8s.io/set-name": "workers-x" };

const object = (
  { apiVersion, kind }: { apiVersion: string; kind: string },
  name: string,
  parts: Record<string, unknown> = {},
  metadata: Record<string, unknown> = {},
): KubernetesObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace: "metal", uid: `uid-${name}`, ...metadata },
  ...parts,
});

/** A machine with its host, a template that takes an address from a pool, and the Cluster. */
function stage() {
  const machineOwner = { apiVersion: types.Machine.apiVersion, kind: "Machine", name: "m", uid: "uid-m" };
  const fake = new FakeStore(
    object(types.Cluster, "capi-1"),
    object(types.Machine, "m"),
    object(types.BareMetalHost, "h1"),
    object(
      types.Metal3Machine,
      "m1",
      { spec: { dataTemplate: { name: "t" } } },
      {
        labels,
        annotations: { "metal3.io/BareMetalHost": "metal/h1" },
        ownerReferences: [machineOwner],
      },
    ),
    object(types.Metal3DataTemplate, "t", {
      spec: { metaData: { ipAddressesFromPool: [{ key: "nodeIP", name: "p" }] } },
    }),
    object(types.IPPool, "p", {
      spec: {
        clusterName: "capi-1",
        namePrefix: "p",
        prefix: 24,
        pools: [{ start: "10.0.0.20", end: "10.0.0.21" }],
      },
    }),
  );
  const templates = metal3DataTemplateController(stillLab, fake.store);
  const data = metal3DataController(stillLab, fake.store);
  const pools = ipPoolController(stillLab, fake.store);
  const machine = () => fake.get(types.Metal3Machine, "m1") ?? assert.fail();
  return {
    fake,
    templates,
    data,
    pools,
    machine,
    /** Requests the machine's data and has every controller look, until it is rendered. */
    async render() {
      await renderedFor(fake.store, machine());
      for (const controller of [templates, data, pools, data]) await fake.look(controller);
      assert.deepEqual(await renderedFor(fake.store, machine()), { metaData: "m1-metadata" });
    },
  };
}

const finalizers = (found: KubernetesObject | undefined) => [...(found?.metadata.finalizers ?? [])].sort();
const owners = (found: KubernetesObject | undefined) =>
  (found?.metadata.ownerReferences ?? []).map(({ kind, name, controller }) => [kind, name, controller]);

describe("simulated machine data", () => {
  it("is held by finalizers and owners as CAPM3 and IPAM set them, with all labels of the machine", async () => {
    const { fake, render, machine } = stage();
    await render();
    const [claim, data] = [fake.get(types.Metal3DataClaim, "m1"), fake.get(types.Metal3Data, "t-0")];
    const [ipClaim, address] = [fake.get(types.IPClaim, "t-0-p"), fake.get(types.IPAddress, "p-10-0-0-20")];
    assert.deepEqual(finalizers(claim), [
      `metal3dataclaim.${infrastructure}`,
      `metal3machine.${infrastructure}`,
    ]);
    assert.deepEqual(finalizers(data), [`metal3data.${infrastructure}`, `metal3dataclaim.${infrastructure}`]);
    assert.deepEqual(finalizers(ipClaim), ["ipclaim.ipam.metal3.io", `metal3data.${infrastructure}`]);
    assert.deepEqual(finalizers(address), ["ipaddress.ipam.metal3.io"]);
    assert.deepEqual(owners(claim), [["Metal3Machine", "m1", true]]);
    assert.deepEqual(owners(data), [
      ["Metal3DataClaim", "m1", true],
      ["Metal3Machine", "m1", undefined],
    ]);
    assert.deepEqual(owners(ipClaim), [["Metal3Data", "t-0", true]]);
    assert.deepEqual(owners(address), [
      ["IPPool", "p", undefined],
      ["IPClaim", "t-0-p", undefined],
    ]);
    for (const each of [claim, data, ipClaim, address]) assert.deepEqual(each?.metadata.labels, labels);
    const template = fake.get(types.Metal3DataTemplate, "t");
    assert.deepEqual(finalizers(template), [`metal3datatemplate.${infrastructure}`]);
    assert.deepEqual(field(template, "status", "indexes"), [{ index: 0, name: "m1" }]);
    assert.equal(text(machine(), "spec", "dataTemplate", "namespace"), "metal");
  });

  it("goes before the host of its machine is emptied, and its address with it", async () => {
    const { fake, render, machine, templates, data, pools } = stage();
    await render();
    await releaseData(fake.store, machine());
    assert.equal(field(machine(), "status", "renderedData"), undefined);
    assert.equal(field(machine(), "status", "metaData"), undefined);
    await fake.look(templates);
    assert.equal(fake.get(types.Metal3DataClaim, "m1"), undefined);
    await fake.look(data);
    assert.equal(fake.get(types.Metal3Data, "t-0"), undefined);
    await fake.look(pools);
    for (const type of [types.IPClaim, types.IPAddress]) assert.deepEqual(fake.list(type), []);
    assert.deepEqual(field(fake.get(types.IPPool, "p"), "status", "indexes"), {});
  });

  it("waits for its claim, and gives no address back before that", async () => {
    const { fake, render, data } = stage();
    await render();
    const found = fake.get(types.Metal3Data, "t-0") ?? assert.fail();
    await fake.remove(types.Metal3Data, found);
    assert.deepEqual(await fake.look(data), [stillLab.pace.requeue]);
    assert.equal(fake.list(types.IPClaim).length, 1);
  });

  it("keeps a deleted template until claims and data of it are gone", async () => {
    const { fake, render, machine, templates, data } = stage();
    await render();
    await fake.remove(types.Metal3DataTemplate, fake.get(types.Metal3DataTemplate, "t") ?? assert.fail());
    // A claim that stays is waited for without looking again: its end is an event.
    assert.deepEqual(await fake.look(templates), [undefined]);
    await releaseData(fake.store, machine());
    assert.deepEqual(await fake.look(templates), [stillLab.pace.requeue]);
    await fake.look(data);
    await fake.look(templates);
    assert.equal(fake.get(types.Metal3DataTemplate, "t"), undefined);
  });

  it("does not take an address claim of data of the same name before", async () => {
    const { fake, render, data } = stage();
    const old = object(
      types.IPClaim,
      "t-0-p",
      { spec: { pool: { name: "p" } } },
      {
        finalizers: ["ipclaim.ipam.metal3.io"],
        ownerReferences: [
          { apiVersion: types.Metal3Data.apiVersion, kind: "Metal3Data", name: "t-0", uid: "old" },
        ],
      },
    );
    await fake.create(types.IPClaim, old);
    await assert.rejects(render());
    assert.notEqual(field(fake.get(types.Metal3Data, "t-0"), "status", "ready"), true);
    await fake.setFinalizer(types.IPClaim, old, "ipclaim.ipam.metal3.io", false);
    await fake.remove(types.IPClaim, old);
    await fake.look(data);
    assert.deepEqual(owners(fake.get(types.IPClaim, "t-0-p")), [["Metal3Data", "t-0", true]]);
  });
});

describe("simulated address pool", () => {
  it("has its Cluster as owner and both labels, and does nothing before that Cluster is there", async () => {
    const { fake, pools } = stage();
    const lone = new FakeStore(fake.get(types.IPPool, "p") ?? assert.fail());
    await lone.look(ipPoolController(stillLab, lone.store));
    const waiting = lone.get(types.IPPool, "p");
    assert.deepEqual(finalizers(waiting), []);
    assert.equal(waiting?.metadata.labels?.[cluster], "capi-1");
    await fake.look(pools);
    const pool = fake.get(types.IPPool, "p");
    assert.deepEqual(pool?.metadata.labels, {
      [cluster]: "capi-1",
      "cluster.x-k8s.io/provider": "ipam-metal3",
    });
    assert.deepEqual(owners(pool), [["Cluster", "capi-1", undefined]]);
    assert.deepEqual(finalizers(pool), ["ippool.ipam.metal3.io"]);
  });

  it("stays while an address is given, also to a foreign claim, and goes with the last", async () => {
    const { fake, pools } = stage();
    const claim = object(types.IPClaim, "foreign", { spec: { pool: { name: "p" } } });
    await fake.create(types.IPClaim, claim);
    await fake.look(pools);
    await fake.remove(types.IPPool, fake.get(types.IPPool, "p") ?? assert.fail());
    await fake.look(pools);
    assert.ok(fake.get(types.IPPool, "p"));
    await fake.remove(types.IPClaim, fake.get(types.IPClaim, "foreign") ?? assert.fail());
    await fake.look(pools);
    assert.equal(fake.get(types.IPPool, "p"), undefined);
    assert.deepEqual(fake.list(types.IPAddress), []);
  });

  it("takes no address back from a claim that something else still holds", async () => {
    const { fake, render, pools } = stage();
    await render();
    await fake.remove(types.IPClaim, fake.get(types.IPClaim, "t-0-p") ?? assert.fail());
    await fake.look(pools);
    assert.equal(fake.list(types.IPAddress).length, 1);
  });

  it("never looks again at a claim that it has refused, until its error is taken away", async () => {
    const { fake, pools } = stage();
    for (const name of ["a", "b", "c"])
      await fake.create(types.IPClaim, object(types.IPClaim, name, { spec: { pool: { name: "p" } } }));
    await fake.look(pools);
    const refused = () => fake.get(types.IPClaim, "c") ?? assert.fail();
    assert.equal(text(refused(), "status", "errorMessage"), "Exhausted IP Pools");
    await fake.patch(types.IPPool, fake.get(types.IPPool, "p") ?? assert.fail(), {
      spec: { pools: [{ start: "10.0.0.20", end: "10.0.0.29" }] },
    });
    await fake.look(pools);
    assert.equal(text(refused(), "status", "errorMessage"), "Exhausted IP Pools");
    await fake.patch(types.IPClaim, refused(), { status: { errorMessage: null } });
    await fake.look(pools);
    assert.equal(text(refused(), "status", "address", "name"), "p-10-0-0-22");
  });
});
