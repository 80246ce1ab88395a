import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { type KubernetesObject } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import { causes, waitCauses } from "../../model/live/causes";
import { type Case, configGone, leaving, machineCauses, noHost } from "./machine-causes";
import { bracket, failing, hostCauses, withOtherDisk } from "./host-causes";
import * as o from "./objects";
import { agentsWith, endedAgent, endedPod, endpointEnv, looping, pod, pulling } from "./pods";
import { login, registering } from "./registering";
import { looks, observe, readyBut, unlisted } from "./situation";

const pool = { pool: "p" };
const denied = 'admission webhook "validation.metal3machine" denied the request: spec.image.url is not a URL';
const applied = o.resourceSet(true);
const isPayload = (object: KubernetesObject) => object.kind === "ConfigMap";

const bgpBroken = (type: string, kind: "CiliumBGPClusterConfig" | "CiliumBGPPeerConfig", name: string) => [
  o.node("cp1", true),
  o.bgpNodeConfig("cp1", "idle"),
  o.object(resources[kind], name, { status: { conditions: [o.condition(type, "True", "missing: x")] } }),
];

const names: Readonly<Record<string, Case>> = {
  ...hostCauses,
  "a host that somebody deleted": {
    after: 61,
    objects: readyBut([], (object) => object.kind === "BareMetalHost" && object.metadata.name === "w1"),
    ids: ["hosts/absent"],
  },
  ...machineCauses,
  "a webhook that denies": {
    after: 61,
    objects: readyBut([
      o.object(resources.KubeadmControlPlane, "capi-1", {
        status: { observedGeneration: 1, conditions: [o.condition("ScalingUp", "True", denied)] },
      }),
    ]),
    ids: ["machines/webhook-refused"],
  },
  "a payload that is not there while the set calls itself applied": {
    after: 21,
    objects: readyBut(
      [o.object(resources.ClusterResourceSetBinding, "capi-1", { spec: { clusterName: "capi-1" } })],
      isPayload,
    ),
    ids: ["resource-set/payload-missing"],
  },
  "a payload that the binding does not know": {
    after: 21,
    objects: readyBut([o.object(resources.ClusterResourceSetBinding, "capi-1", { spec: { bindings: [] } })]),
    ids: ["resource-set/payload-missing"],
  },
  "a Secret of the wrong type": {
    after: 21,
    objects: readyBut([
      o.object(resources.ClusterResourceSet, "capi-1-cilium", {
        spec: { clusterSelector: { matchLabels: { stack: "capi-1" } } },
        status: {
          conditions: [
            o.condition("ResourcesApplied", "False", "secret type not supported", "WrongSecretType"),
          ],
        },
      }),
    ]),
    ids: ["resource-set/payload-wrong-type"],
  },
  "a resource set that selects other clusters": {
    after: 21,
    objects: readyBut(
      [
        ...o.resourceSet(false),
        o.object(resources.ClusterResourceSet, "capi-1-cilium", {
          spec: { clusterSelector: { matchLabels: { stack: "capi-2" } } },
        }),
      ].filter((object, index, all) => all.findLastIndex((other) => other.kind === object.kind) === index),
    ),
    ids: ["resource-set/cluster-not-selected"],
  },
  "a node without a CNI that nobody will bring": {
    after: 31,
    objects: readyBut([o.node("w1", false, o.noCni)], (object) => object.kind === "DaemonSet"),
    ids: ["nodes/cni-absent"],
  },
  "an agent that has not started for ten minutes": {
    after: 601,
    objects: readyBut([o.node("w1", false, o.noCni), pod("w1", "Pending"), pod("cp1", "Running")]),
    ids: ["nodes/agent-absent"],
  },
  "an image that cannot be pulled": {
    after: 181,
    objects: readyBut([pulling("ImagePullBackOff")]),
    ids: ["cilium/image-not-pulled"],
  },
  "an image name that is none": {
    after: 181,
    objects: readyBut([pulling("InvalidImageName")]),
    ids: ["cilium/image-not-pulled"],
  },
  "a container that waits for its sixth start": {
    after: 361,
    objects: readyBut([looping(5, { waiting: { reason: "CrashLoopBackOff" } })]),
    ids: ["cilium/crash-looping"],
  },
  "a container that runs between two ends": {
    after: 361,
    objects: readyBut([looping(6, { running: {} })]),
    ids: ["cilium/crash-looping"],
  },
  "agents without the API server's address": {
    after: 61,
    objects: readyBut(agentsWith([], 0)),
    ids: ["cilium/agent-endpoint-wrong"],
  },
  "an agent that refuses a setting": {
    after: 31,
    objects: readyBut([
      endedAgent(
        'level=fatal msg="unable to initialize BPF masquerade support" error="use --devices instead"',
      ),
    ]),
    ids: ["cilium/agent-refuses-settings"],
  },
  "an operator that the payload did not bring": {
    after: 61,
    objects: readyBut([], (object) => object.kind === "Deployment"),
    ids: ["cilium/workload-missing"],
  },
  "a rollout of something that is not there": {
    plan: { ...o.clusterPlan, subject: "rollout" },
    after: 61,
    objects: readyBut([], (object) => object.kind === "Deployment"),
    ids: ["cilium/workload-missing"],
  },
  "a paused Cluster": {
    after: 61,
    objects: readyBut([o.cluster(true, { spec: { paused: true } })]).map((object) =>
      object.kind === "MachineDeployment" ? { ...object, status: {} } : object,
    ),
    ids: ["cluster/not-reconciled"],
  },
  "a Cluster that is being deleted": {
    after: 61,
    objects: readyBut([o.cluster(false, { metadata: { deletionTimestamp: "2026-11-23T10:00:00Z" } })]),
    ids: ["cluster/not-reconciled"],
  },
  "a dangling peer configuration": {
    plan: o.bgpPlan,
    after: 61,
    objects: [o.cluster(true), ...bgpBroken("cilium.io/MissingPeerConfigs", "CiliumBGPClusterConfig", "bgp")],
    ids: ["bgp/peer-config-missing"],
  },
  "a BGP configuration without nodes": {
    plan: o.bgpPlan,
    after: 61,
    objects: [o.cluster(true), ...bgpBroken("cilium.io/NoMatchingNode", "CiliumBGPClusterConfig", "bgp")],
    ids: ["bgp/no-matching-node"],
  },
  "two BGP configurations for one node": {
    plan: o.bgpPlan,
    after: 61,
    objects: [
      o.cluster(true),
      ...bgpBroken("cilium.io/ConflictingClusterConfig", "CiliumBGPClusterConfig", "bgp"),
    ],
    ids: ["bgp/config-conflict"],
  },
  "a BGP password that is not there": {
    plan: o.bgpPlan,
    after: 61,
    objects: [o.cluster(true), ...bgpBroken("cilium.io/MissingAuthSecret", "CiliumBGPPeerConfig", "peer")],
    ids: ["bgp/auth-secret-missing"],
  },
};

