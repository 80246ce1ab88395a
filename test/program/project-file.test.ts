import assert from "node:assert";
import fs from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { readStack } from "../../model/stack/read-stack";
import { stackSchema } from "../../model/stack/schema";

const root = path.join(__dirname, "../..");
const yaml = (file: string) =>
  parse(fs.readFileSync(path.join(root, file), "utf8")) as Record<string, unknown>;

interface Declared {
  readonly description?: string;
  readonly default?: unknown;
}

describe("Pulumi.yaml", () => {
  const declared = new Map(
    Object.entries(yaml("Pulumi.yaml")["config"] as Record<string, Declared>)
      .filter(([key]) => key.startsWith("metal:"))
      .map(([key, value]) => [key.slice("metal:".length), value]),
  );

  it("describes every key of a stack file; those that may be left out without a default cannot be declared", () => {
    assert.deepStrictEqual(
      [...declared.keys(), "name", "bgp", "loadBalancer"].sort(),
      Object.keys(stackSchema.shape).sort(),
    );
    for (const [key, { description }] of declared) assert.ok((description ?? "").length > 10, key);
  });

  it("has defaults that mean the same as leaving the key out", () => {
    const config = yaml("Pulumi.capi-1.yaml")["config"] as Record<string, unknown>;
    const given = new Map(Object.entries(config).map(([key, value]) => [key.slice("metal:".length), value]));
    given.set("bmc", { username: "u", password: "p" });
    const optional = [...declared].filter(([, value]) => value.default !== undefined);
    assert.ok(optional.length > 5);
    for (const [key, value] of optional.filter(([name]) => name !== "bmc")) {
      const absent = new Map(given);
      absent.delete(key);
      const defaulted = new Map(given).set(key, value.default);
      assert.deepStrictEqual(
        readStack(Object.fromEntries(defaulted), "capi-1"),
        readStack(Object.fromEntries(absent), "capi-1"),
        key,
      );
    }
  });
});
