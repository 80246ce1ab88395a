import assert from "node:assert/strict";
import { columnsFor, eventJson, eventLine, eventLines } from "../../model/live/readiness/event";
import { plainText } from "../../model/redaction/shown";
import { type Span, timelineJson, timelineOf } from "../../model/live/readiness/timeline";
import { resources } from "../../model/kubernetes/resources";
import * as o from "./objects";
import { looks, observe, readyBut } from "./situation";
import { clock } from "../../model/text/wording";

const what = (objects: Parameters<typeof observe>[0], plan: Parameters<typeof looks>[0] = o.clusterPlan) =>
  looks(plan, [{ at: 0, see: observe(objects) }])[0]?.missing.map((item) => `${item.who} ${item.what}`);

describe("readiness of a cluster", () => {
  it("is missing nothing when everything holds", () => {
    assert.deepEqual(what(readyBut([])), []);
  });

  const gaps: Readonly<Record<string, { objects: Parameters<typeof observe>[0]; gap: RegExp }>> = {
    "a Cluster that is Available for an older generation": {
      objects: readyBut([{ ...o.cluster(true), metadata: { ...o.cluster(true).metadata, generation: 2 } }]),
      gap: /Cluster Available for the present generation/,
    },
    "a control plane that has not seen its newest spec": {
      objects: readyBut(
        o.machineSets(1).map((set) => ({ ...set, metadata: { ...set.metadata, generation: 2 } })),
      ),
      gap: /1 control planes ready and up to date/,
    },
    "a DaemonSet that wants no pods": {
      objects: readyBut([
        o.object(resources.DaemonSet, "cilium", {
          metadata: { namespace: "kube-system" },
          status: {
            observedGeneration: 1,
            desiredNumberScheduled: 0,
            numberReady: 0,
            updatedNumberScheduled: 0,
          },
        }),
      ]),
      gap: /DaemonSet kube-system\/cilium rolled out/,
    },
    "a payload that is not applied": {
      objects: readyBut(o.resourceSet(false)),
      gap: /ConfigMap\/capi-1-cilium applied/,
    },
    "a node that is not Ready": { objects: readyBut([o.node("w1", false)]), gap: /w1 node Ready/ },
    "a host that nobody has claimed": {
      objects: readyBut([o.host("w1", { state: "available" })]),
      gap: /w1 available: available/,
    },
    "a kind that is not served": {
      objects: readyBut([], (object) => object.kind === "CustomResourceDefinition"),
      gap: /CustomResourceDefinition ciliumbgppeerconfigs.cilium.io/,
    },
    "a rollout that goes on": {
      objects: readyBut([
        o.object(resources.Cluster, "capi-1", {
          status: {
            conditions: [o.condition("Available", "True"), o.condition("RollingOut", "True", "1 of 3")],
          },
        }),
      ]),
      gap: /Cluster RollingOut False/,
    },
  };
  it("takes the number of machines that an autoscaler has decided, between its bounds", () => {
    const [pool] = o.clusterPlan.workerPools;
    const autoscaled = (replicas: number, most: number) => ({
      ...o.clusterPlan,
      workerPools: pool === undefined ? [] : [{ ...pool, replicas, most }],
    });
    const decided = (replicas: number) => {
      const [deployment] = o.machineSets(1).filter(({ kind }) => kind === "MachineDeployment");
      return deployment === undefined ? [] : readyBut([{ ...deployment, spec: { replicas } }]);
    };
    assert.deepEqual(what(decided(1), autoscaled(0, 3)), []);
    assert.match(
      (what(decided(2), autoscaled(0, 3)) ?? []).join("\n"),
      /3 nodes in the cluster \(2 so far\)\n.*pool md-0: 2 workers ready and up to date \(1 ready\)/s,
    );
    // One outside of the bounds is about to change.
    assert.deepEqual(what(decided(7), autoscaled(0, 1)), []);
    assert.match((what(decided(1), autoscaled(2, 3)) ?? []).join("\n"), /pool md-0: 2 workers ready/);
  });

  it("allows for machines of MachineDeployments that go when all that is planned is ready", () => {
    const workers = (count: number) => ({
      ...o.cluster(true),
      status: {
        ...(o.cluster(true)["status"] as object),
        workers: { desiredReplicas: count, readyReplicas: count, upToDateReplicas: count },
      },
    });
    const leaving = (clusterName: string) =>
      o.object(resources.MachineDeployment, "capi-1-old", { spec: { clusterName, replicas: 2 } });
    assert.deepEqual(what(readyBut([workers(3), leaving("capi-1")])), []);
    const gap = /Cluster workers\.desiredReplicas 1 \(\d so far\)/;
    for (const objects of [[workers(3), leaving("capi-2")], [workers(3)], [workers(4), leaving("capi-1")]])
      assert.match((what(readyBut(objects)) ?? []).join("\n"), gap);
  });

  it("counts the spares of each failure domain of a pool on its own", () => {
    const [pool] = o.clusterPlan.workerPools;
    if (pool === undefined) throw new Error("no pool");
    const spread = (domainOfSpare: string) => ({
      ...o.clusterPlan,
      hosts: [
        { name: "cp1", pool: "control-plane" },
        { name: "w1", pool: "md-0", failureDomain: "a" },
        { name: "w2", pool: "md-0", failureDomain: domainOfSpare },
      ],
      workerPools: [
        { ...pool, failureDomain: "a" },
        { ...pool, failureDomain: "b", machineDeployment: "capi-1-md-0-b" },
      ],
    });
    const free = readyBut([o.host("w2", { state: "available" })]);
    const gaps = (domain: string) => (what(free, spread(domain)) ?? []).filter((gap) => gap.startsWith("w2"));
    assert.deepEqual(gaps("a"), []);
    assert.deepEqual(gaps("b"), ["w2 available: available"]);
    assert.ok(what(free, spread("b"))?.some((gap) => /pool md-0 in b: 1 workers ready/.test(gap)));
  });

  for (const [title, { objects, gap }] of Object.entries(gaps)) {
    it(`is not given with ${title}`, () => {
      const missing = what(objects) ?? [];
      assert.ok(
        missing.some((item) => gap.test(item)),
        missing.join("\n"),
      );
    });
  }

  it("does not need a spare host to be claimed", () => {
    const plan = { ...o.clusterPlan, hosts: [...o.clusterPlan.hosts, { name: "w2", pool: "md-0" }] };
    assert.deepEqual(what([...readyBut([]), o.host("w2", { state: "available" })], plan), []);
  });

  it("does not wait for a host that Metal3 keeps for the next machine of its pool", () => {
    const plan = { ...o.clusterPlan, hosts: [...o.clusterPlan.hosts, { name: "w2", pool: "md-0" }] };
    const kept = o.host("w2", { state: "available", keptFor: "capi-1" });
    assert.deepEqual(what([...readyBut([]), kept], plan), []);
    const foreign = o.host("w2", { state: "available", keptFor: "capi-9" });
    assert.deepEqual(what([...readyBut([]), foreign], plan), [
      "w2 available: claimed by Cluster metal/capi-9",
    ]);
  });

  it("counts no host of another cluster as one that has a machine of the pool", () => {
    const hosts = [
      ...o.clusterPlan.hosts.filter(({ pool }) => pool !== "md-0"),
      ...["w8", "w9"].map((name) => ({ name, pool: "md-0" })),
    ];
    const plan = { ...o.clusterPlan, hosts };
    const taken = (name: string) => {
      const host = o.host(name, { state: "provisioned" });
      const consumerRef = { kind: "Metal3Machine", name: "other-md-0-x", namespace: "elsewhere" };
      return { ...host, spec: { ...(host["spec"] as object), consumerRef } };
    };
    const missing = what([...readyBut([]), taken("w8"), o.host("w9", { state: "available" })], plan) ?? [];
    assert.deepEqual(
      missing.filter((gap) => /^w\d/.test(gap)),
      ["w8 other: claimed by Metal3Machine elsewhere/other-md-0-x", "w9 available: available"],
    );
  });

  it("needs the endpoint to be steady as long as the plan says", () => {
    const plan = { ...o.clusterPlan, steadySeconds: 10 };
    const see = observe(readyBut([]), { probes: { steadySince: 0 } });
    const found = looks(plan, [
      { at: 9, see },
      { at: 10, see },
    ]);
    assert.deepEqual(
      found.map((entry) => entry.ready),
      [false, true],
    );
  });

  it("is not given while an API server is silent", () => {
    const see = observe(readyBut([]));
    const silent = { ...see, workload: { ...see.workload, trouble: { since: 0, message: "refused" } } };
    assert.equal(looks(o.clusterPlan, [{ at: 1, see: silent }])[0]?.ready, false);
  });

  it("says each change once, and nothing while nothing changes", () => {
    const error = { type: "registration error", count: 1, message: "timed out" };
    const found = looks(o.clusterPlan, [
      { at: 0, see: observe(readyBut([])) },
      { at: 1, see: observe(readyBut([])) },
      { at: 2, see: observe(readyBut([o.host("w1", { state: "registering", error })])) },
      { at: 3, see: observe(readyBut([])) },
    ]);
    const said = found.map((entry) => entry.events.map((event) => `${event.host} ${event.text}`));
    assert.deepEqual(said.slice(1), [
      [],
      ["w1 registering", "w1 registration error (1x): timed out"],
      ["w1 the error is gone", "w1 node w1 is Ready"],
    ]);
  });
});

