import { readManifest } from "../../model/cilium/manifest";
import assert from "node:assert";
import { judgeValues } from "../../model/cilium/keys/judge-values";
import { readRender } from "../../model/cilium/proofs";
import { proofs, proveRender } from "../../model/cilium/proofs";
import type { Finding } from "../../model/findings/finding";
import { idsIn } from "../model/ids";
import { type Break, breaks } from "./breaks";
import { EditableRender } from "./editable";
import { type RecordedRender, recorded } from "./recorded";
import { callsOf } from "../work";

const idsOf = (findings: readonly Finding[]) => [...new Set(findings.map(({ id }) => id))];

/** What the proofs say once exactly one thing is broken. */
function findingsAfter(broken: Break, { text, plan, render }: RecordedRender): readonly Finding[] {
  const changed = { ...plan, ...broken.plan?.(plan) };
  if (broken.text !== undefined) {
    const other = broken.text(text);
    assert.notStrictEqual(other, text, "the break changes nothing");
    return readRender(other, changed).findings;
  }
  const editable = new EditableRender(render);
  broken.objects?.(editable);
  return proveRender(editable.render(), changed);
}

/** A finding names only keys that the chart has: nobody can change another. */
function unknownKeys(at: string, version: string): readonly string[] {
  const path = at.split(".").slice(2);
  const values = path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), null);
  return path.length === 0
    ? []
    : judgeValues(values as object as Record<string, unknown>, version).map(({ key }) => key);
}

