import assert from "node:assert/strict";
import { ActiveFaults } from "../../lab/faults/fault";
import { hostController } from "../../lab/simulated/hosts/controller";
import { firmwareKinds, createFirmwareObjects } from "../../lab/simulated/hosts/hardware";
import { type KubernetesObject, field, text } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import { FakeStore, stillLab } from "./fake-store";
import { host, type HostParts, named } from "./objects";

const [settings, components] = firmwareKinds as readonly [
  (typeof firmwareKinds)[number],
  (typeof firmwareKinds)[number],
];
const label = "environment.metal3.io";
const detached = { "baremetalhost.metal3.io/detached": JSON.stringify({ deleteAction: "delete" }) };

/** The operator with one host and its login; what it did to the server's power and what it recorded. */
function operator(parts: HostParts, ...others: readonly KubernetesObject[]) {
  const login = {
    ...named("Secret", "h1-bmc", { data: { username: "YQ==", password: "Yg==" } }),
    metadata: { name: "h1-bmc", namespace: "metal", resourceVersion: "7" },
  };
  const fake = new FakeStore(host(parts), login, ...others);
  const deeds: string[] = [];
  const context = {
    ...stillLab,
    // A state is left as soon as it is looked at, also within the millisecond in which it was entered.
    pace: { ...stillLab.pace, register: -1, inspect: -1, prepare: -1, provision: -1 },
    faults: new ActiveFaults(),
    serverPorts: new Map(),
    log: { record: (did: string) => void deeds.push(did) },
  } as unknown as typeof stillLab;
  const controller = hostController(context, fake.store, async () => void deeds.push("power off"));
  const the = () => fake.get(resources.BareMetalHost, "h1");
  return { fake, deeds, look: () => fake.look(controller), the, controller };
}

const secretOf = (name: string) => ({
  ...named("Secret", name),
  metadata: { name, namespace: "metal" },
});

describe("simulated objects of a host", () => {
  it("are its firmware's, when it has registered, owned by it", async () => {
    const { fake, look } = operator({ state: "registering" });
    await look();
    const [owner] = fake.get(settings, "h1")?.metadata.ownerReferences ?? [];
    assert.deepEqual(
      [owner?.kind, owner?.controller, field(owner, "blockOwnerDeletion")],
      ["BareMetalHost", true, true],
    );
    const [plain] = fake.get(components, "h1")?.metadata.ownerReferences ?? [];
    assert.deepEqual([plain?.name, plain?.controller], ["h1", undefined]);
  });

  it("have no components where the BMC cannot update firmware", async () => {
    const fake = new FakeStore();
    await createFirmwareObjects(fake.store, host({ spec: { bmc: { address: "ipmi://192.0.2.1" } } }));
    assert.deepEqual([fake.list(settings).length, fake.list(components).length], [1, 0]);
  });

  it("hold what inspection found until the host is deleted, also a detached one", async () => {
    const { fake, look, the } = operator({ state: "inspecting" });
    await look();
    const data = () => fake.get(resources.HardwareData, "h1");
    assert.deepEqual(data()?.metadata.finalizers, ["baremetalhost.metal3.io/hardwareData"]);
    assert.equal(text(data(), "spec", "hardware", "hostname"), "localhost.localdomain");
    await fake.patch(resources.BareMetalHost, the() ?? assert.fail(), {
      metadata: { annotations: detached },
      status: { operationalStatus: "detached" },
    });
    await fake.remove(resources.BareMetalHost, the() ?? assert.fail());
    await look();
    assert.deepEqual(data()?.metadata.finalizers, []);
  });
});

describe("simulated Secrets of a host", () => {
  it("get the operator's label when it reads them: the machine's at provisioning, the installer's at registration", async () => {
    const image = { url: "http://i/a", checksum: "abc" };
    const spec = {
      image,
      userData: { name: "user" },
      metaData: { name: "meta" },
      networkData: { name: "h1-network" },
      preprovisioningNetworkDataName: "installer",
    };
    const secrets = ["user", "meta", "h1-network", "installer"].map(secretOf);
    const labelled = (fake: FakeStore) =>
      fake
        .list(resources.Secret)
        .flatMap(({ metadata }) =>
          metadata.name !== "h1-bmc" && metadata.labels?.[label] === "baremetal" ? [metadata.name] : [],
        );
    const written = operator({ state: "available", spec }, ...secrets);
    await written.look();
    assert.deepEqual(labelled(written.fake), ["user", "meta", "h1-network"]);
    const registered = operator({ state: "", status: { provisioning: {} }, spec }, ...secrets);
    await registered.look();
    assert.deepEqual(labelled(registered.fake), ["installer"]);
  });

  it("make the operator register again after each change of the login, whatever else is due", async () => {
    const tried = { triedCredentials: { credentialsVersion: "6" } };
    for (const state of ["available", "provisioned", "deprovisioning"]) {
      const { deeds, look, the } = operator({ state, status: tried });
      await look();
      assert.deepEqual(deeds, ["host-login-changed"], state);
      assert.equal(text(the(), "status", "goodCredentials", "credentialsVersion"), "7");
      assert.ok(text(the(), "status", "operationHistory", "register", "end"));
    }
    const idle = operator({ annotations: detached, status: { ...tried, operationalStatus: "detached" } });
    await idle.look();
    assert.deepEqual(idle.deeds, []);
  });
});

describe("simulated deletion of a detached host", () => {
  it("passes through deleting, where it counts as attached, and touches no power", async () => {
    const { fake, deeds, look, the, controller } = operator({
      state: "provisioned",
      annotations: detached,
      status: { operationalStatus: "detached", poweredOn: true },
    });
    await fake.setFinalizer(resources.BareMetalHost, host(), "baremetalhost.metal3.io", true);
    await fake.remove(resources.BareMetalHost, the() ?? assert.fail());
    await look();
    assert.equal(text(the(), "status", "provisioning", "state"), "deleting");
    await look();
    assert.equal(text(the(), "status", "operationalStatus"), "OK");
    const last = the() ?? assert.fail();
    await look();
    assert.equal(the(), undefined);
    await controller.gone?.(last);
    assert.deepEqual(deeds, ["host-deleting", "host-deleted"]);
  });

  it("waits where the annotation delays it", async () => {
    const annotations = { "baremetalhost.metal3.io/detached": JSON.stringify({ deleteAction: "delay" }) };
    const { fake, deeds, look, the } = operator({ annotations, status: { operationalStatus: "detached" } });
    await fake.setFinalizer(resources.BareMetalHost, host(), "baremetalhost.metal3.io", true);
    await fake.remove(resources.BareMetalHost, the() ?? assert.fail());
    await look();
    assert.ok(the());
    assert.deepEqual(deeds, []);
  });
});