describe("readiness of BGP", () => {
  const base = [o.cluster(true), o.node("cp1", true)];
  const agent = (ready: string) =>
    o.object(resources.Pod, "cilium-x", {
      metadata: { labels: { "k8s-app": "cilium", "app.kubernetes.io/part-of": "cilium" } },
      spec: { nodeName: "cp1" },
      status: { conditions: [o.condition("Ready", ready)] },
    });

  it("needs every session established, and a living agent behind the word", () => {
    const up = o.bgpNodeConfig("cp1", "established");
    assert.deepEqual(what([...base, up], o.bgpPlan), []);
    assert.deepEqual(what([...base, up, agent("True")], o.bgpPlan), []);
    assert.equal(what([...base, up, agent("False")], o.bgpPlan)?.length, 1);
    assert.equal(what([...base, o.bgpNodeConfig("cp1", "active")], o.bgpPlan)?.length, 1);
    assert.equal(what([...base, up, o.node("w1", true)], o.bgpPlan)?.length, 1);
  });

  it("is not given when the selector matches no node", () => {
    const [instance] = o.bgpPlan.instances;
    if (instance === undefined) throw new Error("no instance");
    const plan = { ...o.bgpPlan, instances: [{ ...instance, nodeSelector: { matchLabels: { rack: "a" } } }] };
    assert.match(what(base, plan)?.[0] ?? "", /a node that bgp selects \(rack=a\)/);
  });
});

