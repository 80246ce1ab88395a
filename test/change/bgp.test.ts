import assert from "node:assert/strict";
import type { ChangeSide } from "../../model/change/compare";
import { type RawStack, changeHost, stackWith } from "../model/stacks";
import { between, changeOf, side } from "./sides";

interface RawBgp {
  readonly routers: Record<string, unknown>[];
  readonly instances: (Record<string, unknown> & { readonly peers: Record<string, unknown>[] })[];
  loadBalancerPools: Record<string, unknown>[];
  nodeOverrides?: Record<string, unknown>[];
}

const bgp = (change: (bgp: RawBgp) => void) => (raw: RawStack) => {
  const copy = structuredClone(raw["bgp"]) as RawBgp;
  change(copy);
  raw["bgp"] = copy;
};
const router = (change: object) => bgp(({ routers }) => Object.assign(routers[0] ?? {}, change));
const instance = (change: object) => bgp(({ instances }) => Object.assign(instances[0] ?? {}, change));
const peer = (change: object) => bgp(({ instances }) => Object.assign(instances[0]?.peers[0] ?? {}, change));

const told = (change: (raw: RawStack) => void) =>
  changeOf(change).sessions.map(
    ({ change: how, hosts, why, needsRouter }) =>
      `${how} ${hosts.length}${needsRouter ? " with the router" : ""}: ${why.map((cause) => cause.text()).join(", ")}`,
  );

/** What resets sessions, and whether they stay down until the router is changed too. */
const resets: Readonly<Record<string, readonly [(raw: RawStack) => void, string]>> = {
  "the router's ASN": [router({ asn: 65002 }), "reset 4 with the router: the router's ASN 65001 → 65002"],
  "the nodes' ASN": [instance({ localASN: 65011 }), "reset 4 with the router: the nodes' ASN 65010 → 65011"],
  "the router's address": [
    router({ addresses: ["192.168.254.2"] }),
    "reset 4 with the router: the router's address 192.168.254.1 → 192.168.254.2",
  ],
  "the router's port": [router({ port: 1179 }), "reset 4 with the router: the router's port 179 → 1179"],
  "the nodes' port": [instance({ localPort: 1790 }), "reset 4 with the router: the node's port none → 1790"],
  "a node's address": [
    (raw) => changeHost(raw, 3, { address: "10.250.250.77" }),
    "reset 1 with the router: the node's address 10.250.250.23 → 10.250.250.77",
  ],
  "a node's router id": [
    bgp((all) => (all.nodeOverrides = [{ host: "capi-1-w-1", routerId: "10.0.0.1" }])),
    "reset 1: the node's router id none → 10.0.0.1",
  ],
  "the hold time": [
    peer({ holdTimeSeconds: 30, keepAliveTimeSeconds: 10 }),
    "reset 4: hold time 90 → 30, keepalive time 30 → 10",
  ],
  "graceful restart": [peer({ gracefulRestartSeconds: 60 }), "reset 4: graceful restart"],
  "the instance's name": [instance({ name: "other" }), "reset 4: the BGP instance default → other"],
  "a first password": [peer({ password: "throw-away" }), "reset 4 with the router: a password"],
};

/** What leaves every session up. */
const quiet: Readonly<Record<string, (raw: RawStack) => void>> = {
  "how often a connection is tried": peer({ connectRetryTimeSeconds: 60 }),
  "how far away a router may be": peer({ multihop: 20 }),
  "what is announced": peer({
    advertise: { podCIDRs: false, services: [{ addresses: ["LoadBalancerIP"] }] },
  }),
  "how many prefixes the router takes": router({ maximumPrefixes: 300 }),
  "a router's description": router({ description: "top of rack" }),
  "where a host stands in the list": (raw) => (raw["hosts"] as unknown[]).reverse(),
};

describe("services that are announced", () => {
  const services = (entries: readonly object[]) => peer({ advertise: { podCIDRs: true, services: entries } });
  const of = (selector?: object) => ({ addresses: ["LoadBalancerIP"], ...(selector && { selector }) });
  const rows = (before: (raw: RawStack) => void, after: (raw: RawStack) => void) => {
    const { level, effects } = between(side(stackWith(before)), side(stackWith(after)));
    return { level, text: effects.map(({ effect }) => effect.text()).join("\n") };
  };
  const [all, front] = [services([of()]), services([of({ matchLabels: { tier: "front" } })])];

  it("are high where some are withdrawn, although no route of the pool goes", () => {
    const narrower = rows(all, front);
    assert.equal(narrower.level, "high");
    assert.match(narrower.text, /no longer selects are withdrawn at once/);
    const gone = rows(services([of(), of({ matchLabels: { tier: "back" } })]), all);
    assert.equal(gone.level, "high");
  });

  it("are medium where more are announced", () => {
    assert.equal(rows(front, all).level, "medium");
  });
});

