import assert from "node:assert/strict";
import { plain } from "../../model/findings/formats";
import { duration } from "../../model/text/wording";
import { statusLines } from "../../model/live/status/lines";
import { at, healthySnapshot, plan } from "../live/healthy";
import { type SituationChange, snapshotWith } from "../live/situation";
import { said, statusChanges, statusTree } from "../../model/live/status/tree";

const treeOf = (changed: SituationChange, now = at) => statusTree(plan, snapshotWith(changed), now);
const linesOf = (changed: SituationChange, now = at) =>
  statusLines(treeOf(changed, now), now, { drawn: false, paint: plain, width: Infinity });
/** The line that names something. */
const lineOf = (changed: SituationChange, name: RegExp, now = at) =>
  (linesOf(changed, now).find((line) => name.test(line)) ?? "no such line").trim().replace(/ +/g, " ");

/** The worker is being made: its host is written, or not even found. */
const young = (host: object, machine: object = {}): SituationChange => ({
  change: {
    "hosts/capi-1-w-1": host as Record<string, unknown>,
    "machines/capi-1-workers-bbbbb-1": { status: { phase: "Provisioning", nodeRef: null }, ...machine },
  },
  remove: ["nodes/capi-1-workers-bbbbb-1"],
});

describe("the status of a cluster", () => {
  it("is a tree from the Cluster to the certificates, each line with how long it has been so", () => {
    const tree = statusTree(plan, healthySnapshot(), at + 3000);
    assert.deepEqual(statusLines(tree, at + 3000, { drawn: true, paint: plain, width: 80 }), [
      "capi-1  v1.36.3  READY  4/4 nodes Ready  read 3 s ago",
      "├─ ✔ Cluster                     Available  for 2 h 00 m",
      "├─ ✔ Control plane               3/3 ready, etcd healthy",
      "│  ├─ ✔ capi-1-cp-1  provisioned, on, node capi-1-aaaa1 Ready  for 2 h 00 m",
      "│  ├─ ✔ capi-1-cp-2  provisioned, on, node capi-1-aaaa2 Ready  for 2 h 00 m",
      "│  └─ ✔ capi-1-cp-3  provisioned, on, node capi-1-aaaa3 Ready  for 2 h 00 m",
      "├─ ✔ Workers workers             1/1 ready",
      "│  └─ ✔ capi-1-w-1  provisioned, on, node capi-1-workers-bbbbb-1 Ready  for 2 h…",
      "├─ ✔ Resource set capi-1-cilium  1/1 applied  for 2 h 00 m",
      "├─ ✔ API 10.250.250.29:6443      answers",
      "├─ ✔ Cilium v1.19.5              cilium 4/4 ready, cilium-operator 2/2 ready, k…",
      "├─ ✔ BGP                         4/4 sessions established with frr  for 2 h 00 m",
      "└─ ✔ Certificates                kubeconfig ends in 364 d, the first of 5 ends …",
      "",
      "Nothing is missing.",
    ]);
    assert.equal(tree.verdict, "ready");
  });

  it("shows the bounds of an autoscaler with the number that it has decided", () => {
    const workerPools = plan.readiness.workerPools.map((pool) => ({ ...pool, replicas: 0, most: 4 }));
    const autoscaled = { ...plan, readiness: { ...plan.readiness, workerPools } };
    const tree = (replicas: number) =>
      statusTree(
        autoscaled,
        snapshotWith({ change: { "machineDeployments/capi-1-workers": { spec: { replicas } } } }),
        at,
      );
    const lines = (replicas: number) =>
      statusLines(tree(replicas), at, { drawn: false, paint: plain, width: Infinity }).join("\n");
    assert.equal(tree(1).verdict, "ready");
    assert.match(lines(1), /4\/4 nodes Ready/);
    assert.match(lines(1), /Workers workers +1\/1 ready, autoscaled 0 to 4/);
    assert.match(lines(3), /4\/6 nodes Ready[^]*Workers workers +1\/3 ready/);
  });

  it("lists hosts that are out of service apart, and waits for none of them", () => {
    const hosts = plan.readiness.hosts.filter(({ name }) => name !== "capi-1-w-1");
    const readiness = { ...plan.readiness, hosts, workerPools: [] };
    const adopted = snapshotWith({
      change: {
        "hosts/capi-1-w-1": {
          metadata: {
            labels: { "metal.internal/pool": null },
            annotations: { "metal.internal/pool": "workers" },
          },
          spec: { consumerRef: null },
          status: { provisioning: { state: "externally provisioned" } },
        },
      },
    });
    const lines = statusLines(statusTree({ ...plan, readiness }, adopted, at), at, {
      drawn: false,
      paint: plain,
      width: Infinity,
    });
    const found = lines.findIndex((line) => /Out of service +1 host/.test(line));
    assert.match(lines[found + 1] ?? "", /capi-1-w-1 +externally provisioned, on, of pool workers/);
    assert.ok(!lines.some((line) => /^- capi-1-w-1|capi-1-w-1: /.test(line)), lines.join("\n"));
  });

  it("names the cluster that runs on a host of the stack, and no node that the host would become", () => {
    const change = {
      "hosts/capi-1-w-1": {
        metadata: { labels: { "cluster.x-k8s.io/cluster-name": "other" } },
        spec: { consumerRef: { kind: "Metal3Machine", name: "other-md-0-x", namespace: "capi-1" } },
        status: { provisioning: { state: "provisioned" } },
      },
    };
    assert.match(
      linesOf({ change }).join("\n"),
      /capi-1-w-1 +provisioned, claimed by Metal3Machine capi-1\/other-md-0-x of cluster "other", on/,
    );
  });

  it("has no sign and no colour where there is no terminal", () => {
    assert.ok(
      linesOf({}).every((line) => /^[\x20-\x7e]*$/.test(line)),
      linesOf({}).join("\n"),
    );
  });

  it("says what a machine waits for: its host's image", () => {
    const writing = young({
      status: {
        provisioning: { state: "provisioning" },
        operationHistory: { provision: { start: "2026-11-26T09:56:00Z", end: null } },
      },
    });
    assert.equal(treeOf(writing).verdict, "not ready");
    assert.match(lineOf(writing, /capi-1-w-1/), /^wait capi-1-w-1 provisioning, on for 4 m 00 s$/);
    assert.match(
      lineOf(writing, /machine capi-1-workers/),
      /provisioning, waits for host capi-1-w-1: writing the image fedora-k8s-v1.36.3.qcow2 for/,
    );
  });

  it("says what a machine waits for: its node, since the image was written", () => {
    const booting = young({
      status: { operationHistory: { provision: { end: "2026-11-26T09:45:58Z" } } },
    });
    assert.match(lineOf(booting, /capi-1-w-1/), /^wait capi-1-w-1 provisioned, on for 14 m 02 s$/);
    assert.match(lineOf(booting, /machine capi-1-workers/), /waits for its node: the image is written/);
  });

  it("says what a machine waits for: a host, bootstrap data, or its own deletion", () => {
    const unhosted: SituationChange = {
      change: {
        "hosts/capi-1-w-1": { spec: { consumerRef: null }, status: { provisioning: { state: "available" } } },
        "machines/capi-1-workers-bbbbb-1": { status: { phase: "Provisioning", nodeRef: null } },
        "metal3Machines/capi-1-workers-bbbbb-1": {
          conditions: [
            { type: "AssociateBareMetalHost", status: "False", message: "no available host found" },
          ],
        },
      },
    };
    assert.match(lineOf(unhosted, /machine capi-1-workers/), /waits for a host: no available host found/);
    const machine = "machines/capi-1-workers-bbbbb-1";
    const early = {
      change: {
        ...unhosted.change,
        [machine]: {
          spec: { bootstrap: { dataSecretName: null } },
          status: { phase: "Pending", nodeRef: null },
          conditions: [
            {
              type: "BootstrapConfigReady",
              status: "False",
              message: "* DataSecretAvailable: Waiting for control plane",
            },
          ],
        },
      },
    };
    assert.match(
      lineOf(early, /machine capi-1-workers/),
      /pending, waits for its bootstrap data: DataSecretAvailable: Waiting for control plane/,
    );
    const leaving = {
      change: {
        [machine]: {
          metadata: { deletionTimestamp: "2026-11-26T09:30:00Z" },
          conditions: [{ type: "Deleting", status: "True", message: "Drain not completed yet: 2 pods" }],
        },
      },
    };
    assert.match(
      lineOf(leaving, /machine capi-1-workers/),
      /being deleted, waits for Drain not completed yet: 2 pods for 30 m 00 s$/,
    );
  });

  it("shows a host's error below the host, and its power", () => {
    const failing: SituationChange = {
      change: {
        "hosts/capi-1-w-1": {
          status: {
            errorType: "registration error",
            errorMessage: "HTTP 401",
            errorCount: 4,
            poweredOn: false,
          },
        },
      },
    };
    assert.match(lineOf(failing, /capi-1-w-1/), /^BAD capi-1-w-1 provisioned, off/);
    assert.match(lineOf(failing, /registration error/), /^BAD registration error HTTP 401 \(4 times\)$/);
  });

  it("says of a free server that it is kept for the next machine of its pool", () => {
    const kept = {
      metadata: { labels: { "infrastructure.cluster.x-k8s.io/node-reuse": "md-capi-1-workers" } },
      spec: { consumerRef: { kind: "Cluster", name: "capi-1" } },
      status: { provisioning: { state: "available" }, poweredOn: false },
    };
    const scaledIn: SituationChange = {
      change: { "hosts/capi-1-w-1": kept },
      remove: ["machines/capi-1-workers-bbbbb-1", "nodes/capi-1-workers-bbbbb-1"],
    };
    assert.match(
      lineOf(scaledIn, /capi-1-w-1/),
      /capi-1-w-1 available, kept for the next machine of its pool, off/,
    );
  });

  it("shows what a condition complains about and since when, and no other condition", () => {
    const rolling: SituationChange = {
      change: {
        "controlPlanes/capi-1": {
          conditions: [
            {
              type: "RollingOut",
              status: "True",
              message: "Rolling out 1 not up-to-date replicas\n* Version v1.35.1, v1.36.3 required",
              lastTransitionTime: "2026-11-26T09:57:00Z",
            },
          ],
        },
      },
    };
    assert.equal(
      lineOf(rolling, /RollingOut/),
      "wait RollingOut True: Rolling out 1 not up-to-date replicas; Version v1.35.1, v1.36.3 required for 3 m 00 s",
    );
    assert.equal(lineOf({}, /RollingOut/), "no such line");
  });

  it("counts the resource set's payloads and says what is not applied", () => {
    const unapplied: SituationChange = {
      change: {
        "bindings/capi-1": { spec: { bindings: [] } },
        "resourceSets/capi-1-cilium": {
          conditions: [{ type: "ResourcesApplied", status: "False", message: "cannot apply" }],
        },
      },
    };
    assert.match(
      lineOf(unapplied, /Resource set/),
      /^wait Resource set capi-1-cilium 0\/1 applied, ConfigMap\/capi-1-cilium is not, cannot apply for 2 h/,
    );
  });

  it("names the sessions that are down and why, and an agent whose word does not count", () => {
    const idle: SituationChange = {
      change: {
        "bgpNodeConfigs/capi-1-aaaa1": {
          status: { bgpInstances: [{ name: "default", peers: [{ name: "frr-v4", peeringState: "idle" }] }] },
        },
      },
    };
    assert.match(lineOf(idle, /BGP/), /^BAD BGP 3\/4 sessions established with frr/);
    assert.match(
      lineOf(idle, /capi-1-aaaa1 to frr-v4/),
      /^BAD capi-1-aaaa1 to frr-v4 192\.168\.254\.1 idle, likely bgp\/neighbour-configured/,
    );
    const dead: SituationChange = {
      change: { "pods/cilium-1": { conditions: [{ type: "Ready", status: "False" }] } },
    };
    assert.match(lineOf(dead, /capi-1-aaaa1 to/), /established, the Cilium agent on this node is not Ready/);
    assert.match(lineOf(dead, /agent on/), /^BAD agent on capi-1-aaaa1 cilium-1 is not ready/);
  });

  it("warns of certificates that end soon, and names them", () => {
    const ending: SituationChange = {
      credentials: [{ name: "kubeconfig", notAfter: "2026-12-26T10:00:00Z" }],
    };
    assert.match(lineOf(ending, /Certificates/), /^BAD Certificates kubeconfig ends in 30 d/);
    assert.equal(treeOf(ending).verdict, "ready");
  });

  it("still shows the management half when the workload cluster does not answer, and says so", () => {
    const away: SituationChange = {
      unreachable: { workload: "cluster capi-1 cannot be queried: timed out" },
    };
    const lines = linesOf(away).join("\n");
    assert.equal(treeOf(away).verdict, "not ready");
    assert.match(lines, /Control plane +3\/3 ready/);
    assert.match(lines, /BAD +API 10.250.250.29:6443 +cluster capi-1 cannot be queried: timed out/);
    assert.doesNotMatch(lines, /Cilium v/);
  });

  it("shows old data with its age once a cluster has gone silent", () => {
    const snapshot = healthySnapshot();
    const parts = Object.fromEntries(
      Object.entries(snapshot.workload.parts).map(([part, reading]) => [
        part,
        { ...reading, unread: { why: "silent" } },
      ]),
    ) as typeof snapshot.workload.parts;
    const now = at + 240_000;
    const old = {
      ...snapshot,
      at: now,
      workload: { ...snapshot.workload, trouble: { since: now, message: "silent" }, parts },
    };
    const tree = statusTree(plan, old, now);
    const lines = statusLines(tree, now, { drawn: false, paint: plain, width: Infinity });
    assert.match(
      lines.find((line) => /BGP/.test(line)) ?? "",
      /4\/4 sessions established .*seen 4 m 00 s ago/,
    );
    assert.equal(tree.verdict, "not ready");
  });

  it("cannot tell when the management cluster is silent, or when a part of it may not be read", () => {
    const silent: SituationChange = { unreachable: { management: "no route", workload: "no route" } };
    assert.equal(treeOf(silent).verdict, "unknown");
    const said = linesOf(silent).join("\n");
    assert.equal(said.split("no route").length - 1, 1, said);
    assert.match(said, /Readiness cannot be determined/);
    const refused: SituationChange = { unread: { machines: { why: "cannot list machines", status: 403 } } };
    assert.match(lineOf(refused, /machines/), /^\? machines could not be read: cannot list machines$/);
  });

  it("tells many servers that are alike in one line", () => {
    const many = Array.from({ length: 12 }, (_, n) => ({
      kind: "host",
      name: `w${n}`,
      mark: n === 5 ? ("bad" as const) : ("good" as const),
      text: "x",
    }));
    const pool = { kind: "pool", name: "Workers", mark: "bad" as const, text: "11/12 ready", children: many };
    const tree = { ...treeOf({}), items: [pool] };
    const lines = statusLines(tree, at, { drawn: false, paint: plain, width: Infinity });
    assert.equal(lines.filter((line) => /w\d/.test(line)).length, 2, lines.join("\n"));
    assert.match(lines.join("\n"), /BAD +w5 .*\n.*11 hosts alike/);
  });

  it("changes by exactly what is said otherwise, not by ages", () => {
    const before = said(treeOf({}));
    assert.deepEqual(statusChanges(before, said(treeOf({}, at + 60_000))), []);
    const paused = said(treeOf({ change: { "clusters/capi-1": { spec: { paused: true } } } }));
    assert.deepEqual(statusChanges(before, paused), [{ path: "Cluster", text: "busy: Available, paused" }]);
  });
});

describe("a duration", () => {
  it("has two units at most", () => {
    const texts = [0, 42_000, 842_000, 11_520_000, 1_051_200_000, 31_300_000_000].map(duration);
    assert.deepEqual(texts, ["0 s", "42 s", "14 m 02 s", "3 h 12 m", "12 d 4 h", "362 d"]);
  });
});
