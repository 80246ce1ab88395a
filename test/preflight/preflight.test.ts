import assert from "node:assert/strict";
import { type Verdict, allFindings } from "../../model/live/preflight/check-result";
import { definePreflight } from "../../ops/preflight/check";
import { preflight, preflightChecks } from "../../ops/preflight/preflight";
import { controller } from "./installed";
import { hostMistakes } from "./host-mistakes";
import { leavingHostMistakes } from "./leaving-host-mistakes";
import { innocent } from "./innocent";
import { managementMistakes } from "./management-mistakes";
import { innocentPools, poolMistakes } from "./pool-mistakes";
import { rolloutMistakes } from "./rollout-mistakes";
import { preflightIn } from "./situation";

const mistakes = {
  ...managementMistakes,
  ...hostMistakes,
  ...poolMistakes,
  ...rolloutMistakes,
  ...leavingHostMistakes,
};

const byId = (verdicts: readonly Verdict[], id: string): Verdict => {
  const verdict = verdicts.find((each) => each.id === id);
  assert.ok(verdict, `no check ${id}`);
  return verdict;
};
const idsOf = (verdicts: readonly Verdict[]) =>
  [...new Set(allFindings(verdicts).map(({ id }) => id))].sort();

describe("the live preflight", () => {
  for (const [name, mistake] of Object.entries(mistakes)) {
    it(`${mistake.check} finds ${name}`, async () => {
      const verdicts = await preflightIn(mistake);
      const { findings } = byId(verdicts, mistake.check);
      const found = findings.map(({ severity, problem }) => `${severity} ${problem}`).join("\n");
      assert.match(found, mistake.finding);
      assert.match(findings.map(({ fix }) => fix).join("\n"), mistake.fix ?? /./);
      assert.ok(
        findings.every(({ severity }) => severity === (mistake.severity ?? "error")),
        found,
      );
      assert.deepEqual(idsOf(verdicts), [mistake.check, ...(mistake.also ?? [])].sort());
      assert.ok(!/hunter2|aHVudGVyMg|throw-away/.test(JSON.stringify(verdicts)), "a secret");
    });
  }

  for (const [name, situation] of Object.entries({ ...innocent, ...innocentPools })) {
    it(`finds nothing wrong with ${name}`, async () => {
      const verdicts = await preflightIn(situation);
      assert.deepEqual(allFindings(verdicts), []);
      assert.deepEqual(
        verdicts.flatMap(({ id, unknown }) => unknown.map((why) => `${id}: ${why}`)),
        [],
      );
    });
  }

  it("says of every check what it looked at when all is well", async () => {
    const verdicts = await preflightIn();
    for (const { id, outcome, checked, notApplicable } of verdicts) {
      assert.ok(outcome === "holds" || outcome === "not applicable", `${id}: ${outcome}`);
      assert.ok((outcome === "holds" ? checked : notApplicable) !== "", id);
    }
    assert.match(byId(verdicts, "management/objects-accepted").checked, /strict dry run of 2\d objects/);
    assert.match(
      byId(verdicts, "hosts/nothing-else-runs").checked,
      /whatever their disks hold is wiped: capi-1-cp-1/,
    );
  });

  it("has a mistake for every check that asks the management cluster", () => {
    const covered = new Set(Object.values(mistakes).map(({ check }) => check));
    const asked = preflightChecks.filter(({ network }) => network !== true).map(({ id }) => id);
    // It needs a listener at the endpoint: reach.test.ts.
    assert.deepEqual(
      asked.filter((id) => !covered.has(id)),
      ["endpoint/free"],
    );
  });

  it("names every check once, as area/what-must-hold", () => {
    const ids = preflightChecks.map(({ id }) => id);
    assert.deepEqual([...new Set(ids)], ids);
    for (const { id, why, after = [] } of preflightChecks) {
      assert.match(id, /^[a-z]+\/[a-z]+(-[a-z]+){0,3}$/);
      assert.ok(why.length > 20, id);
      for (const cause of after) assert.ok(ids.includes(cause), `${id} after ${cause}`);
    }
  });
});

describe("what the preflight cannot tell", () => {
  it("is named check by check when nobody answers, with one reason for all", async () => {
    const verdicts = await preflightIn({ silent: true, site: { offline: true } });
    assert.deepEqual(idsOf(verdicts), []);
    const unknown = verdicts.filter(({ outcome }) => outcome === "unknown").map(({ id }) => id);
    for (const id of ["management/reachable", "management/permitted", "hosts/selectable", "endpoint/free"]) {
      assert.ok(unknown.includes(id), id);
    }
    assert.match(byId(verdicts, "cilium/chart-rendered").checked, /Cilium 1\.19\.5/);
  });

  it("is what this user may not read, by name, and nothing else", async () => {
    const verdicts = await preflightIn({
      management: (api) =>
        ["list deployments", "list customresourcedefinitions"].forEach((need) => api.denied.add(need)),
    });
    const unknown = verdicts.filter(({ outcome }) => outcome === "unknown");
    assert.deepEqual(
      unknown.map(({ id }) => id),
      [
        "providers/versions-supported",
        "providers/kubernetes-version-supported",
        "providers/contracts-served",
        "providers/resource-set-controller",
      ],
    );
    assert.match(unknown[0]?.unknown[0] ?? "", /not permitted: cannot list deployments/);
  });

  it("is the version behind an image's branch name, and the absent controllers", async () => {
    const versions = async (situation: Parameters<typeof preflightIn>[0]) =>
      byId(await preflightIn(situation), "providers/versions-supported").unknown.join("\n");
    assert.match(
      await versions({ management: (api) => api.put(controller("ip-address-manager", "main")) }),
      /has the image tag "main", no version of Metal3's ip-address-manager/,
    );
    assert.match(
      await versions({ without: ({ metadata }) => metadata.name === "baremetal-operator-manager" }),
      /no Deployment and no clusterctl inventory shows the version of baremetal-operator/,
    );
  });

  it("is a dry run that the API server had no time for", async () => {
    const verdicts = await preflightIn({
      management: (api) => api.refusals.set("Cluster capi-1", { status: 429, message: "too many requests" }),
    });
    assert.deepEqual(byId(verdicts, "management/objects-accepted").unknown, [
      "Cluster capi-1: the API server answered 429: too many requests",
    ]);
  });

  it("is not repeated by checks that only echo another's finding", async () => {
    const verdicts = await preflightIn({
      management: (api) => {
        api.denied.add("create clusters");
        api.refusals.set("Cluster capi-1", { status: 403, message: "cannot create clusters" });
      },
    });
    assert.deepEqual(idsOf(verdicts), ["management/permitted"]);
    assert.deepEqual(byId(verdicts, "management/objects-accepted").unknown, [
      "cannot be determined before management/permitted holds",
    ]);
  });

  it("is a check that takes too long, without holding up the others", async () => {
    const slow = definePreflight({
      id: "area/slow",
      why: "for the test",
      timeoutSeconds: 0.01,
      run: () => new Promise(() => undefined),
    });
    const faulty = definePreflight({
      id: "area/faulty",
      why: "for the test",
      run: () => Promise.reject(new TypeError("x is undefined")),
    });
    const site = { network: false, management: { close: () => undefined } } as never;
    const verdicts = await preflight(site, [slow, faulty]);
    assert.deepEqual(
      verdicts.map(({ unknown }) => unknown[0]),
      ["no answer within 0.01 s", "this check failed, which is a fault of metal: x is undefined"],
    );
  });
});
