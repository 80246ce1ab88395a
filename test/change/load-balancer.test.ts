import assert from "node:assert/strict";
import { goodStack } from "../model/fixtures";
import type { LoadBalancer, Stack } from "../../model/stack/schema";
import { stackWith } from "../model/stacks";
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

type Pools = LoadBalancer["pools"];

/** A stack with these pools and no BGP, or with BGP. */
const rooms: Readonly<Record<string, (change: (pools: Pools) => Pools) => readonly [Stack, Stack]>> = {
  "loadBalancer.pools": (change) => {
    const { loadBalancer } = stack;
    assert.ok(loadBalancer);
    return [stack, { ...stack, loadBalancer: { ...loadBalancer, pools: change(loadBalancer.pools) } }];
  },
  "bgp.loadBalancerPools": (change) => {
    const before = stackWith();
    assert.ok(before.bgp);
    const loadBalancerPools = change(before.bgp.loadBalancerPools);
    return [before, { ...before, bgp: { ...before.bgp, loadBalancerPools } }];
  },
};

const all = { matchLabels: {}, matchExpressions: [] };
const some = { matchLabels: { tier: "front" }, matchExpressions: [] };

describe("a change of address pools", () => {
  for (const [room, sides] of Object.entries(rooms)) {
    const rated = (change: (pools: Pools) => Pools) => {
      const [before, after] = sides(change);
      const { level, effects } = between(side(before), side(after));
      return { level, rows: effects.map(({ effect }) => effect.text()).join("\n") };
    };
    const each = (change: object) => (pools: Pools) => pools.map((pool) => ({ ...pool, ...change }));

    it(`of ${room} is high where services lose their addresses`, () => {
      const selector = rated(each({ serviceSelector: some }));
      assert.equal(selector.level, "high");
      assert.match(selector.rows, /its selector no longer matches lose it/);
      const renamed = rated(each({ name: "renamed" }));
      assert.equal(renamed.level, "high");
      assert.match(renamed.rows, /with an address of this pool lose it/);
      const moved = rated(([first, ...rest]) =>
        first === undefined
          ? []
          : [
              { ...first, blocks: ["198.51.100.0/28"] },
              { ...first, name: "second", serviceSelector: some },
              ...rest,
            ],
      );
      assert.equal(moved.level, "high");
      assert.match(moved.rows, /address of a removed block lose it/);
      assert.match(rated(each({ allowFirstLastIPs: false })).rows, /get other limits/);
    });

    it(`of ${room} is medium where its selector goes: all keep what they have, and others get an address`, () => {
      const before = side(sides(each({ serviceSelector: some }))[1]);
      const { level, effects } = between(before, side(sides(each({ serviceSelector: all }))[1]));
      assert.equal(level, "medium");
      assert.match(
        effects.map(({ effect }) => effect.text()).join("\n"),
        /did not select before .* may be reached from outside; those that have one keep it/,
      );
    });

    it(`of ${room} is medium where a pool comes`, () => {
      const more = rated((pools) => [
        ...pools,
        ...pools.slice(0, 1).map((pool) => ({ ...pool, name: "second", blocks: ["198.51.100.0/28"] })),
      ]);
      assert.match(more.rows, /may be reached from outside/);
      assert.equal(more.level, "medium");
    });
  }
});

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

  it("is medium where services become reachable from outside", () => {
    const pool = { ...stack.loadBalancer?.pools[0], name: "second", blocks: ["192.168.42.240/29"] };
    const policy = { ...stack.loadBalancer?.l2Announcements[0], name: "second" };
    const more = [
      effectOf((all) => ({ ...all, pools: [...all.pools, pool as (typeof all.pools)[number]] })),
      effectOf((all) => ({
        ...all,
        l2Announcements: [...all.l2Announcements, policy as (typeof all.l2Announcements)[number]],
      })),
    ];
    assert.deepEqual(
      more.map(({ level }) => level),
      ["medium", "medium"],
    );
  });

  it("is high where a policy selects other services, or fewer of their addresses", () => {
    const policies = (change: object) =>
      effectOf((all) => ({
        ...all,
        l2Announcements: all.l2Announcements.map((each) => ({ ...each, ...change })),
      }));
    const narrower = policies({ serviceSelector: { matchLabels: { none: "none" }, matchExpressions: [] } });
    assert.equal(narrower.level, "high");
    assert.match(narrower.rows.join(), /selects other services or addresses/);
    assert.equal(policies({ addresses: ["ExternalIP"] }).level, "high");
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
