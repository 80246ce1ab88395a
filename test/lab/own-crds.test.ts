import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { ownKinds } from "../../lab/management/definitions";
import { type Kind, type Schema, definitionOf } from "../../lab/crds/schema";
import { field, list, text } from "../../model/kubernetes/object";

const contracts = path.join(__dirname, "..", "..", "..", "shared", "contracts");
/** The folders of both supported lines, oldest first: what either refuses, the lab refuses. */
const folders = [
  "cluster-api-provider-metal3-v1.13.2",
  "cluster-api-provider-metal3-v1.14.0-rc.0",
  "ip-address-manager-v1.13.2",
  "ip-address-manager-v1.14.0-rc.0",
];
const present = fs.existsSync(contracts);

/** Every difference that would let the lab accept what the real CRD refuses, or the other way round. */
function differences(ours: Schema, theirs: unknown, place: string): string[] {
  if (theirs === undefined) return [`${place}: not in the contract`];
  const found: string[] = [];
  for (const key of ["type", "enum", "format", "minimum", "maximum", "default"] as const) {
    const [a, b] = [ours[key], field(theirs, key)];
    if (JSON.stringify(a) !== JSON.stringify(b))
      found.push(`${place}: ${key} ${JSON.stringify(a)} is ${JSON.stringify(b)}`);
  }
  for (const key of [
    "x-kubernetes-list-type",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-map-type",
  ] as const) {
    if (ours[key] !== undefined && JSON.stringify(ours[key]) !== JSON.stringify(field(theirs, key))) {
      found.push(`${place}: ${key} differs`);
    }
  }
  const [mine, real] = [ours.required ?? [], list(theirs, "required")].map((names) =>
    [...names].sort().join(" "),
  );
  if (ours.properties !== undefined && mine !== real) found.push(`${place}: required "${mine}" is "${real}"`);
  for (const [name, child] of Object.entries(ours.properties ?? {})) {
    found.push(...differences(child, field(theirs, "properties", name), `${place}.${name}`));
  }
  if (ours.items !== undefined) found.push(...differences(ours.items, field(theirs, "items"), `${place}[]`));
  if (ours.additionalProperties !== undefined) {
    const theirValue = field(theirs, "additionalProperties");
    if (text(theirValue, "type") !== ours.additionalProperties.type) found.push(`${place}{}: type differs`);
  }
  return found;
}

/** The contract of a kind in each line that has it. */
function contractsOf(kind: Kind): readonly unknown[] {
  const files = folders
    .map((folder) => path.join(contracts, folder, `${kind.group}_${kind.plural}.yaml`))
    .filter((file) => fs.existsSync(file));
  assert.equal(files.length, 2, `${kind.plural} has no contract in one of the lines`);
  return files.map((file) => parse(fs.readFileSync(file, "utf8")) as unknown);
}

/** Two schemas as one that takes only what both take, as far as their fields and required fields go. */
function strictest(a: unknown, b: unknown): unknown {
  if (a === undefined || b === undefined) return undefined;
  if (typeof a !== "object" || a === null || Array.isArray(a)) return a;
  const required = [...new Set([...list(a, "required"), ...list(b, "required")])];
  const merged = Object.fromEntries(
    Object.entries(a).map(([key, value]) => [
      key,
      ["items", "additionalProperties"].includes(key) ? strictest(value, field(b, key)) : (value as unknown),
    ]),
  );
  const properties = field(a, "properties");
  if (properties === undefined) return { ...merged, ...(required.length === 0 ? {} : { required }) };
  return {
    ...merged,
    required,
    properties: Object.fromEntries(
      Object.entries(properties as object).map(([name, value]) => [
        name,
        strictest(value, field(b, "properties", name)),
      ]),
    ),
  };
}

describe(`our own CRDs${present ? "" : " (skipped: ../shared/contracts is not here)"}`, () => {
  for (const kind of present ? ownKinds : []) {
    it(`${kind.kind} declares only what the real one has, with the same types`, () => {
      const both = contractsOf(kind);
      const versions = both.map((contract) =>
        list(contract, "spec", "versions").find((each) => text(each, "name") === kind.version),
      );
      const [contract] = both;
      const [oldest, newest] = versions.map((version) => field(version, "schema", "openAPIV3Schema"));
      const properties = field(strictest(oldest, newest), "properties");
      const statusIsApart = field(versions[0], "subresources", "status") !== undefined;
      assert.equal(kind.status !== undefined, statusIsApart, "status subresource");
      assert.equal(text(contract, "spec", "names", "kind"), kind.kind);
      assert.deepEqual(
        [
          ...differences(kind.spec, field(properties, "spec"), "spec"),
          ...(kind.status === undefined
            ? []
            : differences(kind.status, field(properties, "status"), "status")),
        ],
        [],
      );
    });
  }

  it("serve and store the version that the program writes, and the infrastructure's older one as upstream does", () => {
    for (const kind of ownKinds) {
      const definition = definitionOf(kind);
      const versions = list(definition, "spec", "versions").map((version) => [
        text(version, "name"),
        field(version, "served"),
        field(version, "storage"),
        field(version, "deprecated"),
      ]);
      const infrastructure = kind.group === "infrastructure.cluster.x-k8s.io";
      assert.deepEqual(versions, [
        ...(infrastructure ? [["v1beta1", true, false, true]] : []),
        [infrastructure ? "v1beta2" : "v1alpha1", true, true, undefined],
      ]);
      // The address manager's definitions carry no contract that we write, and nothing requires one.
      const label = field(definition, "metadata", "labels", "cluster.x-k8s.io/v1beta2");
      assert.equal(label, infrastructure ? "v1beta2" : undefined, kind.kind);
    }
  });

  it("preserve no unknown fields anywhere", () => {
    assert.doesNotMatch(JSON.stringify(ownKinds), /preserve-unknown/);
  });
});
