import assert from "node:assert/strict";
import { checkStack } from "../../model/checks";
import { list, text } from "../../model/kubernetes/object";
import { planCluster } from "../../model/plan/plan-cluster";
import type { Stack } from "../../model/stack/schema";
import { topologies } from "./topologies";

const twoLinks = (topology: string): Stack => {
  const stack = topologies().find(({ name }) => name === topology)?.stacks[0];
  assert.ok(stack);
  return stack;
};

describe("the routes that an agent counts", () => {
  const counted = (version: string, gracefulRestartSeconds: number) => {
    const { bgp, ...rest } = twoLinks("two-tors");
    assert.ok(bgp);
    const instances = bgp.instances.map((instance) => ({
      ...instance,
      peers: instance.peers.map((peer) => ({ ...peer, gracefulRestartSeconds })),
    }));
    const stack = { ...rest, cilium: { ...rest.cilium, version }, bgp: { ...bgp, instances } };
    const { readiness } = planCluster(stack).bgp ?? {};
    return readiness?.instances.flatMap(({ peers }) => peers) ?? [];
  };

  it("include the End-of-RIB marker of graceful restart until Cilium 1.19", () => {
    const markers = (...of: Parameters<typeof counted>) => counted(...of).map((peer) => peer.endOfRibCounted);
    assert.deepEqual(markers("1.18.4", 120), [1, 1]);
    assert.deepEqual(markers("1.18.4", 0), [0, 0]);
    assert.deepEqual(markers("1.19.0", 120), [0, 0]);
  });

  it("follow what a node announces until Cilium 1.20", () => {
    const follows = (version: string) => counted(version, 0).map((peer) => peer.countFollows);
    assert.deepEqual(
      [follows("1.19.5"), follows("1.20.0")],
      [
        [true, true],
        [false, false],
      ],
    );
  });
});

describe("where a node's sessions start from", () => {
  it("is, of two plain addresses, the one in the router's listen range", () => {
    const { bgp, ...rest } = twoLinks("two-links");
    assert.ok(bgp);
    const stack: Stack = {
      ...rest,
      bgp: {
        ...bgp,
        routers: bgp.routers.map((router) => ({
          ...router,
          listenRanges: [router.name === "tor-1" ? "fd00:10:0:2::/64" : "fd00:11:0:2::/64"],
        })),
        nodeOverrides: [
          { host: "capi-1-cp-1", localAddresses: ["fd00:11:0:2::2", "fd00:10:0:2::2"] },
          ...bgp.nodeOverrides.slice(1),
        ],
      },
    };
    const ids = checkStack(stack).map(({ id }) => id);
    assert.ok(!ids.includes("bgp/local-address-per-session"));
    const [override] = planCluster(stack).bgp?.nodeOverrides ?? [];
    assert.deepEqual(
      list(override?.manifest, "spec", "bgpInstances", 0, "peers").map((peer) => [
        text(peer, "name"),
        text(peer, "localAddress"),
      ]),
      [
        ["tor-1-v6", "fd00:10:0:2::2"],
        ["tor-2-v6", "fd00:11:0:2::2"],
      ],
    );
  });

  it("is the address in the router's own network, as the router's half expects, without a setting", () => {
    const plan = planCluster(twoLinks("two-tors"));
    assert.deepEqual(plan.bgp?.nodeOverrides, []);
    assert.deepEqual(
      plan.routers.map(({ router, groups }) => [router, groups[0]?.neighbours[0]?.address]),
      [
        ["tor-1", "fd00:10:0:2::2"],
        ["tor-2", "fd00:11:0:2::2"],
      ],
    );
  });
});