describe("proofs on a real render of capi-1", () => {
  it("of three minors", () => {
    assert.deepStrictEqual(
      recorded.map(({ version }) => version),
      ["1.18.4", "1.19.5", "1.20.2"],
    );
  });

  for (const { version, plan, render } of recorded) {
    it(`hold for ${version}`, () => {
      assert.deepStrictEqual(proveRender(render, plan), []);
      assert.deepStrictEqual(
        render.workloads.map(({ kind, name }) => `${kind}/${name}`),
        ["DaemonSet/cilium", "DaemonSet/cilium-envoy", "Deployment/cilium-operator"],
      );
    });
  }

  it("are read as Kubernetes reads them: a mode of 0400 is octal", () => {
    for (const { version, text, render } of recorded) {
      assert.match(text, /defaultMode: 0400/);
      const modes = /"defaultMode":(\d+)/.exec(JSON.stringify(render.objects))?.[1];
      assert.strictEqual(modes, "256", version);
    }
  });

  for (const { id } of proofs) {
    for (const [what, broken] of Object.entries(breaks[id] ?? {})) {
      it(`${id} alone refuses ${what}, in every minor`, () => {
        for (const each of recorded) {
          const findings = findingsAfter(broken, each);
          assert.deepStrictEqual(idsOf(findings), [id], each.version);
          for (const { at, problem, fix } of findings) {
            assert.match(at, /^cilium\.values(\.|$)/);
            assert.deepStrictEqual(unknownKeys(at, each.version), []);
            assert.ok(problem !== "" && fix !== "" && !/undefined|\[object/.test(problem + fix), problem);
          }
        }
      });
    }
  }

  it("each have a break", () => {
    assert.deepStrictEqual(Object.keys(breaks).sort(), proofs.map(({ id }) => id).sort());
    assert.deepStrictEqual(
      Object.keys(breaks).filter((id) => Object.keys(breaks[id] ?? {}).length === 0),
      [],
    );
  });

  it("are all registered, each once, with a summary of one sentence", () => {
    assert.deepStrictEqual(proofs.map(({ id }) => id).sort(), [...idsIn("model/cilium/proofs")].sort());
    for (const { id, summary } of proofs) {
      assert.match(id, /^render\/[a-z]+(-[a-z]+){0,3}$/);
      assert.match(summary, /^[A-Za-z][^\n]{10,130}\.$/, id);
    }
  });

  it("accept a stack that keeps kube-proxy and asks for its ClusterIP", () => {
    const [first] = recorded;
    assert.ok(first);
    const editable = new EditableRender(first.render);
    editable.config("kube-proxy-replacement", "false");
    editable.variable("cilium", "config", "KUBERNETES_SERVICE_HOST")["value"] = "10.96.0.1";
    assert.deepStrictEqual(
      proveRender(editable.render(), { ...first.plan, kubeProxyReplacement: false }),
      [],
    );
  });

  it("accept a list of API servers instead of the endpoint", () => {
    const [first] = recorded;
    assert.ok(first);
    const editable = new EditableRender(first.render);
    editable.config("k8s-api-server-urls", "https://10.250.250.20:6443 https://10.250.250.21:6443");
    const config = editable.container("cilium", "config");
    (config["command"] as string[]).push("--k8s-api-server-urls=https://10.250.250.20:6443");
    config["env"] = [];
    assert.deepStrictEqual(proveRender(editable.render(), first.plan), []);
  });

  it("read an empty field as none, as the API server does", () => {
    const [first] = recorded;
    assert.ok(first);
    assert.match(first.text, /annotations:\n/);
    assert.ok(!JSON.stringify(first.render.documents).includes("null"));
  });

  it("report of unreadable text only that, and where", () => {
    const [first] = recorded;
    assert.ok(first);
    const { findings } = readRender("a: b: c\n", first.plan);
    assert.deepStrictEqual(idsOf(findings), ["render/yaml-readable"]);
    assert.match(findings[0]?.problem ?? "", /line 1/);
  });

  it("report a character at which readers in Go end a line, and ours does not", () => {
    const [first] = recorded;
    assert.ok(first);
    const text = first.text.replace(/^ {2}debug: .*$/m, "$& # \u2028  debug-verbose: hunter2");
    const { findings } = readRender(text, first.plan);
    assert.deepStrictEqual(idsOf(findings), ["render/yaml-readable"]);
    assert.match(findings[0]?.problem ?? "", /line \d+: U\+2028 ends a line for some readers of YAML$/);
  });

  it("report a tag, of which readers in Go make something else", () => {
    const [first] = recorded;
    assert.ok(first);
    const text = first.text.replace(/^ {6}containers:$/m, "      containers: !!omap");
    assert.notEqual(text, first.text);
    const { findings } = readRender(text, first.plan);
    assert.ok(idsOf(findings).includes("render/yaml-readable"), JSON.stringify(findings));
    assert.match(
      findings[0]?.problem ?? "",
      /line \d+: a tag means something else to other readers of YAML$/,
    );
  });

  it("read a map of many keys with calls that grow with their number", async () => {
    const read = (count: number) => {
      const keys = Array.from({ length: count }, (_, i) => `  k${i}: v`).join("\n");
      return readManifest(
        `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata:\n${keys}\n  k7: w\n`,
      );
    };
    assert.deepEqual(read(5_000).errors, [
      { code: "DUPLICATE_KEY", line: 5_005, message: "Map keys must be unique", source: "k7" },
    ]);
    const [few, many] = [await callsOf(() => read(300)), await callsOf(() => read(3_000))];
    assert.ok(many < 11 * few, `${few} calls for 300 keys, ${many} for 3,000`);
  });

  it("report a duplicate key, and never its value", () => {
    const [first] = recorded;
    assert.ok(first);
    const text = first.text.replace(/^ {2}debug: .*$/m, "$&\n  debug: hunter2");
    const { findings } = readRender(text, first.plan);
    assert.match(findings[0]?.problem ?? "", /duplicate key: line \d+: debug$/);
    assert.ok(!JSON.stringify(findings).includes("hunter2"));
  });

  it("refuse a Secret that would stay in the ConfigMap because of how it is written", () => {
    const [first] = recorded;
    assert.ok(first);
    const block = "---\napiVersion: v1\nkind: Secret\nmetadata: { name: apart, namespace: kube-system }\n";
    const flow =
      '---\n{ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "left", "namespace": "kube-system" } }\n';
    const together = readRender(first.text + block, first.plan, first.text + block);
    assert.deepStrictEqual(together.findings, []);
    const left = readRender(first.text + block + flow, first.plan, first.text + block + flow);
    assert.deepStrictEqual(idsOf(left.findings), ["render/no-secrets"]);
  });
});
