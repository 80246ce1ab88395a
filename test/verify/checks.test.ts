import assert from "node:assert/strict";
import { type Verdict, isError, verdictOf } from "../../model/live/preflight/check-result";
import type { Running } from "../../model/live/verify/check";
import { verifyChecks } from "../../model/live/verify/checks";
import { bgpObjects } from "../../ops/verify/read-running";
import { healthyRunning, healthyWorld, plan, snapshotOf } from "./healthy";
import { breaks } from "./breaks";

const verdictsOf = (running: Running): readonly Verdict[] =>
  verifyChecks.map((check) => verdictOf(check, check.judge(running)));
const broken = (verdicts: readonly Verdict[]) =>
  verdicts.filter(({ findings }) => findings.length > 0).map(({ id }) => id);

describe("verify on a cluster that is well", () => {
  it("holds everywhere, and each check says what it looked at", () => {
    const verdicts = verdictsOf(healthyRunning());
    assert.deepEqual(
      verdicts.flatMap(({ findings }) => findings),
      [],
    );
    assert.deepEqual(
      verdicts.filter(({ outcome }) => outcome !== "holds"),
      [],
    );
    for (const { id, checked } of verdicts) assert.ok(checked.length > 5, `${id}: "${checked}"`);
  });

  it("cannot tell what needs a cluster that does not answer, and says why", () => {
    const running = healthyRunning();
    const snapshot = {
      ...running.snapshot,
      workload: { ...running.snapshot.workload, trouble: { since: 0, message: "cut off" } },
    };
    const verdicts = verdictsOf({
      ...running,
      snapshot,
      cilium: { why: "cut off" },
      bgp: { why: "cut off" },
    });
    const unknown = verdicts.filter(({ outcome }) => outcome === "unknown");
    assert.ok(unknown.length > 12, String(unknown.length));
    for (const { unknown: why } of unknown) assert.deepEqual(why, ["cut off"]);
    assert.deepEqual(broken(verdicts), []);
  });
});

describe("the settings of a node that verify expects", () => {
  it("are those of this cluster's machine, of no other claim on the host", () => {
    const { bgp } = plan;
    assert.ok(bgp);
    const manifest = {
      apiVersion: "cilium.io/v2",
      kind: "CiliumBGPNodeConfigOverride",
      metadata: { name: "capi-1-w-1" },
      spec: { bgpInstances: [] },
    } as unknown as (typeof bgp.nodeOverrides)[number]["manifest"];
    const withOverride = {
      ...plan,
      bgp: { ...bgp, secrets: [], objects: [], nodeOverrides: [{ host: "capi-1-w-1", manifest }] },
    };
    const namesWith = (change: object) => {
      const world = healthyWorld();
      const { spec } = world.management.hosts[3] ?? assert.fail();
      spec["consumerRef"] = { ...(spec["consumerRef"] as object), ...change };
      return bgpObjects(withOverride, snapshotOf(world)).map(({ metadata }) => metadata.name);
    };
    assert.deepEqual(namesWith({}), ["node-23"]);
    assert.deepEqual(namesWith({ kind: "Cluster", name: "capi-1" }), []);
    assert.deepEqual(namesWith({ namespace: "elsewhere" }), []);
  });
});

describe("verify finds, alone or with its echoes,", () => {
  for (const { id } of verifyChecks) {
    for (const { what, says, world: change, running: alter, echoes = [], warning } of breaks[id] ?? []) {
      it(`${id}: ${what}`, () => {
        const world = healthyWorld();
        change?.(world);
        const running = healthyRunning(world);
        const verdicts = verdictsOf(alter?.(running) ?? running);
        assert.deepEqual(new Set(broken(verdicts)), new Set([id, ...echoes]));
        const findings = verdicts.find((verdict) => verdict.id === id)?.findings ?? [];
        assert.match(`${findings[0]?.at ?? ""}: ${findings[0]?.problem ?? ""}`, says);
        assert.equal(findings.some(isError), warning !== true);
        for (const { fix } of findings) assert.ok(fix.length > 8, fix);
      });
    }
  }

  it("each of the checks at least one mistake", () => {
    assert.deepEqual(
      verifyChecks.map(({ id }) => id).filter((id) => (breaks[id] ?? []).length === 0),
      [],
    );
  });
});
