import assert from "node:assert";
import { readRender } from "../../model/cilium/manifest";
import { proofs } from "../../model/cilium/proofs";
import { planCluster } from "../../model/plan/plan-cluster";
import { ciliumRenderOf } from "../program/recorded-render";
import { stackWith } from "./stacks";

const { cilium } = planCluster(stackWith());

/** One break per proof: what is replaced by what in the render. */
const breaks: Readonly<Record<string, readonly [string | RegExp, string]>> = {
  "render/workloads-present": [/name: cilium-operator, namespace/, "name: other, namespace"],
  "render/no-secrets": [/^---/, "---\napiVersion: v1\nkind: Secret\nmetadata: { name: cilium-ca }\n---"],
  "render/fits-configmap": [
    "name: cilium-secrets",
    `name: cilium-secrets, annotations: { long: ${"x".repeat(1_100_000)} }`,
  ],
  "render/api-endpoint": ["value: 10.250.250.29", "value: 10.96.0.1"],
  "render/host-network": ["hostNetwork: true", "hostNetwork: false"],
  "render/tolerates-fresh-nodes": ["tolerations: [{ operator: Exists }]", "tolerations: []"],
  "render/crds-created": ['enable-bgp-control-plane: "true"', 'skip-crd-creation: "true"'],
};

describe("proofs on the rendered Cilium", () => {
  it("hold for a sound render", () => {
    const { render, findings } = readRender(ciliumRenderOf(), cilium);
    assert.deepStrictEqual(findings, []);
    assert.deepStrictEqual(
      render.workloads.map(({ kind, name }) => `${kind}/${name}`),
      ["DaemonSet/cilium", "Deployment/cilium-operator"],
    );
  });

  it("each have a break", () => {
    assert.deepStrictEqual(Object.keys(breaks).sort(), proofs.map(({ id }) => id).sort());
  });

  for (const [id, [from, to]] of Object.entries(breaks)) {
    it(`${id} fails when exactly that is broken`, () => {
      const { findings } = readRender(ciliumRenderOf().replace(from, to), cilium);
      assert.deepStrictEqual([...new Set(findings.map((finding) => finding.id))], [id]);
    });
  }

  it("read an empty field as none, as the API server does", () => {
    const text = ciliumRenderOf().replace(
      "{ name: cilium-secrets }",
      "{ name: cilium-secrets, annotations: }",
    );
    const { render } = readRender(text, cilium);
    assert.deepStrictEqual(render.objects[0]?.metadata, { name: "cilium-secrets" });
  });

  it("refuse a render that is no YAML", () => {
    const { findings } = readRender("a: b: c", cilium);
    assert.deepStrictEqual([...new Set(findings.map(({ id }) => id))], ["render/yaml-readable"]);
  });
});