/** What is merely slow, or was mended: nothing may be named, however long it lasts. */
const silent: Readonly<
  Record<string, { at?: number; first?: readonly KubernetesObject[]; then: readonly KubernetesObject[] }>
> = {
  "two refused logins": { then: readyBut([failing("registration error", 2, "HTTP 401")]) },
  "an error that an earlier run left, before the next try": {
    first: readyBut([failing("registration error", 5, "HTTP 401")]),
    then: readyBut([failing("registration error", 5, "HTTP 401")]),
  },
  "an error that an earlier run left, of the login that is there": {
    first: readyBut([registering(5, "8"), login("8")]),
    then: readyBut([registering(5, "8"), login("8")]),
  },
  "a free host whose root device hint no disk has": {
    then: readyBut([withOtherDisk({ consumerRef: undefined })]),
  },
  "a root device hint for a volume that is made after the inspection": {
    then: readyBut([withOtherDisk({ raid: { hardwareRAIDVolumes: [{ level: "1" }] } })]),
  },
  "a timeout of a write, reported with the image's checksum": {
    then: readyBut([
      failing("provisioning error", 1, `${bracket} Timeout reached while waiting for callback for node x`),
    ]),
  },
  "a new password that was not tried yet": {
    then: readyBut([
      o.host("cp1", {
        state: "registering",
        tried: "7",
        error: { type: "registration error", count: 5, message: "HTTP 401" },
      }),
      o.object(resources.Secret, "cp1-bmc", { metadata: { resourceVersion: "8" } }),
    ]),
  },
  "a leaving machine whose KubeadmConfig went first": {
    then: readyBut([leaving(configGone())]),
  },
  "a marked host whose machine is replaced": {
    then: readyBut([
      ...o.machine("m-w1").map(leaving),
      o.host("w1", {
        state: "deprovisioning",
        consumer: "m-w1",
        annotations: { "capm3.metal3.io/unhealthy": "" },
      }),
    ]),
  },
  "a host on its way to become available": {
    then: readyBut([
      ...o.machine("m-w1", undefined, [noHost]),
      o.host("w1", { state: "inspecting", labels: pool }),
    ]),
  },
  "a host that the old machine is leaving": {
    then: readyBut([
      ...o.machine("m-new", undefined, [noHost]),
      ...o
        .machine("m-w1")
        .map((m) => ({ ...m, metadata: { ...m.metadata, deletionTimestamp: "2026-11-23T10:00:00Z" } })),
      o.host("w1", { state: "deprovisioning", consumer: "m-w1", labels: pool }),
    ]),
  },
  "a webhook that does not answer": {
    then: readyBut([
      o.object(resources.KubeadmControlPlane, "capi-1", {
        status: {
          observedGeneration: 1,
          conditions: [o.condition("ScalingUp", "True", 'failed calling webhook "x": connection refused')],
        },
      }),
    ]),
  },
  "a resource set before the first API server answers": { then: readyBut(o.resourceSet(false)) },
  "a node without a CNI before the resource set was applied": {
    then: readyBut(
      [o.node("w1", false, o.noCni), ...o.resourceSet(false)],
      (object) => object.kind === "DaemonSet",
    ),
  },
  "an image that is being pulled": { then: readyBut([pulling("ContainerCreating")]) },
  "an operator that restarted four times until the API answered": {
    then: readyBut([looping(4, { running: {} })]),
  },
  "agents with the API server's address that are not ready": { then: readyBut(agentsWith(endpointEnv, 0)) },
  "agents that are ready without it": { then: readyBut(agentsWith([], 2)) },
  "an agent that ended twice because the API server did not answer": {
    then: readyBut([
      endedAgent(
        'level=fatal msg="Unable to contact k8s api-server" error="dial tcp 10.0.0.1:6443: connect: connection refused"',
      ),
    ]),
  },
  "an agent that ended twice without an error of its own": {
    then: readyBut([endedAgent('level=info msg="Stopped"')]),
  },
  "a container that restarted often and is ready now": {
    then: readyBut([endedPod]),
  },
  "an agent that pulls its image for nine minutes": {
    at: 540,
    then: readyBut([o.node("w1", false, o.noCni), pod("w1", "Pending")]),
  },
};