describe("lines of the waiting program", () => {
  const event = { at: 432_000, host: "cp1", phase: "boot", text: "from disk" };
  const columns = columnsFor(["cp1", "capi-1"]);

  it("begin with the time and the host, and never exceed 100 columns of ASCII", () => {
    assert.equal(eventLine(event, 0, columns), "07:12 cp1     boot      from disk");
    assert.equal(clock(7_507_000), "125:07");
    const long = eventLine({ ...event, text: `ü\n${"word ".repeat(99)}` }, 0, columns);
    assert.match(long, /^07:12 cp1 {5}boot {6}\? word[\x20-\x7e]*\.\.\.$/);
    assert.equal(long.length, 100);
    const many = eventLines({ ...event, text: "word ".repeat(99) + "x".repeat(200) }, 0, columns);
    assert.ok(many.every((line) => line.length <= 100 && line.startsWith("07:12 cp1     boot ")));
  });

  it("hold no secrets, in the JSON neither, and stay under 4 KiB", () => {
    const words =
      'redfish://root:hunter2@bmc said {"password": "hunter2"} Authorization: Basic hunter2 token=hunter2';
    assert.ok(!plainText(words).includes("hunter2"), plainText(words));
    const json = eventJson({ ...event, text: words, evidence: "x ".repeat(9000) }, 0, { cluster: "c" });
    assert.ok(!json.includes("hunter2") && json.length < 4096);
    assert.deepEqual(Object.keys(JSON.parse(json) as object).slice(0, 3), ["time", "elapsed", "cluster"]);
  });
});

describe("the timeline", () => {
  it("is told from the objects for what was over before we looked", () => {
    const past = { start: "2026-11-23T09:50:00Z", end: "2026-11-23T09:55:00Z" };
    const cp1 = o.host("cp1", { state: "provisioned", consumer: "m-cp1", labels: { pool: "p" } });
    const status = { ...(cp1["status"] as object), operationHistory: { inspect: past, provision: past } };
    const [found] = looks(o.clusterPlan, [
      { at: 1_800_000_000, see: observe(readyBut([{ ...cp1, status }])) },
    ]);
    const bars = timelineOf(found?.memory.spans ?? new Map());
    assert.deepEqual(
      bars
        .filter((bar) => bar.host === "cp1")
        .map((bar) => `${bar.phase} ${bar.start.slice(11, 19)} ${bar.end.slice(11, 19)}`),
      [
        "inspect 09:50:00 09:55:00",
        "provision 09:50:00 09:55:00",
        "boot 09:55:00 09:59:00",
        "join 09:59:00 10:00:00",
        "ready 10:00:00 10:00:00",
      ],
    );
  });

  it("merges the hosts of a large cluster into one bar per phase rather than grow over 4 KiB", () => {
    const spans = new Map<string, Span>();
    for (let n = 0; n < 300; n += 1)
      spans.set(`boot|h${n}`, { phase: "boot", host: `h${n}`, start: n * 1000, end: 500_000 + n * 1000 });
    const json = timelineJson(spans, 9);
    assert.ok(json.length < 4096);
    assert.deepEqual(JSON.parse(json), {
      timeline: [{ phase: "boot", start: "1970-01-01T00:00:00Z", end: "1970-01-01T00:13:19Z" }],
      seconds: 9,
      mergedHosts: 300,
    });
  });
});
