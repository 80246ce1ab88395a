import assert from "node:assert";
import fs from "node:fs";
import path from "node:path";
import Ajv from "ajv";
import { parse } from "yaml";
import { type ConfigurationKey, configurationKeys } from "../../model/stack/configuration-page";
import { stackFileJsonSchema } from "../../model/stack/json-schema";
import { readStack } from "../../model/stack/read-stack";
import { stackSchema } from "../../model/stack/schema";
import { separateSecrets } from "../../model/stack/secrets";
import { alternativesOf, fieldsOf, schemasAt } from "../../model/stack/walk";
import { field } from "../../model/kubernetes/object";
import { documents } from "../../ops/docs/check-pages";
import { goodStackNames } from "../model/fixtures";
import { exampleText } from "../ops/command-line";
import { parseStackFile } from "../../model/stack/source/stack-file";

const root = path.join(__dirname, "../..");
const keys = configurationKeys();

describe("the stack's schema", () => {
  it("describes every key in one sentence", () => {
    const undescribed = keys.filter(({ sentence }) => !/^\S.*[.]$/.test(sentence) || sentence.length > 160);
    assert.deepStrictEqual(
      undescribed.map(({ at }) => at),
      [],
    );
    assert.ok(keys.length > 150);
  });

  it("says the unit of every number that has one", () => {
    const known = new Map(keys.map((key) => [key.at, key]));
    const unit = (at: string): string => (known.get(at) as ConfigurationKey).unit;
    assert.deepStrictEqual(
      [
        "timeouts.ready",
        "controlPlane.drainTimeoutSeconds",
        "hosts[].bonds[].miimon",
        "hosts[].links[].mtu",
      ].map(unit),
      ["minutes", "seconds", "milliseconds", "bytes"],
    );
  });

  for (const file of ["docs/stack.schema.json", "docs/configuration.md"]) {
    it(`is what ${file} says (npm run docs writes it)`, () => {
      assert.strictEqual(fs.readFileSync(path.join(root, file), "utf8"), documents[file]?.());
    });
  }
});

describe("the JSON Schema for editors", () => {
  const validate = new Ajv({ strict: false }).compile(stackFileJsonSchema());
  const refusal = (change: (config: Record<string, unknown>) => void): readonly string[] => {
    const file = parse(exampleText) as { config: Record<string, unknown> };
    change(file.config);
    return validate(file)
      ? []
      : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ""}`);
  };

  it("accepts the example, which names it for editors", () => {
    assert.deepStrictEqual(
      refusal(() => undefined),
      [],
    );
    assert.match(exampleText, /^# yaml-language-server: \$schema=docs\/stack\.schema\.json$/m);
  });

  for (const name of goodStackNames()) {
    it(`accepts ${name}`, () => {
      assert.ok(
        validate(parse(fs.readFileSync(path.join(root, "test/fixtures/good", `${name}.yaml`), "utf8"))),
      );
    });
  }

  it("accepts keys of providers", () => {
    assert.deepStrictEqual(
      refusal((config) => (config["kubernetes:strictMode"] = true)),
      [],
    );
  });

  for (const [what, change] of Object.entries<(config: Record<string, unknown>) => void>({
    "an unknown first key": (config) => (config["metal:hostz"] = []),
    "an unknown key inside a list": (config) =>
      (((config["metal:hosts"] as Record<string, unknown>[])[1] ??= {})["adress"] = "x"),
    "a password in plain text": (config) =>
      (config["metal:bmc"] = { username: "metal", password: "hunter22" }),
    "a missing key": (config) => delete config["metal:image"],
    "a version as a number": (config) => (config["metal:cilium"] = { version: 1.2 }),
  })) {
    it(`refuses ${what}`, () => assert.notDeepStrictEqual(refusal(change), []));
  }
});

describe("a misspelt key", () => {
  const raw = parseStackFile({ name: "a", text: exampleText }).raw;

  it("is refused with the nearest real key, at any depth", () => {
    let tried = 0;
    for (const { path: place, key } of schemaKeys(raw, [])) {
      const wrong = `${key.slice(0, -2)}${key.slice(-1)}${key.slice(-2, -1)}x`;
      const changed = structuredClone(raw) as Record<string, unknown>;
      const holder = (place.length === 0 ? changed : field(changed, ...place)) as Record<string, unknown>;
      holder[wrong] = holder[key];
      delete holder[key];
      const found = (readStack(separateSecrets(changed).raw, "a").findings ?? []).filter(
        ({ id }) => id === "config/key-known",
      );
      assert.deepStrictEqual(
        found.map(({ problem, fix }) => ({ problem, fix })),
        [{ problem: `unknown key "${wrong}"`, fix: `did you mean "${key}"?` }],
        [...place, key].join("."),
      );
      tried++;
    }
    assert.ok(tried > 40, `${tried}`);
  });

  it("is told apart from a key that is nothing like ours", () => {
    const { findings = [] } = readStack(
      { ...raw, image: { ...(raw["image"] as object), colour: "red" } },
      "a",
    );
    assert.match(findings[0]?.fix ?? "", /^remove it; the keys here are url, checksum, /);
  });
});

/** Every key of a raw stack that the schema knows, long enough to be misspelt and still be recognised. */
function schemaKeys(
  value: unknown,
  place: readonly (string | number)[],
): { readonly path: readonly (string | number)[]; readonly key: string }[] {
  if (Array.isArray(value)) return value.slice(0, 1).flatMap((item, i) => schemaKeys(item, [...place, i]));
  if (typeof value !== "object" || value === null) return [];
  const known = schemasAt(stackSchema, place)
    .flatMap(alternativesOf)
    .flatMap((schema) => [...fieldsOf(schema).keys()]);
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(known.includes(key) && key.length > 4 ? [{ path: place, key }] : []),
    ...schemaKeys(inner, [...place, key]),
  ]);
}
