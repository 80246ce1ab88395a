import assert from "node:assert";
import fc from "fast-check";
import type { KubernetesObject } from "../../model/kubernetes/object";
import { readStack } from "../../model/stack/read-stack";
import { separateSecrets } from "../../model/stack/secrets";
import { planCluster } from "../../model/plan/plan-cluster";
import { findingsOfRaw, goodStackNames, rawGoodStack } from "./fixtures";
import { type RawStack, rawCapi1 } from "./stacks";

/** Names that people choose: of hosts, pools, routers, peers, instances, load balancer pools. */
type Named = readonly { readonly name?: string; readonly peers?: Named }[];

function namesIn(raw: RawStack): readonly string[] {
  const bgp = (raw["bgp"] ?? {}) as Readonly<Record<string, Named | undefined>>;
  const lists = [raw["hosts"], raw["workers"], bgp["routers"], bgp["instances"], bgp["loadBalancerPools"]];
  const named = lists.flatMap((each) => (each ?? []) as Named);
  const peers = named.flatMap((each) => each.peers ?? []);
  return [...new Set([...named, ...peers].flatMap(({ name }) => name ?? []))];
}

/** Every value that is exactly one of the names becomes its new name. */
function renamed(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof value === "string") return names.get(value) ?? value;
  if (Array.isArray(value)) return value.map((each) => renamed(each, names));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, renamed(each, names)]));
}

function planOf(raw: RawStack, name: string) {
  const { stack } = readStack(separateSecrets(structuredClone(raw)).raw, name);
  assert.ok(stack !== undefined);
  return planCluster(stack);
}

const kindsOf = (objects: readonly KubernetesObject[]) => objects.map(({ kind }) => kind).sort();

const freshName = fc
  .stringMatching(/^[a-z][a-z0-9]{2,9}$/)
  // These mean something to Cluster API, to Kubernetes or to this program.
  .filter((name) => !["default", "master", "worker", "workers"].includes(name));

describe("a valid stack stays valid under renaming", () => {
  for (const good of ["capi-1", ...goodStackNames()]) {
    const raw = good === "capi-1" ? rawCapi1() : rawGoodStack(good);
    const old = namesIn(raw);
    it(`${good}: any names for the cluster and its ${old.length} hosts, pools, routers and peers`, () => {
      const before = planOf(raw, good);
      fc.assert(
        fc.property(
          fc.uniqueArray(freshName, { minLength: old.length + 1, maxLength: old.length + 1 }),
          ([cluster = "", ...fresh]) => {
            const names = new Map(old.map((name, i) => [name, fresh[i] ?? name]));
            const after = renamed(raw, names) as RawStack;
            assert.deepStrictEqual(findingsOfRaw(structuredClone(after), cluster), []);
            const plan = planOf(after, cluster);
            assert.deepStrictEqual(kindsOf(plan.hosts.hosts), kindsOf(before.hosts.hosts));
            assert.deepStrictEqual(kindsOf(plan.cluster.objects), kindsOf(before.cluster.objects));
            assert.strictEqual(plan.routers.length, before.routers.length);
          },
        ),
        { numRuns: 5 },
      );
    });
  }
});
