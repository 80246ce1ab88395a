import assert from "node:assert";
import fs from "node:fs";
import path from "node:path";
import type { Stack } from "../../model/stack/schema";
import { supportedVersions } from "../../model/stack/supported-versions";
import type { KubernetesObject } from "../../model/kubernetes/object";
import { planCluster } from "../../model/plan/plan-cluster";
import { topologies } from "../bgp/topologies";
import { crdSchemas } from "./crd-schemas";
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
  const schemas = crdSchemas(folders.map(folderOf));
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

/** The folder whose name begins so. */
function folderOf(beginning: string): string {
  const folder = fs.readdirSync(contracts).find((name) => name.startsWith(beginning));
  assert.ok(folder, `no contracts in ${contracts}/${beginning}*`);
  return path.join(contracts, folder);
}

// The CRD of L2 announcements is not among the contracts: test/lab/cilium-crds.test.ts reads it from Cilium's module.
function customObjects(stack: Stack): readonly KubernetesObject[] {
  const plan = planCluster(stack);
  return [
    plan.resourceSet.resourceSet,
    ...plan.hosts.hosts,
    ...plan.cluster.templates.map(({ manifest }) => manifest),
    ...plan.cluster.objects,
    plan.cluster.cluster,
    ...(plan.bgp?.objects ?? []),
    ...(plan.loadBalancer?.objects ?? []).filter(({ kind }) => kind !== "CiliumL2AnnouncementPolicy"),
    ...(plan.bgp?.nodeOverrides ?? []).map(({ host, manifest }) => ({
      ...manifest,
      metadata: { name: host },
    })),
  ];
}
