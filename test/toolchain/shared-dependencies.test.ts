import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";

const modules = ["kubernetes", "cluster-api", "helm", "kwok"] as const;

/** The API server keeps its own releases of these, which decide what it accepts and stores. */
const ownOfKubernetes = /^(cel\.dev\/expr|github\.com\/google\/cel-go|github\.com\/antlr4-go|go\.etcd\.io\/)/;

/** Version of each required module; a replacement counts as the version that it names. */
function versionsOf(module: string): ReadonlyMap<string, string> {
  const file = path.join(__dirname, "../../lab/toolchain", module, "go.mod");
  const text = fs.readFileSync(file, "utf8");
  const required = text.matchAll(/^(?:require)?\s+([\w./~-]+\.[\w./~-]+) (v[1-9]\S*|v0\.(?!0\.0$)\S*)/gm);
  const replaced = text.matchAll(/^(?:replace)?\s*([\w./~-]+\.[\w./~-]+) => \S+ (v\S+)/gm);
  return new Map([...required, ...replaced].map(([, name = "", version = ""]) => [name, version]));
}

describe("the lab's Go modules", () => {
  it("name one version of each dependency that they share, so that it is compiled once", () => {
    const versions = new Map<string, Set<string>>();
    for (const module of modules) {
      for (const [name, version] of versionsOf(module)) {
        if (module === "kubernetes" && ownOfKubernetes.test(name)) continue;
        versions.set(name, (versions.get(name) ?? new Set()).add(version));
      }
    }
    assert.ok(versions.size > 100, `only ${versions.size} requirements were read`);
    const several = [...versions].filter(([, found]) => found.size > 1).map(([name]) => name);
    assert.deepEqual(several, []);
  });
});