describe("causes", () => {
  for (const [title, { plan, after, objects, ids }] of Object.entries(names)) {
    it(`name ${title}`, () => {
      const target = plan ?? o.clusterPlan;
      const healthy = observe(readyBut([]));
      const [, , found] = looks(target, [
        { at: 0, see: healthy },
        { at: 1, see: observe(objects) },
        { at: 1 + after, see: observe(objects) },
      ]);
      assert.deepEqual(
        found?.causes.map((cause) => cause.id),
        ids,
      );
      for (const cause of found?.causes ?? []) {
        assert.ok(cause.evidence.length > 10 && cause.fix.length > 10 && cause.object.length > 2);
      }
    });

    if (after > 0) {
      it(`do not yet name ${title} within the grace period`, () => {
        const [, , early] = looks(plan ?? o.clusterPlan, [
          { at: 0, see: observe(readyBut([])) },
          { at: 1, see: observe(objects) },
          { at: after - 1, see: observe(objects) },
        ]);
        assert.deepEqual(early?.causes, []);
      });
    }
  }

  for (const [title, { at = 7200, first, then }] of Object.entries(silent)) {
    it(`stay silent about ${title}`, () => {
      const all = looks(o.clusterPlan, [
        { at: 0, see: observe(first ?? readyBut([])) },
        { at: 1, see: observe(then) },
        { at, see: observe(then) },
      ]);
      assert.deepEqual(
        all.flatMap((found) => found.causes),
        [],
      );
    });
  }

  it("start a grace period again when the sign was gone in between, or the API was silent", () => {
    const bad = observe(readyBut([o.node("w1", false, o.noCni)], (object) => object.kind === "DaemonSet"));
    const down = {
      ...bad,
      management: { ...bad.management, trouble: { since: 20_000, message: "refused" } },
    };
    const all = looks(o.clusterPlan, [
      { at: 0, see: bad },
      { at: 29, see: down },
      { at: 31, see: bad },
      { at: 60, see: bad },
      { at: 62, see: bad },
    ]);
    assert.deepEqual(
      all.map((found) => found.causes.length),
      [0, 0, 0, 0, 1],
    );
  });

  it("judge a silent or refusing management cluster only by that", () => {
    const see = (status?: number) => {
      const trouble = { since: 0, message: "refused", ...(status === undefined ? {} : { status }) };
      return observe([], { management: { ...unlisted(observe([]).management), trouble } });
    };
    const ids = (status?: number) =>
      looks(o.clusterPlan, [
        { at: 0, see: see(status) },
        { at: 130, see: see(status) },
      ])[1]?.causes.map((cause) => cause.id);
    assert.deepEqual(ids(), ["management/unreachable"]);
    assert.deepEqual(ids(403), ["management/refused"]);
  });

  it("are listed once, each tested, with ids of the form area/words", () => {
    const ids = waitCauses.map((rule) => rule.id);
    assert.equal(new Set(ids).size, ids.length);
    const tested = new Set([
      ...Object.values(names).flatMap((entry) => entry.ids),
      "management/refused",
      "management/unreachable",
      // bgp-sessions.test.ts
      "bgp/asn-agreed",
      "bgp/node-inside-range",
      "bgp/prefixes-below-maximum",
    ]);
    for (const id of ids) {
      assert.match(id, /^[a-z-]+\/[a-z-]+$/);
      assert.ok(tested.has(id), `${id}: add a row to the table "names" of test/readiness/causes.test.ts`);
    }
    for (const { id, summary } of causes) assert.match(summary, /^\S.*[^.]\.$/, id);
    const folder = path.join(__dirname, "../../model/live/causes");
    const index = fs.readFileSync(path.join(folder, "index.ts"), "utf8");
    for (const file of fs
      .readdirSync(folder)
      .filter((name) => !/^(index|cause|host-errors)\.ts$/.test(name))) {
      assert.ok(
        index.includes(`./${file.replace(".ts", "")}"`),
        `${file}: add its causes to model/live/causes/index.ts`,
      );
    }
  });

  it("have nothing to say about a ready cluster", () => {
    const [found] = looks(o.clusterPlan, [{ at: 0, see: observe([...readyBut([]), ...applied.slice(3)]) }]);
    assert.deepEqual(found?.causes, []);
    assert.equal(found?.ready, true);
  });
});
