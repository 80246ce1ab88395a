import assert from "node:assert";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { ciliumRenderOf } from "./recorded-render";
import { AgreeableApi, type ProgramRun, configure, runProgram } from "./run-program";

const stackFile = path.join(__dirname, "../../Pulumi.capi-1.yaml");
const privateKey = "c2VjcmV0IGtleQ==";
const document = `---
apiVersion: v1
kind: Secret
metadata: { name: hubble-server-certs, namespace: kube-system }
type: kubernetes.io/tls
data: { tls.key: ${privateKey} }
`;
const withSecret = () => `${ciliumRenderOf()}${document}`;
const secretSignature = "4dabf18193072939515e22adb298388d";

describe("a render that holds Secrets", () => {
  const api = new AgreeableApi();
  let kubeconfig = "";
  before(async () => {
    kubeconfig = await api.listen();
  });
  after(() => api.stop());

  const hubble = { tls: { auto: { enabled: false }, server: { cert: "Y2VydA==", key: privateKey } } };
  const run = async (preview: boolean, render: () => string): Promise<ProgramRun> => {
    configure(stackFile, kubeconfig, (config) => {
      config["metal:cilium"] = { ...(config["metal:cilium"] as object), values: { hubble } };
    });
    process.env["PULUMI_CONFIG_SECRET_KEYS"] = JSON.stringify(["metal:bmc", "metal:cilium"]);
    return runProgram(preview, render);
  };
  const inputsOf = ({ resources }: ProgramRun, name: string, type: RegExp) =>
    resources.find((resource) => resource.name === name && type.test(resource.type))?.inputs as
      Record<string, unknown> | undefined;

  for (const preview of [true, false]) {
    it(`sends them in a Secret of the resource set's type, ${preview ? "in a preview" : "in an update"}`, async () => {
      const made = await run(preview, withSecret);
      const payload = inputsOf(made, "Secret/capi-1-cilium", /core\/v1:Secret/);
      assert.strictEqual(payload?.["type"], "addons.cluster.x-k8s.io/resource-set");
      const set = inputsOf(made, "ClusterResourceSet/capi-1-cilium", /./);
      assert.deepStrictEqual((set?.["spec"] as Record<string, unknown>)["resources"], [
        { kind: "ConfigMap", name: "capi-1-cilium" },
        { kind: "Secret", name: "capi-1-cilium" },
      ]);
      const configMap = inputsOf(made, "ConfigMap/capi-1-cilium", /ConfigMap/);
      assert.strictEqual((configMap?.["data"] as Record<string, string>)["cilium.yaml"], ciliumRenderOf());
      const wait = String(inputsOf(made, "ready", /Command/)?.["stdin"]);
      assert.match(wait, /"kind":"Secret","name":"capi-1-cilium"/);
    });
  }

  it("keeps the private key a Pulumi secret wherever it goes", async () => {
    const { resources, outputs } = await run(false, withSecret);
    assert.ok(!JSON.stringify([bare(resources), outputs]).includes(privateKey));
    const holders = resources.filter((resource) => JSON.stringify(resource).includes(privateKey));
    assert.deepStrictEqual(holders.map(({ name }) => name).sort(), [
      "Secret/capi-1-cilium",
      "Secret/kube-system/hubble-server-certs",
      "cilium",
    ]);
  });

  it("is refused when the Secrets are new at every render, without a word of them", async () => {
    let renders = 0;
    const unstable = () => withSecret().replace(privateKey, `${(renders += 1)}000`);
    await assert.rejects(run(true, unstable), (error: Error) => {
      assert.match(error.message, /render\/no-secrets/);
      assert.ok(!error.message.includes("1000"));
      return true;
    });
  });

  it("is refused when a value is encrypted that is no secret, or a copy of one, without a word of it", async () => {
    const secure = "v1:1bUX+Civ4sVFE6Wg:OBPieFvVw6eq78HdytDXtgMByzP46fGXp2RpElRQ4aPsqq6312GRTQ==";
    const inFolder = process.cwd();
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "metal-program-"));
    const text = fs
      .readFileSync(stackFile, "utf8")
      .replace("- name: capi-1-w-1\n", `- name: capi-1-w-1\n      description: { secure: ${secure} }\n`);
    assert.ok(text.includes("description: { secure"));
    fs.writeFileSync(path.join(folder, "Pulumi.capi-1.yaml"), text);
    configure(stackFile, kubeconfig, (config) => {
      (config["metal:hosts"] as Record<string, unknown>[])[3]!["description"] = "PLANTED";
    });
    process.env["PULUMI_CONFIG_SECRET_KEYS"] = JSON.stringify(["metal:bmc", "metal:hosts"]);
    process.chdir(folder);
    try {
      await assert.rejects(runProgram(true, ciliumRenderOf), (error: Error) => {
        assert.match(error.message, /error\[secrets\/only-secrets\].*\n {2}--> .*hosts\[3\]\.description/);
        assert.match(error.message, /error\[secrets\/encrypted-once\]: .* copy of the one at bmc\.password/);
        assert.ok(!error.message.includes("PLANTED") && !error.message.includes(secure));
        return true;
      });
    } finally {
      process.chdir(inFolder);
    }
  });

  it("is refused when the private key stands in the stack file in plain text", async () => {
    configure(stackFile, kubeconfig, (config) => {
      config["metal:cilium"] = { values: { hubble } };
    });
    process.env["PULUMI_CONFIG_SECRET_KEYS"] = JSON.stringify(["metal:bmc"]);
    await assert.rejects(runProgram(true, withSecret), (error: Error) => {
      assert.match(
        error.message,
        /error\[secrets\/encrypted\].*\n {2}--> .*cilium\.values\.hubble\.tls\.server\.key/,
      );
      assert.ok(!error.message.includes(privateKey));
      return true;
    });
  });
});

/** What is not wrapped as a secret. */
function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare);
  if (typeof value !== "object" || value === null) return value;
  if (secretSignature in value) return "[secret]";
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, bare(inner)]));
}
