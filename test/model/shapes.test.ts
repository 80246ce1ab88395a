import assert from "node:assert";
import fs from "node:fs";
import path from "node:path";
import { stringify } from "yaml";
import { planCluster } from "../../model/plan/plan-cluster";
import type { ClusterPlan, PlannedSecret } from "../../model/plan/plan";
import { shapeNames, shapeStack } from "./fixtures";

const golden = path.join(__dirname, "../golden/shapes");

/** What a plan holds of each part, as a reviewer reads it; values of secrets are named by their place in the stack file. */
const parts: Readonly<Record<string, (plan: ClusterPlan) => readonly object[]>> = {
  hosts: ({ hosts }) => [...hosts.hosts, ...hosts.secrets.map(readable)],
  cluster: ({ cluster }) => [
    ...cluster.templates.map(({ manifest }) => manifest),
    ...cluster.objects,
    cluster.cluster,
  ],
  cilium: ({ cilium, bgp, loadBalancer }) => [
    { values: cilium.values },
    ...(loadBalancer?.objects ?? []),
    ...(bgp?.objects ?? []),
    ...(bgp?.nodeOverrides ?? []),
  ],
  routers: ({ routerConfigurations }) =>
    Object.keys(routerConfigurations).length === 0 ? [] : [routerConfigurations],
};

function readable({ manifest, text, secret, copyOf }: PlannedSecret): object {
  const { networkData, ...rest } = text;
  return {
    ...manifest,
    text: {
      ...rest,
      ...(networkData === undefined ? {} : { networkData: JSON.parse(networkData) as object }),
    },
    secret,
    ...(copyOf === undefined ? {} : { copyOf }),
  };
}

describe("the shapes of clusters in test/stacks", () => {
  for (const name of shapeNames()) {
    for (const [part, objects] of Object.entries(parts)) {
      it(`${name}: ${part} are as test/golden/shapes/${name}/${part}.yaml shows`, () => {
        const text = objects(planCluster(shapeStack(name)))
          .map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false }))
          .join("---\n");
        compare(path.join(golden, name, `${part}.yaml`), text);
      });
    }
  }

  it("have no golden file that nothing writes", () => {
    assert.deepStrictEqual(fs.readdirSync(golden).sort(), shapeNames());
  });
});

/** Compares with a golden file, or writes it; a part without objects has none. */
function compare(file: string, text: string): void {
  const isThere = fs.existsSync(file);
  if (process.env["METAL_WRITE_GOLDEN"] === "1") {
    if (text !== "") {
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, text);
    } else if (isThere) fs.rmSync(file);
    return;
  }
  assert.strictEqual(
    isThere ? fs.readFileSync(file, "utf8") : "",
    text,
    "run `npm run golden` and review the diff",
  );
}
