import assert from "node:assert/strict";
import { causes, waitCauses } from "../../model/live/causes";
import { diagnose, diagnosisLines } from "../../model/live/diagnosis/diagnose";
import { plain } from "../../model/findings/formats";
import { at, healthySnapshot, plan } from "../live/healthy";
import { type Situation, planOf, situations, snapshotWith } from "../live/situation";
import { inManagement } from "../../model/live/snapshot";

const recorded = situations();
const diagnosisOf = (situation: Situation, now = at) =>
  diagnose(planOf(situation), snapshotWith(situation), now);
const named = (file: string) => {
  const found = recorded.find((situation) => situation.file === `${file}.yaml`);
  assert.ok(found, file);
  return found;
};

describe("a diagnosis of a recorded situation", () => {
  for (const situation of recorded) {
    it(`${situation.cause ?? "none"}: ${situation.title}`, () => {
      const { first, others, verdict } = diagnosisOf(situation);
      const ids = [first?.id, ...others.map(({ id }) => id)];
      assert.deepEqual(ids, [situation.cause, ...(situation.also ?? [])]);
      assert.equal(verdict, situation.cause === undefined ? "healthy" : "cause");
    });
  }
});

describe("the causes of a diagnosis", () => {
  it("are at least sixty, each with one id, one page and a recorded situation", () => {
    const ids = causes.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    assert.ok(ids.length >= 60, String(ids.length));
    for (const id of ids) {
      assert.ok(
        recorded.some(({ cause }) => cause === id),
        `${id}: add test/fixtures/situations/${id.replace("/", "-")}.yaml, in which it is the first cause`,
      );
    }
  });

  it("hold every cause of the waiting program under its id", () => {
    const ids = new Set(causes.map(({ id }) => id));
    assert.deepEqual(
      waitCauses.filter(({ id }) => !ids.has(id)).map(({ id }) => id),
      [],
    );
  });

  it("say what to do and what to run, with the evidence quoted", () => {
    for (const situation of recorded) {
      const { first } = diagnosisOf(situation);
      if (first === undefined) continue;
      const { evidence, fix, command, problem, why } = first;
      for (const text of [evidence, fix, command, problem, why])
        assert.ok(text.length > 10, `${first.id}: "${text}"`);
      assert.doesNotMatch(`${problem} ${evidence} ${fix} ${command}`, /undefined|\[object/, first.id);
    }
  });
});

describe("a diagnosis", () => {
  it("prints the first cause with evidence, remedy and the next command, then the way it went", () => {
    const lines = diagnosisLines(diagnosisOf(named("hosts-paused")), plain);
    assert.deepEqual(lines, [
      "BAD  hosts/paused  host capi-1-w-1 is paused  (certain)",
      "     BareMetalHost/capi-1-w-1",
      "",
      "  Evidence",
      '    1 annotation baremetalhost.metal3.io/paused is "maintenance"',
      "  Because",
      "    The operator does nothing for a paused host.",
      "  Do this",
      "    remove annotation baremetalhost.metal3.io/paused from the host",
      "    kubectl -n capi-1 annotate baremetalhost capi-1-w-1 baremetalhost.metal3.io/paused-",
      "",
      "Walked  management cluster ok > Cluster ok > hosts and BMCs BAD > control plane ok > machines ok > API server ok > resource set ok > nodes ok > Cilium ok > BGP ok > changes that do not take effect ok",
      "More    npm run metal -- explain hosts/paused",
    ]);
  });

  it("adds what the object's events say, newest first, whatever their type", () => {
    const event = (reason: string, time: string) => ({
      involvedObject: { kind: "BareMetalHost", name: "capi-1-w-1" },
      type: "Normal",
      reason,
      message: "m",
      lastTimestamp: time,
    });
    const base = named("hosts-bmc-credentials-refused");
    const { first } = diagnosisOf({
      ...base,
      change: {
        ...base.change,
        "events/a": event("RegistrationError", "2026-11-26T09:00:00Z"),
        "events/b": event("RegistrationError", "2026-11-26T09:30:00Z"),
      },
    });
    assert.deepEqual(first?.events, [
      "2026-11-26T09:30:00Z RegistrationError: m",
      "2026-11-26T09:00:00Z RegistrationError: m",
    ]);
  });

  it("names nothing on a cluster that is on its way, and says what is missing", () => {
    const young: Situation = {
      ...named("healthy"),
      change: {
        "hosts/capi-1-w-1": {
          status: {
            provisioning: { state: "provisioning" },
            operationHistory: { provision: { start: "2026-11-26T09:55:00Z", end: null } },
          },
        },
        "machines/capi-1-workers-bbbbb-1": { status: { phase: "Provisioning", nodeRef: null } },
        "machineDeployments/capi-1-workers": { status: { readyReplicas: 0 } },
      },
      remove: ["nodes/capi-1-workers-bbbbb-1"],
    };
    const found = diagnosisOf(young);
    assert.deepEqual([found.verdict, found.first], ["no cause known", undefined]);
    assert.match(
      diagnosisLines(found, plain).join("\n"),
      /is not ready yet, and no problem was detected[\s\S]*Missing\n {4}capi-1-w-1: provision/,
    );
  });

  it("waits for grace: an image that has been waited for for a minute is none that cannot be pulled", () => {
    const base = named("cilium-image-not-pulled");
    const young = {
      "pods/cilium-4": {
        ...base.change?.["pods/cilium-4"],
        metadata: { creationTimestamp: "2026-11-26T09:59:00Z" },
      },
    };
    assert.equal(diagnosisOf({ ...base, change: young }).first, undefined);
  });

  it("takes no step for sound that it could not look at", () => {
    const { walked, unread } = diagnosisOf(named("endpoint-refused"));
    assert.deepEqual(
      walked.filter(({ state }) => state === "unknown").map(({ name }) => name),
      ["Cilium", "BGP"],
    );
    assert.match(unread.join("\n"), /^workload cluster: .*ECONNREFUSED/);
  });

  it("does not take an event about what was mended for a cause, nor a member that nobody could ask for one that is away", () => {
    const involvedObject = { kind: "MachineDeployment", name: "capi-1-workers" };
    const message = "failed calling webhook: connection refused";
    const event = (lastTimestamp: string) => ({ "events/a": { involvedObject, message, lastTimestamp } });
    const healthy = named("healthy");
    assert.equal(diagnosisOf({ ...healthy, change: event("2026-11-26T09:30:00Z") }).verdict, "healthy");
    const fresh = diagnosisOf({ ...healthy, change: event("2026-11-26T09:58:00Z") });
    assert.equal(fresh.first?.id, "management/webhook-unreachable");
    const unknown = {
      conditions: [{ type: "EtcdMemberHealthy", status: "Unknown", message: "Remote connection down" }],
    };
    const change = { "machines/capi-1-aaaa1": unknown, "machines/capi-1-aaaa2": unknown };
    assert.equal(
      diagnosisOf({ ...named("endpoint-vip-held-by-nobody"), change }).first?.id,
      "endpoint/vip-held-by-nobody",
    );
  });

  it("does not call a cluster refused for a part that it can do without", () => {
    const unread = { ipPools: { why: "the server could not find the requested resource", status: 404 } };
    const events = { events: { why: "forbidden", status: 403 } };
    const found = diagnosisOf({ ...named("healthy"), unread: { ...unread, ...events } });
    assert.deepEqual([found.verdict, found.unread], ["healthy", ["management cluster, events: forbidden"]]);
  });

  it("takes a template for edited only when its machines' content has changed, not for its nodeReuse", () => {
    const [template] = inManagement(healthySnapshot(), "machineTemplates");
    assert.ok(template);
    const key = `machineTemplates/${template.metadata.name}`;
    const edited = (spec: object) =>
      diagnosisOf({ ...named("healthy"), change: { [key]: { metadata: { generation: 2 }, spec } } });
    assert.equal(edited({ nodeReuse: true }).verdict, "healthy");
    const image = { template: { spec: { image: { url: "http://10.0.0.1/other.qcow2" } } } };
    assert.equal(edited(image).first?.id, "machines/template-edited");
  });

  it("is healthy without BGP when the stack has none", () => {
    const rest = Object.fromEntries(Object.entries(plan).filter(([key]) => key !== "bgp")) as typeof plan;
    const broken = named("bgp-router-answers");
    assert.equal(diagnose(rest, snapshotWith(broken), at).verdict, "healthy");
  });
});
