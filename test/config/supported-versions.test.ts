import assert from "node:assert";
import fs from "node:fs";
import path from "node:path";
import { supportedVersions } from "../../model/stack/supported-versions";
import { judgeVersions, providers } from "../../model/live/preflight/providers";

const root = path.join(__dirname, "../..");

/** Deployments of all providers, each with the version that is named for it. */
const installed = (tag: (name: string) => string) => ({
  inventory: [],
  deployments: providers.map(({ image }) => ({
    apiVersion: "apps/v1" as const,
    kind: "Deployment" as const,
    metadata: { name: image, namespace: "system" },
    spec: {
      template: { spec: { containers: [{ name: "manager", image: `example.com/${image}:${tag(image)}` }] } },
    },
  })),
});
const metal3 = (capm3: string, operator: string) => (image: string) =>
  image === "baremetal-operator" ? operator : capm3;

describe("supported versions", () => {
  it("are those of package.json", () => {
    const { engines, dependencies } = JSON.parse(
      fs.readFileSync(path.join(root, "package.json"), "utf8"),
    ) as {
      engines: { node: string };
      dependencies: Record<string, string>;
    };
    assert.strictEqual(engines.node, `>=${supportedVersions.node.oldest}`);
    assert.strictEqual(dependencies["@pulumi/pulumi"], supportedVersions.pulumi.oldest);
  });

  it("pass the preflight in both lines of Metal3", () => {
    for (const tags of [metal3("v1.13.2", "v0.13.2"), metal3("v1.14.0-rc.0", "v0.14.0-rc.0")]) {
      assert.deepStrictEqual(judgeVersions(installed(tags)).problems, []);
    }
  });

  it("end where nothing was tried: an older minor is an error, a newer one a warning", () => {
    const severities = (tags: (name: string) => string) => [
      ...new Set(judgeVersions(installed(tags)).problems.map(({ severity = "error" }) => severity)),
    ];
    assert.deepStrictEqual(severities(metal3("v1.12.7", "v0.12.3")), ["error"]);
    assert.deepStrictEqual(severities(metal3("v1.15.0", "v0.15.0")), ["warning"]);
  });

  it("stand nowhere else in the README", () => {
    const readme = fs.readFileSync(path.join(root, "README.md"), "utf8");
    const outside = readme.replace(/<!-- supported versions[^]*?<!-- end of supported versions -->/, "");
    assert.doesNotMatch(outside, /\b(1\.1[34]|0\.1[34]|3\.248|20\.19|0\.19\.\d)\b/);
  });
});
