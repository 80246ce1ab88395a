import assert from "node:assert/strict";
import * as o from "./objects";
import { looks, observe } from "./situation";

/** One node whose session goes through states, one per step of so many seconds. */
function through(states: readonly string[], stepSeconds: number, plan = o.bgpPlan, advertised = 1) {
  return looks(
    plan,
    states.map((state, i) => ({
      at: i * stepSeconds,
      see: observe([o.cluster(true), o.node("cp1", true), o.bgpNodeConfig("cp1", state, advertised)]),
    })),
  );
}

const causeOf = (state: string, plan = o.bgpPlan) => through([state], 1, plan)[0]?.missing[0]?.cause ?? "";

describe("BGP sessions over time", () => {
  it("are not ready before the pod network is announced, and say so", () => {
    const [found] = through(["established"], 1, o.bgpPlan, 0);
    assert.deepEqual(
      found?.missing.map(({ what }) => what),
      ["1 ipv4 route(s) announced to tor1"],
    );
  });

  it("are not ready while a node announces more than the router takes", () => {
    assert.match(through(["established"], 1, o.bgpPlan, 18)[0]?.missing[0]?.cause ?? "", /cuts the session/);
    assert.equal(through(["established"], 1, o.bgpPlan, 17)[0]?.ready, true);
  });

  it("may announce one route more where the agent counts the End-of-RIB marker", () => {
    const [instance] = o.bgpPlan.instances;
    assert.ok(instance);
    const peers = instance.peers.map((peer) => ({ ...peer, endOfRibCounted: 1 as const }));
    const plan = { ...o.bgpPlan, instances: [{ ...instance, peers }] };
    assert.equal(through(["established"], 1, plan, 18)[0]?.ready, true);
    assert.equal(through(["established"], 1, plan, 19)[0]?.ready, false);
  });

  it("may announce any number where the agent's count does not follow", () => {
    const [instance] = o.bgpPlan.instances;
    assert.ok(instance);
    const peers = instance.peers.map((peer) => ({ ...peer, countFollows: false }));
    const plan = { ...o.bgpPlan, instances: [{ ...instance, peers }] };
    for (const routes of [0, 18]) assert.equal(through(["established"], 1, plan, routes)[0]?.ready, true);
  });

  it("must be seen established for as long as the plan says", () => {
    const found = through(["established", "established", "established"], 5, {
      ...o.bgpPlan,
      steadySeconds: 10,
    });
    assert.deepEqual(
      found.map(({ ready }) => ready),
      [false, false, true],
    );
  });

  it("must hold for a while once they were lost", () => {
    const found = through(["established", "idle", "established", "established", "established"], 10);
    assert.deepEqual(
      found.map(({ ready }) => ready),
      [true, false, false, false, true],
    );
  });

  it("that are cut again and again name the limit, after half a minute", () => {
    const found = through(["established", "idle", "established", "idle", "idle", "idle", "idle"], 10);
    assert.deepEqual(
      found.map(({ causes }) => causes.map(({ id }) => id).join()),
      ["", "", "", "", "", "", "bgp/prefixes-below-maximum"],
    );
  });

  it("that are answered and refused end the wait after two minutes, and not before", () => {
    const ids = (steps: number) =>
      through(Array<string>(steps).fill("idle"), 60)
        .at(-1)
        ?.causes.map(({ id }) => id);
    assert.deepEqual(ids(2), []);
    assert.deepEqual(ids(3), ["bgp/asn-agreed"]);
  });

  it("from outside the router's listen range end the wait after a minute, for certain", () => {
    const plan = o.bgpPlanWith({ listenRanges: ["192.0.2.0/28"] });
    const at = (address: string) => {
      const see = observe([o.cluster(true), o.nodeAt("cp1", address), o.bgpNodeConfig("cp1", "active")]);
      return looks(plan, [
        { at: 0, see },
        { at: 60, see },
      ])[1]?.causes.map(({ id, problem }) => `${id} ${problem}`);
    };
    assert.deepEqual(at("192.0.2.20"), [
      "bgp/node-inside-range certain: tor1 takes no session from 192.0.2.20",
    ]);
    assert.deepEqual(at("192.0.2.10"), []);
  });

  it("that nobody answers never end the wait: the router may yet be configured", () => {
    assert.deepEqual(through(Array<string>(40).fill("active"), 10).at(-1)?.causes, []);
  });

  it("say how sure a cause is", () => {
    assert.match(causeOf("active"), /possible bgp\/router-answers: no answer from 192\.168\.254\.1:179/);
    assert.match(causeOf("active", o.bgpPlanWith({ password: true })), /another password/);
    assert.match(causeOf("idle"), /likely bgp\/asn-agreed/);
    assert.match(causeOf("open_sent"), /likely bgp\/asn-agreed/);
  });

  it("are told again only when their words change", () => {
    const found = through(["active", "active", "established"], 10);
    assert.deepEqual(
      found.map(({ events }) => events.map(({ text }) => text)),
      [
        ["tor1 192.168.254.1 AS65001 active"],
        [],
        ["tor1 192.168.254.1 AS65001 established, announces 1 ipv4"],
      ],
    );
  });
});
