import assert from "node:assert/strict";
import { planCluster } from "../../model/plan/plan-cluster";
import { routerInUse } from "../../model/bgp/router/in-use";
import { mergeRouters } from "../../model/bgp/router/merge";
import { frrConfiguration } from "../../model/bgp/router/frr";
import { stackWith } from "../model/stacks";

/** capi-1's router, with a listen range for its nodes. */
function planned(listenRanges: readonly string[] = ["10.250.250.0/24"]) {
  const stack = stackWith((raw) => {
    const bgp = raw["bgp"] as { routers: Record<string, unknown>[] };
    Object.assign(bgp.routers[0] ?? {}, { listenRanges });
  });
  const [router] = mergeRouters(planCluster(stack).routers).routers;
  assert.ok(router);
  return router;
}

/** A router that serves others, with these lines in its BGP instance. */
const running = (lines: readonly string[], rest: readonly string[] = [], asn = 65001) =>
  [
    "frr version 8.1",
    "frr defaults traditional",
    `router bgp ${asn}`,
    " bgp router-id 192.168.254.1",
    ...lines.map((line) => ` ${line}`),
    "exit",
    ...rest,
  ].join("\n");

const old = ["neighbor OLD peer-group", "neighbor OLD remote-as 65010"];

function idsOf(text: string, router = planned()): readonly string[] {
  return routerInUse(text, router).findings.map(({ id, at }) => `${id} ${at}`);
}

describe("a router in use", () => {
  it("says nothing when it runs only what is ours", () => {
    assert.deepEqual(routerInUse(frrConfiguration(planned()), planned()), { others: [], findings: [] });
    assert.deepEqual(idsOf("frr defaults traditional\n"), []);
  });

  it("names the peer groups and single neighbours of others", () => {
    const text = running([...old, "neighbor 192.0.2.9 remote-as 65077", "neighbor 192.0.2.8 peer-group OLD"]);
    assert.deepEqual(routerInUse(text, planned()).others, ["OLD", "192.0.2.9", "192.0.2.8"]);
  });

  for (const range of ["10.250.250.0/24", "10.250.0.0/16", "10.250.250.16/28"]) {
    it(`names a listen range of others that stands in the way: ${range}`, () => {
      const text = running([...old, `bgp listen range ${range} peer-group OLD`]);
      const [first] = routerInUse(text, planned()).findings;
      assert.equal(first?.id, "router/running-listen-range");
      assert.match(first.fix, new RegExp(`no bgp listen range ${range} peer-group OLD`));
      assert.equal(first.severity, "error");
    });
  }

  it("leaves a listen range of others that is elsewhere, or where nodes have lines of their own", () => {
    const ranges = (range: string) => running([...old, `bgp listen range ${range} peer-group OLD`]);
    const named = (text: string, router = planned()) =>
      idsOf(text, router).filter((id) => id.includes("listen-range"));
    assert.deepEqual(named(ranges("10.9.0.0/24")), []);
    assert.deepEqual(named(ranges("10.250.250.0/24"), planned([])), []);
  });

  it("names a line of others for one of our nodes", () => {
    const text = running([...old, "neighbor 10.250.250.23 peer-group OLD"]);
    assert.ok(idsOf(text).includes("router/running-neighbour frr: neighbor 10.250.250.23 peer-group OLD"));
  });

  it("names another ASN", () => {
    assert.deepEqual(idsOf(running([], [], 64513)), ["router/running-asn frr: router bgp 64513"]);
  });

  for (const [how, line, rest] of [
    ["a prefix list", "neighbor OLD prefix-list LB in", []],
    [
      "a route map",
      "neighbor OLD route-map IN in",
      ["route-map IN permit 10", " match ip address prefix-list LB", "exit"],
    ],
  ] as const) {
    it(`names others that may announce our addresses, by ${how}`, () => {
      const list = "ip prefix-list LB seq 5 permit 10.250.249.0/24 ge 32 le 32";
      const inFamily = ["address-family ipv4 unicast", line, "exit-address-family"];
      const found = idsOf(running([...old, ...inFamily], [...rest, list]));
      assert.ok(found.includes(`router/running-prefixes frr: ${line}`), found.join("\n"));
      const all = idsOf(
        running([...old, ...inFamily], [...rest, "ip prefix-list LB seq 5 permit 0.0.0.0/0 le 32"]),
      );
      assert.ok(!all.some((id) => id.includes("running-prefixes")));
    });
  }

  it("names every planned line that would act on others, with what it does, and only those", () => {
    const text = running([...old, "no bgp ebgp-requires-policy", "bgp graceful-restart"]);
    assert.deepEqual(
      routerInUse(text, planned()).findings.map(
        ({ at, problem }) => `${at}: ${problem.split(": ")[1] ?? ""}`,
      ),
      [
        "frr: bgp log-neighbor-changes: changes of every session are logged",
        "frr: bgp ebgp-requires-policy: eBGP neighbours without route maps or prefix lists lose all their routes, in and out",
        "frr: no bgp default ipv4-unicast: neighbours that are not activated by a line of their own carry no IPv4 routes after the next restart",
        "frr: maximum-paths 4: every prefix of the family may use as many paths",
      ],
    );
  });

  it("names what runs otherwise, and what runs for others and is not planned", () => {
    const text = running([
      ...old,
      "bgp bestpath as-path multipath-relax",
      ...["bgp ebgp-requires-policy", "bgp log-neighbor-changes", "bgp graceful-restart"],
      "no bgp default ipv4-unicast",
      ...["address-family ipv4 unicast", "maximum-paths 64", "exit-address-family"],
    ]);
    assert.deepEqual(
      routerInUse(text, planned()).findings.map(({ at, problem }) => `${at}: ${problem.split(":")[0] ?? ""}`),
      [
        'frr: maximum-paths 4: it acts on OLD too, and runs as "maximum-paths 64"',
        "frr: bgp bestpath as-path multipath-relax: it runs and is not planned",
      ],
    );
  });

  it("says of each of our lines for the whole router what it does", () => {
    const text = running([...old, "bgp router-id 1.1.1.1"]).replace(" bgp router-id 192.168.254.1\n", "");
    for (const { problem, fix } of routerInUse(text, { ...planned(), clusterId: "1.1.1.1", paths: 300 })
      .findings) {
      assert.doesNotMatch(`${problem}|${fix}`, /undefined|: \||\|$/);
    }
  });
});
