import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { parseAllDocuments } from "yaml";
import {
  type GitopsTool,
  type HandOver,
  handOverFiles,
  defaultRepository,
  handOverRules,
} from "../../model/live/hand-over/hand-over";
import { field, text } from "../../model/kubernetes/object";
import { verdictOf } from "../../model/live/preflight/check-result";
import type { Running } from "../../model/live/verify/check";
import { healthyRunning, plan } from "../verify/healthy";

const golden = path.join(__dirname, "../golden/gitops");

const handOver = (tool: GitopsTool, parts: Partial<HandOver> = {}): HandOver => ({
  tool,
  plan,
  namespace: tool === "argocd" ? "argocd" : plan.namespace,
  destination: tool === "argocd" ? plan.name : `${plan.name}-kubeconfig`,
  repository: defaultRepository[tool],
  bgp: true,
  ...parts,
});

const objectsOf = (tool: GitopsTool, parts: Partial<HandOver> = {}) =>
  parseAllDocuments(handOverFiles(handOver(tool, parts)).get("cilium.yaml") ?? "").map(
    (document) => document.toJS() as unknown,
  );

function found(running: Running, parts: Partial<HandOver> = {}): readonly string[] {
  return handOverRules.flatMap((rule) => {
    const { findings, unknown } = verdictOf(rule, rule.judge(handOver("argocd", parts), running));
    return [
      ...findings.map(({ id, at, problem }) => `${id} ${at}: ${problem}`),
      ...unknown.map((why) => `${rule.id}? ${why}`),
    ];
  });
}

describe("the hand-over to GitOps", () => {
  for (const tool of ["argocd", "flux"] as const) {
    for (const [name, written] of handOverFiles(handOver(tool))) {
      it(`writes what test/golden/gitops/${tool}/${name} shows`, () => {
        const file = path.join(golden, tool, name);
        if (process.env["METAL_WRITE_GOLDEN"] !== undefined) {
          fs.mkdirSync(path.dirname(file), { recursive: true });
          fs.writeFileSync(file, written);
        }
        assert.equal(written, fs.readFileSync(file, "utf8"));
      });
    }
  }

  it("gives both tools the chart's version and exactly the values of the running Cilium", () => {
    const [application] = objectsOf("argocd");
    const [, release] = objectsOf("flux");
    assert.deepEqual(field(application, "spec", "source", "helm", "valuesObject"), plan.cilium.values);
    assert.deepEqual(field(release, "spec", "values"), plan.cilium.values);
    assert.equal(text(application, "spec", "source", "targetRevision"), plan.cilium.version);
    assert.equal(text(objectsOf("flux")[0], "spec", "ref", "tag"), plan.cilium.version);
  });

  it("lets neither tool prune, heal, roll back or uninstall by itself", () => {
    const [application] = objectsOf("argocd");
    assert.deepEqual(field(application, "spec", "syncPolicy", "automated"), {
      prune: false,
      selfHeal: false,
    });
    assert.equal(field(application, "metadata", "finalizers"), undefined);
    const [, release] = objectsOf("flux");
    for (const action of ["install", "upgrade"]) {
      assert.deepEqual(field(release, "spec", action, "remediation"), {
        retries: 0,
        remediateLastFailure: false,
      });
    }
    assert.equal(text(release, "metadata", "annotations", "kustomize.toolkit.fluxcd.io/prune"), "disabled");
  });

  it("uses the Secret that Cluster API renews, and none where Flux runs in the cluster itself", () => {
    const secret = (destination: string) =>
      field(objectsOf("flux", { destination })[1], "spec", "kubeConfig", "secretRef", "name");
    assert.equal(secret("capi-1-kubeconfig"), "capi-1-kubeconfig");
    assert.equal(secret("in-cluster"), undefined);
  });

  it("writes BGP's objects on request only, and never a password", () => {
    assert.deepEqual([...handOverFiles(handOver("flux", { bgp: false })).keys()], ["cilium.yaml"]);
    const bgp = handOverFiles(handOver("flux")).get("bgp.yaml") ?? "";
    const kinds = parseAllDocuments(bgp).map((document) => text(document.toJS(), "kind"));
    assert.deepEqual([...new Set(kinds)].sort(), [
      "CiliumBGPAdvertisement",
      "CiliumBGPClusterConfig",
      "CiliumBGPPeerConfig",
      "CiliumLoadBalancerIPPool",
    ]);
  });

  it("is allowed where everything that would be rendered runs already", () => {
    assert.deepEqual(found(healthyRunning()), []);
  });

  it("is refused where something else runs than would be rendered, in Cilium or in BGP", () => {
    const running = healthyRunning();
    for (const part of ["cilium", "bgp"] as const) {
      const pairs = running[part].value ?? [];
      const pair = pairs.find(({ planned }) => ["DaemonSet", "CiliumBGPPeerConfig"].includes(planned.kind));
      (pair?.live as { spec?: object }).spec = { other: true };
    }
    const ids = found(running).map((each) => each.split(" ")[0]);
    assert.deepEqual(ids, ["gitops/render-runs", "gitops/bgp-runs"]);
    assert.deepEqual(found(running, { bgp: false }).length, 1, "BGP stays out of it unless asked for");
  });

  it("is not judged where the cluster does not answer", () => {
    assert.deepEqual(found({ ...healthyRunning(), cilium: { why: "cut off" } }), [
      "gitops/render-runs? cut off",
    ]);
  });

  it("is refused for a chart of this machine, until it is said where the tool finds it", () => {
    const local = { ...plan, cilium: { ...plan.cilium, chartDirectory: "charts/cilium" } };
    assert.match(
      found(healthyRunning(), { plan: local }).join(),
      /^gitops\/chart-same cilium\.chartDirectory: .* charts\/cilium/,
    );
    assert.deepEqual(found(healthyRunning(), { plan: local, repository: "oci://registry.local/cilium" }), []);
  });

  it("is refused for values with private keys, without a word of them", () => {
    const values = {
      ...plan.cilium.values,
      hubble: { tls: { server: { key: "cilium.values.hubble.tls.server.key" } } },
    };
    const secret = { ...plan, cilium: { ...plan.cilium, values } };
    assert.deepEqual(found(healthyRunning(), { plan: secret }), [
      "gitops/values-public cilium.values: the render holds Secrets made of private keys in the stack file",
    ]);
  });
});
