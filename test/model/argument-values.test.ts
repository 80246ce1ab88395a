import assert from "node:assert/strict";
import { findingsOfRaw } from "./fixtures";
import { rawCapi1, rawStackFile } from "./stacks";

/** What checks find in arguments of a component: flag and problem. */
function found(component: string, extraArgs: object, raw = rawCapi1()): readonly string[] {
  raw["kubernetes"] = { ...(raw["kubernetes"] as object), [component]: { extraArgs } };
  return findingsOfRaw(raw, "capi-1").map(({ problem }) => problem);
}

const controllers = (value: string) => found("controllerManager", { controllers: value });

/** Values that are unusual, and work. */
const working: Readonly<Record<string, readonly [component: string, extraArgs: object][]>> = {
  "switches that are off": [
    ["etcd", { "force-new-cluster": "false", "unsafe-no-fsync": "false" }],
    ["apiServer", { "anonymous-auth": "true" }],
  ],
  "another order of controllers": [
    ["controllerManager", { controllers: "-ttl,bootstrap-signer-controller,*" }],
    ["controllerManager", { controllers: "*,bootstrapsigner" }],
    ["controllerManager", { controllers: "nodeipam,-nodeipam,*,bootstrapsigner" }],
  ],
  "further authorizers, plugins and versions": [
    ["apiServer", { "authorization-mode": "Node,RBAC,Webhook" }],
    ["apiServer", { "enable-admission-plugins": "NodeRestriction,AlwaysPullImages" }],
    ["apiServer", { "disable-admission-plugins": "PersistentVolumeClaimResize" }],
    ["apiServer", { "runtime-config": "api/all=false,api/ga=true" }],
    ["apiServer", { "runtime-config": "api/beta=false,batch/v1beta1=true" }],
    ["apiServer", { "bind-address": "::" }],
    ["apiServer", { "etcd-prefix": "registry" }],
  ],
  "metrics for other machines": [
    ["controllerManager", { "bind-address": "0.0.0.0", "secure-port": "10257" }],
    ["scheduler", { "bind-address": "0.0.0.0" }],
    ["etcd", { "listen-metrics-urls": "http://0.0.0.0:2381" }],
  ],
  "a flag named like a property of every object": [["scheduler", { constructor: "1" }]],
};

describe("the values of control plane arguments", () => {
  for (const [title, cases] of Object.entries(working)) {
    it(`are accepted: ${title}`, () => {
      for (const [component, extraArgs] of cases) assert.deepEqual(found(component, extraArgs), []);
    });
  }

  it("name the controller that does not run", () => {
    assert.match(controllers("*").join(), /bootstrapsigner does not run, so no machine joins/);
    assert.match(controllers("bootstrapsigner,tokencleaner").join(), /nodeipam does not run/);
    assert.match(
      controllers("*,bootstrapsigner,-node-lifecycle-controller").join(),
      /nodelifecycle does not/,
    );
    assert.match(controllers("*,bootstrapsigner,-csrsigning").join(), /kubelets get no certificate/);
    assert.equal(controllers("*,bootstrapsigner,-nodeipam,nodeipam").length, 1);
  });

  it("may switch off the election of a single machine only", () => {
    const single = rawStackFile("test/fixtures/good/single-node.yaml");
    const off = { "leader-elect": "false" };
    assert.deepEqual(found("scheduler", off, single), []);
    assert.match(found("scheduler", off).join(), /those of 3 control plane machines act at the same time/);
  });
});
