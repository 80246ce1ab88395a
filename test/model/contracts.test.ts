import assert from "node:assert";
import fs from "node:fs";
import path from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
import { parse } from "yaml";
import type { Stack } from "../../model/stack/schema";
import { supportedVersions } from "../../model/stack/supported-versions";
import type { KubernetesObject } from "../../model/kubernetes/object";
import { planCluster } from "../../model/plan/plan-cluster";
import { topologies } from "../bgp/topologies";
import { goodStack, goodStackNames, shapeNames, shapeStack } from "./fixtures";
import { stackWith, stackWithEverything } from "./stacks";

const contracts = path.join(__dirname, "../../../shared/contracts");
const present = fs.existsSync(contracts);

/** Stacks that between them use every manifest that the plan can write. */
const stacks: Readonly<Record<string, Stack>> = {
  "capi-1": stackWith(),
  "every option in use": stackWithEverything(),
  ...Object.fromEntries(goodStackNames().map((name) => [`${name} of test/fixtures`, goodStack(name)])),
  ...Object.fromEntries(shapeNames().map((name) => [`${name} of test/stacks`, shapeStack(name)])),
  ...Object.fromEntries(
    topologies().flatMap(({ name, stacks: own }) =>
      own.map((stack) => [own.length === 1 ? name : `${name}, ${stack.name}`, stack]),
    ),
  ),
};

/** Folders of CRDs that are the same for both lines. */
const common = ["cluster-api-v", "cilium-v"];

/** Each supported line of Metal3, oldest first, with the folders of its CRDs. */
const lines = (["oldest", "newest"] as const).map((end) => {
  const { capm3, ipam, baremetalOperator } = supportedVersions;
  const folder = (name: string, { major, minor }: { major: number; minor: number }) =>
    `${name}-v${major}.${minor}.`;
  return {
    name: `CAPM3 and IPAM ${capm3[end].major}.${capm3[end].minor}, BMO ${baremetalOperator[end].major}.${baremetalOperator[end].minor}`,
    folders: [
      folder("cluster-api-provider-metal3", capm3[end]),
      folder("ip-address-manager", ipam[end]),
      folder("baremetal-operator", baremetalOperator[end]),
    ],
  };
});

for (const line of lines) {
  describe(`planned objects against the real CRDs of ${line.name}${present ? "" : " (left out: ../shared/contracts is not here)"}`, () => {
    if (present) acceptsWhatIsPlanned([...line.folders, ...common]);
  });
}

function acceptsWhatIsPlanned(folders: readonly string[]): void {
  const schemas = crdSchemas(folders);
  for (const [name, stack] of Object.entries(stacks)) {
    for (const object of customObjects(stack)) {
      it(`${name}: ${object.kind} ${object.metadata.name} has no unknown field`, () => {
        const validate = schemas.get(`${object.apiVersion}/${object.kind}`);
        assert.ok(validate, `no contract for ${object.apiVersion} ${object.kind}`);
        assert.ok(validate(object), JSON.stringify(validate.errors, undefined, 2));
      });
    }
  }

  it("notices an unknown field", () => {
    const [host] = planCluster(stackWith()).hosts.hosts;
    assert.ok(host);
    const validate = schemas.get("metal3.io/v1alpha1/BareMetalHost");
    assert.strictEqual(validate?.({ ...host, spec: { ...(host["spec"] as object), onlnie: true } }), false);
  });
}

function customObjects(stack: Stack): readonly KubernetesObject[] {
  const plan = planCluster(stack);
  return [
    plan.resourceSet.resourceSet,
    ...plan.hosts.hosts,
    ...plan.cluster.templates.map(({ manifest }) => manifest),
    ...plan.cluster.objects,
    plan.cluster.cluster,
    ...(plan.bgp?.objects ?? []),
    ...(plan.bgp?.nodeOverrides ?? []).map(({ host, manifest }) => ({
      ...manifest,
      metadata: { name: host },
    })),
  ];
}

/** The validators of all kinds in the folders whose names begin so; each beginning must have its folder. */
function crdSchemas(folders: readonly string[]): ReadonlyMap<string, ValidateFunction> {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  const found = new Map<string, ValidateFunction>();
  const there = fs.readdirSync(contracts);
  for (const beginning of folders) {
    const folder = there.find((name) => name.startsWith(beginning));
    assert.ok(folder, `no contracts in ${contracts}/${beginning}*`);
    const here = path.join(contracts, folder);
    for (const file of fs.readdirSync(here)) {
      const crd = parse(fs.readFileSync(path.join(here, file), "utf8")) as Crd;
      for (const version of crd.spec.versions) {
        const key = `${crd.spec.group}/${version.name}/${crd.spec.names.kind}`;
        found.set(key, ajv.compile(closed(version.schema.openAPIV3Schema) as object));
      }
    }
  }
  return found;
}

interface Crd {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: unknown };
    }[];
  };
}

/** The schema as strict field validation reads it: objects with known properties take no others. */
function closed(schema: unknown, top = true): unknown {
  if (Array.isArray(schema)) return schema.map((each) => closed(each, false));
  if (typeof schema !== "object" || schema === null) return schema;
  const entries = Object.entries(schema).map(([key, value]): [string, unknown] => {
    if (key === "properties") {
      const properties = Object.entries(value as object).map(([name, each]): [string, unknown] => [
        name,
        // Metadata is described elsewhere.
        top && name === "metadata" ? {} : closed(each, false),
      ]);
      return [key, Object.fromEntries(properties)];
    }
    return [
      key,
      ["items", "additionalProperties", "allOf", "anyOf", "oneOf"].includes(key)
        ? closed(value, false)
        : value,
    ];
  });
  const result = Object.fromEntries(entries);
  const open = "additionalProperties" in result || result["x-kubernetes-preserve-unknown-fields"] === true;
  return "properties" in result && !open ? { ...result, additionalProperties: false } : result;
}