describe("the distance of a router", () => {
  it("is medium where it becomes shorter: a router behind it is not reached", () => {
    const nearer = changeOf(peer({ multihop: 2 }));
    assert.equal(nearer.level, "medium");
    assert.match(nearer.headline.text(), /more hops away than this end/);
    assert.equal(changeOf(peer({ multihop: 20 })).level, "low");
  });
});

describe("BGP sessions in a change", () => {
  for (const [what, [change, expected]] of Object.entries(resets)) {
    it(`are reset by ${what}`, () => assert.deepEqual(told(change), [expected]));
  }

  for (const [what, change] of Object.entries(quiet)) {
    it(`are not reset by ${what}`, () => assert.deepEqual(told(change), []));
  }

  it("are as grave as what it takes to get them up again", () => {
    assert.equal(changeOf(router({ asn: 65002 })).level, "high");
    assert.equal(changeOf(peer({ gracefulRestartSeconds: 60 })).level, "medium");
    assert.equal(changeOf(peer({ connectRetryTimeSeconds: 60 })).level, "low");
  });

  it("are reset by another password only when it was encrypted again", () => {
    const stack = stackWith(peer({ password: "throw-away" }));
    const at = "bgp.instances[0].peers[0].password";
    const sealed = (value: string) => side(stack, { sealed: { [at]: value } });
    const changed = between(sealed("v1:old"), sealed("v1:new"));
    assert.equal(
      changed.sessions[0]?.why[0]?.text(),
      "password written again: changed, or only encrypted again",
    );
    assert.match(
      changed.headline.text(),
      /^a BGP password was written again: if it changed, 4 BGP sessions reset and stay down/,
    );
    assert.deepEqual(changed.secrets, [at]);
    assert.deepEqual(between(sealed("v1:old"), sealed("v1:old")).sessions, []);
  });

  it("come and go with their hosts and routers", () => {
    const second = bgp((all) => {
      all.routers.push({ name: "second", asn: 65001, addresses: ["192.168.254.2"] });
      all.instances[0]?.peers.push({ name: "second", routers: ["second"], advertise: { podCIDRs: true } });
    });
    const added = changeOf(second);
    assert.deepEqual(
      added.sessions.map(({ change, router: name, hosts, needsRouter }) => [
        change,
        name,
        hosts.length,
        needsRouter,
      ]),
      [["added", "second", 4, true]],
    );
    assert.match(added.headline.text(), /4 BGP sessions stay down, and pulumi up waits, until router second/);
    const removed = between(side(stackWith(second)), side(stackWith()));
    assert.deepEqual(
      removed.sessions.map(({ change }) => change),
      ["removed"],
    );
    assert.deepEqual(
      removed.todo.map(({ when }) => when),
      ["after"],
    );
  });

  it("all go with the last of BGP", () => {
    const change = changeOf((raw) => delete raw["bgp"]);
    assert.deepEqual(
      change.sessions.map(({ change: how, hosts }) => `${how} ${hosts.length}`),
      ["removed 4"],
    );
    assert.equal(change.level, "high");
  });
});

describe("routes in a change", () => {
  const pools = (...blocks: readonly string[]) =>
    bgp((all) => (all.loadBalancerPools = [{ name: "default", blocks }]));
  const routes = (change: (raw: RawStack) => void) =>
    changeOf(change).routes.map(({ router: name, change: how, prefix }) => `${name} ${how} ${prefix}`);

  it("are lost and gained by their prefixes", () => {
    assert.deepEqual(routes(pools("10.250.248.0/24")), [
      "frr lost 10.250.249.0/24 in pieces of /32",
      "frr gained 10.250.248.0/24 in pieces of /32",
    ]);
  });

  it("that are lost are grave, and are taken off the router afterwards", () => {
    const change = changeOf(peer({ advertise: { podCIDRs: true, services: [] } }));
    assert.equal(change.level, "high");
    assert.match(change.headline.text(), /^router frr loses the routes 10\.250\.249\.0\/24/);
    assert.deepEqual(
      change.todo.map(({ when }) => when),
      ["after"],
    );
  });

  it("that are gained are not, and the router is first", () => {
    const change = changeOf(pools("10.250.249.0/24", "10.250.248.0/24"));
    assert.equal(change.level, "low");
    assert.deepEqual(
      change.todo.map(({ when }) => when),
      ["before"],
    );
  });

  it("of public addresses are of medium risk, those of other local networks are not", () => {
    for (const [block, level] of [
      ["8.8.8.0/24", "medium"],
      ["172.32.0.0/24", "medium"],
      ["172.31.0.0/24", "low"],
      ["100.64.8.0/24", "low"],
    ] as const) {
      assert.equal(changeOf(pools("10.250.249.0/24", block)).level, level, block);
    }
    const change = changeOf(pools("10.250.249.0/24", "8.8.8.0/24"));
    assert.match(change.headline.text(), /^router frr accepts the public addresses 8\.8\.8\.0\/24/);
  });

  it("stay when the pool's range is only written in another way", () => {
    const block = { start: "10.250.249.0", stop: "10.250.249.255" };
    assert.deepEqual(
      routes(bgp((all) => (all.loadBalancerPools = [{ name: "default", blocks: [block] }]))),
      [],
    );
  });
});

