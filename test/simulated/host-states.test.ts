import assert from "node:assert/strict";
import { paces } from "../../lab/context";
import { nextStep, poweredOn, retryAfter, type HostCircumstances } from "../../lab/simulated/hosts/states";
import { hardwareOf } from "../../lab/simulated/hosts/hardware";
import { enterState, failed } from "../../lab/simulated/hosts/status";
import { claimPatch, fingerprint } from "../../lab/simulated/hosts/memory";
import { field, list, text } from "../../model/kubernetes/object";
import { host, named, type HostParts } from "./objects";

const pace = paces.fast;
const calm: HostCircumstances = {
  inState: 60,
  credentials: "accepted",
  credentialsChanged: false,
  checksumWrong: false,
  writeFails: false,
  bmcSilent: false,
  retryRequested: false,
  bmcHangs: false,
};
const step = (parts: HostParts, around: Partial<HostCircumstances> = {}) =>
  nextStep(host(parts), { ...calm, ...around }, pace);
const image = { image: { url: "http://i/a", checksum: "abc" } };

describe("simulated host states", () => {
  it("leaves a host with a system of its own alone, apart from its power", () => {
    const adopted = { externallyProvisioned: true, online: true };
    const external = "externally provisioned";
    assert.deepEqual(step({ state: "registering", spec: adopted }), { kind: "go", state: external });
    assert.deepEqual(step({ state: "available", spec: adopted }), { kind: "go", state: external });
    assert.deepEqual(step({ state: external, spec: adopted }), { kind: "power", on: true });
    const off = { ...adopted, online: false };
    assert.deepEqual(step({ state: external, spec: off, status: { poweredOn: true } }), {
      kind: "power",
      on: false,
    });
    assert.deepEqual(step({ state: external, spec: { online: true } }), { kind: "go", state: "provisioned" });
  });

  it("walks from registration to available in BMO's order", () => {
    const states = ["", "registering", "inspecting", "preparing"];
    assert.deepEqual(
      states.map((state) => step({ state })),
      ["registering", "inspecting", "preparing", "available"].map((state) => ({ kind: "go", state })),
    );
    assert.deepEqual(step({ state: "available" }), { kind: "rest" });
  });

  it("takes its time in each state", () => {
    assert.deepEqual(step({ state: "inspecting" }, { inState: 0.25 }), { kind: "wait", seconds: 0.75 });
  });

  it("provisions while it has an image and deprovisions when the image goes", () => {
    assert.deepEqual(step({ spec: image }), { kind: "go", state: "provisioning" });
    assert.deepEqual(step({ state: "provisioning", spec: image }), { kind: "go", state: "provisioned" });
    const running = { provisioning: { state: "provisioned" }, poweredOn: true };
    assert.deepEqual(step({ status: running, spec: image }), { kind: "rest" });
    assert.deepEqual(step({ state: "provisioned" }), { kind: "go", state: "deprovisioning" });
    assert.deepEqual(step({ state: "deprovisioning" }), { kind: "go", state: "available" });
  });

  it("fails registration with the BMC's 401 when the password is wrong, and again with back-off", () => {
    const first = step({ state: "registering" }, { credentials: "refused" });
    assert.ok(first.kind === "fail");
    assert.equal(first.error.type, "registration error");
    assert.match(
      first.error.message,
      /HTTP GET https:\/\/192\.0\.2\.1\/redfish\/v1\/Systems returned code 401/,
    );
    const twice = { state: "registering", status: { errorCount: 3, provisioning: { state: "registering" } } };
    assert.deepEqual(step(twice, { credentials: "refused", inState: 1 }), { kind: "wait", seconds: 89 });
    assert.deepEqual([1, 2, 3, 9].map(retryAfter), [1, 2, 90, 90]);
  });

  it("registers at once when the Secret changed to the right password", () => {
    const failing = { status: { errorCount: 4, provisioning: { state: "registering" } } };
    assert.deepEqual(step(failing, { credentialsChanged: true, inState: 1 }), {
      kind: "go",
      state: "inspecting",
    });
  });

  it("tries again at once when spec or annotations of the host have changed", () => {
    const failing = {
      state: "registering",
      status: { errorCount: 3, provisioning: { state: "registering" } },
    };
    const asked = { retryRequested: true, inState: 1 };
    assert.deepEqual(step(failing, asked), { kind: "go", state: "inspecting" });
    const again = step(failing, { ...asked, bmcSilent: true });
    assert.ok(again.kind === "fail" && /timed out/.test(again.error.message));
  });

  it("cleans a host after a failed write, and forgets the error with it", () => {
    const writing = { state: "provisioning", spec: image };
    const first = step(writing, { writeFails: true });
    assert.ok(first.kind === "fail");
    assert.match(first.error.message, /^Image provisioning failed \(url: http:\/\/i\/a, checksum: abc\): /);
    const failing = { ...writing, status: { errorCount: 1, provisioning: { state: "provisioning" } } };
    assert.deepEqual(step(failing, { writeFails: true }), { kind: "go", state: "deprovisioning" });
    assert.deepEqual(step({ state: "deprovisioning", spec: image }), { kind: "go", state: "available" });
    assert.equal(enterState(host(failing), "available", undefined, [], 0)["errorCount"], 0);
  });

  it("switches a provisioned server off while an annotation holds it off, and on again", () => {
    const held = { "reboot.metal3.io/metal3-remediation-1": '{"mode":"hard"}' };
    const on = { provisioning: { state: "provisioned" }, poweredOn: true };
    const parts = { state: "provisioned", spec: image, status: on };
    assert.deepEqual(step({ ...parts, annotations: held }), { kind: "power", on: false });
    assert.deepEqual(step({ ...parts, status: { ...on, poweredOn: false } }), { kind: "power", on: true });
    assert.deepEqual(step(parts), { kind: "rest" });
  });

  it("says that the Secret is missing", () => {
    const missing = step({ state: "registering" }, { credentials: "missing" });
    assert.ok(missing.kind === "fail");
    assert.equal(missing.error.message, "The BMC secret metal/h1-bmc does not exist");
  });

  it("reports a checksum mismatch as provisioning error", () => {
    const failure = step({ state: "provisioning", spec: image }, { checksumWrong: true });
    assert.ok(failure.kind === "fail");
    assert.equal(failure.error.type, "provisioning error");
    assert.match(failure.error.message, /checksum/);
  });

  it("stays in deprovisioning while the BMC hangs, also when it is being deleted", () => {
    assert.deepEqual(step({ state: "deprovisioning" }, { bmcHangs: true }), { kind: "rest" });
    assert.deepEqual(step({ state: "deprovisioning", deleting: true }, { bmcHangs: true }), { kind: "rest" });
  });

  it("wipes a deleted host and powers it off before it lets go", () => {
    const states = ["provisioned", "deprovisioning", "powering off before delete", "deleting"];
    assert.deepEqual(
      states.map((state) => step({ state, deleting: true, spec: image })),
      [
        { kind: "go", state: "deprovisioning" },
        { kind: "go", state: "powering off before delete" },
        { kind: "go", state: "deleting" },
        { kind: "release" },
      ],
    );
  });

  it("leaves a paused host alone", () => {
    const annotations = { "baremetalhost.metal3.io/paused": "" };
    assert.deepEqual(step({ state: "inspecting", annotations }), { kind: "rest" });
  });

  it("finds the same hardware each time, with the MAC that the host boots from", () => {
    const one = host({ spec: { bootMACAddress: "02:00:00:AA:BB:01" } });
    assert.deepEqual(hardwareOf(one, []), hardwareOf(one, []));
    assert.equal(text(hardwareOf(one, []), "nics", 0, "mac"), "02:00:00:aa:bb:01");
    assert.notEqual(text(hardwareOf(one, []), "storage", 0, "serialNumber"), "");
  });

  it("finds the ports that the stack file describes, whichever it boots from", () => {
    const one = host({ spec: { bootMACAddress: "02:00:00:AA:BB:01" } });
    const nics = (...macs: readonly string[]) =>
      list(
        hardwareOf(
          one,
          macs.map((mac, i) => ({ name: `eno${i + 1}`, mac })),
        ),
        "nics",
      ).map((nic) => `${text(nic, "name")} ${text(nic, "mac")} ${field(nic, "pxe") === true}`);
    assert.deepEqual(nics("02:00:00:aa:bb:01", "02:00:00:AA:BB:02"), [
      "eno1 02:00:00:aa:bb:01 true",
      "eno2 02:00:00:aa:bb:02 false",
    ]);
    assert.deepEqual(nics("02:00:00:aa:bb:02"), [
      "boot0 02:00:00:aa:bb:01 true",
      "eno1 02:00:00:aa:bb:02 false",
    ]);
    assert.equal(nics("02:00:00:aa:bb:01").length, 2);
  });

  it("clears errors on entering a state and counts them on failing", () => {
    const failing = host({ state: "registering", status: { errorCount: 2 } });
    const status = failed(failing, { type: "registration error", message: "401" }, undefined, 0);
    assert.equal(status["errorCount"], 3);
    assert.equal(status["operationalStatus"], "error");
    const entered = enterState(failing, "inspecting", undefined, [], 0);
    assert.deepEqual([entered["errorCount"], entered["errorMessage"], entered["errorType"]], [0, "", null]);
  });

  it("never says Ready while a host is merely available", () => {
    const { conditions } = enterState(host(), "available", undefined, [], 0) as { conditions: unknown[] };
    const ready = conditions.find((entry) => text(entry, "type") === "Ready");
    assert.equal(text(ready, "status"), "False");
    assert.equal(poweredOn(host(), "available"), false);
    assert.equal(poweredOn(host(), "provisioned"), true);
  });

  it("holds the BMC Secret by finalizer, label and owner", () => {
    const secret = named("Secret", "h1-bmc", { data: { username: "YQ==", password: "Yg==" } });
    const patch = claimPatch(secret, host());
    assert.deepEqual(field(patch, "metadata", "finalizers"), ["baremetalhost.metal3.io/secret"]);
    assert.equal(field(patch, "metadata", "labels", "environment.metal3.io"), "baremetal");
    const [owner] = list(patch, "metadata", "ownerReferences");
    assert.equal(text(owner, "name"), "h1");
    // Not as controller, so that hosts of one login do not clash.
    assert.equal(field(owner, "controller"), undefined);
    assert.equal(fingerprint(named("Secret", "empty")), undefined);
  });
});
