import assert from "node:assert/strict";
import { goodStack } from "../model/fixtures";
import type { LoadBalancer, Stack } from "../../model/stack/schema";
import { between, side } from "./sides";

const stack = goodStack("l2-announcements");

/** What a change of the addresses of LoadBalancer services does. */
function effectOf(change: (loadBalancer: LoadBalancer) => LoadBalancer | undefined) {
  assert.ok(stack.loadBalancer);
  const after: Stack = { ...stack, loadBalancer: change(stack.loadBalancer) };
  const { level, effects, bgpObjects, machines } = between(side(stack), side(after));
  assert.deepEqual(machines, []);
  return {
    level,
    rows: effects.map(({ what, effect }) => `${what.text()}: ${effect.text()}`),
    objects: bgpObjects,
  };
}

describe("a change of the addresses of LoadBalancer services", () => {
  it("is low where a pool gets more addresses", () => {
    const { level, rows, objects } = effectOf(({ pools, ...rest }) => ({
      ...rest,
      pools: pools.map((pool) => ({ ...pool, blocks: [...pool.blocks, "192.168.42.240/29"] })),
    }));
    assert.equal(level, "low");
    assert.match(rows.join(), /CiliumLoadBalancerIPPool default: services take addresses from it/);
    assert.equal(objects.length, 1);
  });

  it("is high where a block goes: services lose their addresses", () => {
    const { level, rows } = effectOf(({ pools, ...rest }) => ({
      ...rest,
      pools: pools.map((pool) => ({ ...pool, blocks: ["192.168.42.240/29"] })),
    }));
    assert.equal(level, "high");
    assert.match(rows.join(), /address of a removed block lose it/);
  });

  it("is medium where other interfaces answer", () => {
    const { level, rows } = effectOf((all) => ({
      ...all,
      l2Announcements: all.l2Announcements.map((each) => ({ ...each, interfaces: [] })),
    }));
    assert.equal(level, "medium");
    assert.match(rows.join(), /CiliumL2AnnouncementPolicy default: other nodes or interfaces may answer/);
  });

  it("is high where nothing is announced any more", () => {
    const { level, rows } = effectOf(() => undefined);
    assert.equal(level, "high");
    assert.match(rows.join(), /cannot be reached from outside any more/);
  });
});
