import assert from "node:assert/strict";
import { judge } from "../../model/checks/accept";
import { runChecks } from "../../model/checks";
import { defineCheck } from "../../model/checks/check";
import type { Finding } from "../../model/findings/finding";
import type { Stack } from "../../model/stack/schema";
import { callsOf } from "../work";
import { longLineReport, mistakes } from "./many-mistakes";
import { stackWith } from "./stacks";

/** A stack with so many mistakes of a kind. */
function stackOf(kind: string, count: number): Stack {
  return stackWith((raw) => Object.assign(raw, mistakes[kind]?.(count)));
}

/** How often each rule finds something in it. */
function found(stack: Stack): ReadonlyMap<string, number> {
  const { findings, waiting } = runChecks(stack);
  assert.deepEqual(waiting, []);
  const counts = new Map<string, number>();
  for (const { id } of findings) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

/** `npm run bench:growth` measures the time of the same stacks, also of what is no call. */
describe("checks of a stack with many mistakes", () => {
  const count = 500;
  const times = 10;
  const rows: readonly (readonly [kind: string, id: string, least: number, mostTimes?: number])[] = [
    ["hosts with the MAC addresses and BMCs of others", "bmc/address-not-a-machines", count],
    // Every block is looked up for every announcement: of both there are few.
    ["address pools that nodes announce", "load-balancer/pools-in-node-networks", count / 10, 40],
    ["pools of workers", "pools/labels-wellformed", count],
    ["listen ranges of one router", "bgp/groups-distinct", 19],
    ["equal load balancer pools", "net/cidrs-disjoint", count - 1],
    ["load balancer pools for each of many peers", "bgp/aggregation-within-pool", count],
    ["peers on one router", "bgp/groups-distinct", count - 1],
    // An unknown name is compared with up to 500 others.
    ["peers without a router", "bgp/router-exists", count, 40],
    ["instances on the same nodes", "bgp/nodes-selected-once", count - 1],
    ["settings of nodes", "bgp/override-host-exists", count / 2],
    ["links of one host", "links/bond-members-exist", count],
  ];
  for (const [kind, id, least, mostTimes = times + 2] of rows) {
    it(`${kind}: calls that grow with their number, and findings`, async () => {
      const few = await callsOf(() => found(stackOf(kind, count / times)));
      let counts = new Map<string, number>() as ReadonlyMap<string, number>;
      const many = await callsOf(() => (counts = found(stackOf(kind, count))));
      assert.ok((counts.get(id) ?? 0) >= least, JSON.stringify([...counts]));
      const total = [...counts.values()].reduce((sum, each) => sum + each, 0);
      assert.ok(total < 20 * count, JSON.stringify([...counts]));
      assert.ok(many < mostTimes * few, `${many} calls for ${count}, ${few} for ${count / times}`);
    });
  }

  it("200,000 findings of one check", () => {
    const stack = stackWith((raw) => {
      const bgp = raw["bgp"] as { instances: { peers: { advertise?: object }[] }[] };
      const standard = Array.from({ length: 200_000 }, () => "x");
      for (const peer of bgp.instances[0]?.peers ?? [])
        peer.advertise = { ...peer.advertise, attributes: { communities: { standard } } };
    });
    assert.ok(runChecks(stack).findings.length >= 200_000);
  });

  it("200,000 findings and 20,000 acceptances", () => {
    const check = defineCheck({ id: "a/b", summary: "A.", why: "a", run: () => [] });
    const findings = Array.from({ length: 200_000 }, (_, i): Finding => ({
      id: "a/b",
      severity: "error",
      at: `a[${i}]`,
      problem: "a",
      fix: "b",
    }));
    const acceptances = Array.from({ length: 20_000 }, (_, i) => ({
      id: "a/b",
      at: `a[${i * 2}]`,
      reason: "a",
    }));
    const report = judge(findings, acceptances, "2026-12-01", [check]);
    assert.equal(report.accepted.length, 20_000);
    assert.equal(report.findings.length, 180_000);
  });

  it("a report of findings that are all on one long line", () => {
    assert.equal(longLineReport(1_000).match(/\^\^\^/g)?.length, 1_000);
  });
});