describe("routers in a change", () => {
  it("gain and lose the lines of this stack, passwords never among them", () => {
    const change = changeOf(peer({ password: "throw-away" }));
    const [only, ...others] = change.routers;
    assert.deepEqual([only?.router, only?.added, only?.removed, others], ["frr", 1, 0, []]);
    assert.match(
      only?.diff.join("\n") ?? "",
      /^\+ neighbor capi-1_frr_v4 password <password-of-capi-1\/frr>$/m,
    );
    assert.ok(!JSON.stringify(change).includes("throw-away"));
  });

  it("are replaced as a whole where most of a long configuration differs", () => {
    const blocks = (second: number) =>
      Array.from({ length: 600 }, (_, i) => `10.${second + (i >> 8)}.${i & 255}.0/24`);
    const withBlocks = (second: number) =>
      side(stackWith(bgp((all) => (all.loadBalancerPools = [{ name: "default", blocks: blocks(second) }]))));
    const before = withBlocks(100);
    const [only] = between(before, withBlocks(110)).routers;
    const old = before.plan.routerConfigurations["frr"] ?? "";
    assert.equal(only?.diff[0]?.split(" ")[1], `-1,${only?.removed ?? 0}`);
    assert.equal(only?.removed, old.trimEnd().split("\n").length);
  });

  it("are left alone by what is none of theirs", () => {
    assert.deepEqual(changeOf((raw) => (raw["timeouts"] = { ready: 200 })).routers, []);
  });
});

describe("an encrypted value that becomes a password of sessions", () => {
  const password = "bgp.instances[0].peers[0].password";
  const second = "bgp.instances[0].peers[1].password";
  const stack = (...addresses: readonly string[]) =>
    stackWith((raw) => {
      raw["bgp"] = {
        routers: addresses.map((address, i) => ({ name: `r${i}`, asn: 65001, addresses: [address] })),
        instances: [
          {
            name: "default",
            localASN: 65010,
            peers: addresses.map((_address, i) => ({
              name: `r${i}`,
              routers: [`r${i}`],
              multihop: 10,
              password: "throw-away",
            })),
          },
        ],
      };
    });
  const [first, other, foreign] = ["192.168.254.1", "192.168.254.2", "192.168.254.9"] as const;
  const rows = (before: ChangeSide, after: ChangeSide) =>
    between(before, after)
      .effects.filter(({ effect }) => /can find out what it is$/.test(effect.text()))
      .map(({ level, what }) => `${level} ${what.text()}`);
  const plain = { rendered: false } as const;

  it("is of medium risk where it was the BMCs', and high where a router is new", () => {
    const before = side(stack(first), { ...plain, sealed: { [password]: "v1:b" } });
    const moved = { "bmc.password": "v1:new", [password]: "v1:a" };
    assert.deepEqual(rows(before, side(stack(first), { ...plain, sealed: moved })), [
      `medium ${password}: the encrypted value that was at bmc.password`,
    ]);
    assert.deepEqual(rows(before, side(stack(foreign), { ...plain, sealed: moved })), [
      `high ${password}: the encrypted value that was at bmc.password`,
    ]);
  });

  it("is rated where it was another router's, and is not where it stays with its own", () => {
    const before = side(stack(first, other), { ...plain, sealed: { [password]: "v1:b", [second]: "v1:c" } });
    const swapped = { [password]: "v1:c", [second]: "v1:b" };
    assert.deepEqual(
      rows(before, side(stack(first, other), { ...plain, sealed: swapped })).map((row) => row.slice(0, 6)),
      ["medium", "medium"],
    );
    assert.deepEqual(rows(before, side(stack(other, first), { ...plain, sealed: swapped })), []);
    assert.deepEqual(
      rows(
        before,
        side(stack(first, foreign), { ...plain, sealed: { [password]: "v1:b", [second]: "v1:c" } }),
      ),
      [`high ${second}: the encrypted value that was at ${second}`],
    );
  });

  it("is of high risk where a router is new and the base does not have the value: it may be an older secret", () => {
    const before = side(stack(first), { ...plain, sealed: { [password]: "v1:b" } });
    const after = (address: string) =>
      side(stack(first, address), { ...plain, sealed: { [password]: "v1:b", [second]: "v1:old" } });
    assert.deepEqual(rows(before, after(foreign)), [
      `high ${second}: an encrypted value that the base does not have`,
    ]);
    const known = side(stack(first, other), { ...plain, sealed: { [password]: "v1:b", [second]: "v1:c" } });
    assert.deepEqual(rows(known, after(other)), []);
  });
});
