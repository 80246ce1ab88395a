import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { ownKinds } from "../../lab/crds";
import type { Kind, Schema } from "../../lab/crds/schema";
import { field, list, text } from "../../model/kubernetes/object";

const contracts = path.join(__dirname, "..", "..", "..", "shared", "contracts");
const folders = ["cluster-api-provider-metal3-v1.14.0-rc.0", "ip-address-manager-v1.14.0-rc.0"];
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

function contractOf(kind: Kind): unknown {
  const file = folders
    .map((folder) => path.join(contracts, folder, `${kind.group}_${kind.plural}.yaml`))
    .find(fs.existsSync);
  assert.ok(file !== undefined, `${kind.plural} has no contract`);
  return parse(fs.readFileSync(file, "utf8"));
}

describe(`our own CRDs${present ? "" : " (skipped: ../shared/contracts is not here)"}`, () => {
  for (const kind of present ? ownKinds : []) {
    it(`${kind.kind} declares only what the real one has, with the same types`, () => {
      const contract = contractOf(kind);
      const version = list(contract, "spec", "versions").find((each) => text(each, "name") === kind.version);
      const properties = field(version, "schema", "openAPIV3Schema", "properties");
      const statusIsApart = field(version, "subresources", "status") !== undefined;
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

  it("preserve no unknown fields anywhere", () => {
    assert.doesNotMatch(JSON.stringify(ownKinds), /preserve-unknown/);
  });
});
