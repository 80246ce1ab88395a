import assert from "node:assert";
import fs from "node:fs";
import path from "node:path";
import { stringify } from "yaml";
import { judgeStack } from "../../model/checks/accept";
import type { Stack } from "../../model/stack/schema";
import { planCluster } from "../../model/plan/plan-cluster";
import { frrConfiguration } from "../../model/bgp/router/frr";
import { frrGrammar } from "../../model/bgp/router/frr-line";
import { mergeRouters } from "../../model/bgp/router/merge";
import type { RouterShare } from "../../model/bgp/router/router-share";
import { type Topology, topologies } from "./topologies";

const all = topologies();

describe("both halves of BGP", () => {
  it("have eight topologies", () => {
    assert.deepStrictEqual(
      all.map(({ name }) => name),
      [
        "dual-stack",
        "one-router",
        "route-reflectors",
        "three-stacks",
        "two-links",
        "two-racks",
        "two-tors",
        "unprivileged-port",
      ],
    );
  });

  for (const topology of all) {
    describe(topology.name, () => {
      // A warning fails no stack, and these files show topologies, not whole stacks.
      it("passes every check that refuses a stack", () => {
        const found = topology.stacks.flatMap((stack) => judgeStack(stack, "2026-11-25").findings);
        assert.deepStrictEqual(
          found.filter(({ severity }) => severity === "error"),
          [],
        );
        assert.deepStrictEqual(mergeRouters(sharesOf(topology)).findings, []);
      });

      for (const [file, text] of Object.entries(halves(topology))) {
        it(`is as ${file} shows`, () => compare(path.join(topology.folder, file), text));
      }

      it("has no file that nothing writes", () => {
        const expected = ["stack.yaml", ...Object.keys(halves(topology))].sort();
        assert.deepStrictEqual(fs.readdirSync(topology.folder).sort(), expected);
      });

      it("holds no password, and only lines of the grammar", () => {
        const texts = halves(topology);
        assert.ok(!JSON.stringify(texts).includes("throw-away"));
        for (const [file, text] of Object.entries(texts).filter(([name]) => name.endsWith(".conf"))) {
          for (const line of text.trimEnd().split("\n")) {
            assert.ok(
              frrGrammar.some((form) => form.test(line)),
              `${file}: ${line}`,
            );
          }
        }
      });
    });
  }
});

function sharesOf({ stacks }: Topology): readonly RouterShare[] {
  return stacks.flatMap((stack) => planCluster(stack).routers);
}

/** File name to text: the cluster's objects of each stack, and each router's configuration. */
function halves(topology: Topology): Readonly<Record<string, string>> {
  const clusters = topology.stacks.map((stack) => [
    topology.stacks.length === 1 ? "cluster.yaml" : `cluster-${stack.name}.yaml`,
    clusterHalf(stack),
  ]);
  const routers = mergeRouters(sharesOf(topology)).routers.map((router) => [
    `${router.name}.conf`,
    frrConfiguration(router),
  ]);
  return Object.fromEntries([...clusters, ...routers]) as Record<string, string>;
}

function clusterHalf(stack: Stack): string {
  const bgp = planCluster(stack).bgp;
  assert.ok(bgp);
  const overrides = bgp.nodeOverrides.map(({ host, manifest }) => ({
    ...manifest,
    metadata: { name: `[the node of ${host}]` },
  }));
  const secrets = bgp.secrets.map(({ manifest, secret }) => ({ ...manifest, stringData: secret }));
  return [...secrets, ...bgp.objects, ...overrides]
    .map((object) => stringify(object, { lineWidth: 0 }))
    .join("---\n");
}

function compare(file: string, actual: string): void {
  if (process.env["METAL_WRITE_GOLDEN"] === "1") fs.writeFileSync(file, actual);
  else assert.strictEqual(fs.readFileSync(file, "utf8"), actual, "run `npm run golden` and review the diff");
}
