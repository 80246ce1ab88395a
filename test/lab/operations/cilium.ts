import assert from "node:assert/strict";
import { type KubernetesObject, list, text } from "../../../model/kubernetes/object";
import { resources } from "../../../model/kubernetes/resources";
import { versionOfImage } from "../../../model/kubernetes/version";
import { fieldManager, otherWriters } from "../../../model/cilium/ownership";
import type { Scenarios } from "../scenarios";
import type { Preview } from "./preview";
import { type OperationsStage, until } from "./stage";

/** Values that change the agents' settings, and bring one object more. */
const WITH_HUBBLE = { hubble: { enabled: true, tls: { enabled: false } } };

/** Upgrades of Cilium, changes of its values, and who owns it. */
export const CILIUM: Scenarios<OperationsStage> = {
  "changes nothing when the stack that adopted Cilium runs again": async (stage) => {
    const before = await agents(stage);
    await stage.settled();
    await stage.up("--expect-no-changes");
    assert.deepEqual(await agents(stage), before);
    await oneWriter(stage);
    const workload = await stage.workload();
    const { items } = await workload.list(resources.DaemonSet, "kube-system");
    const rewritten = items.filter(({ metadata }) => metadata.generation !== 1);
    assert.deepEqual(
      rewritten.map(({ metadata }) => metadata.name),
      [],
      "adopting it changed it",
    );
  },

  "refuses to jump over a minor of Cilium": async (stage) => {
    stage.set(["metal:cilium", "version"], "1.20.2");
    stage.set(["metal:cilium", "installedVersion"], "1.18.4");
    await stage.upFails(/lifecycle\/upgrade-by-one-minor/, /agents run 1\.18\.4/);
    stage.set(["metal:cilium", "version"], "1.18.4");
    stage.set(["metal:cilium", "installedVersion"], undefined);
  },

  "refuses an upgrade that forgets the version of the first installation": async (stage) => {
    stage.set(["metal:cilium", "version"], "1.19.5");
    await stage.upFails(/lifecycle\/installed-version-kept/, /write installedVersion: 1\.18\.4/);
    stage.set(["metal:cilium", "installedVersion"], "1.18.4");
  },

  "previews the upgrade as a diff of Cilium's objects and replaces none": async (stage) => {
    const { changes } = await stage.preview();
    const daemonSet = changes.find(({ name }) => name === "DaemonSet/kube-system/cilium");
    assert.equal(daemonSet?.op, "update");
    assert.ok(
      daemonSet.paths.some((path) => path.startsWith("spec.template")),
      daemonSet.paths.join(),
    );
    assert.deepEqual(
      changes.filter(({ op, type }) => op.includes("replace") && !type.startsWith("command:")),
      [],
    );
  },

  "previews the same while the workload cluster cannot be reached": async (stage) => {
    const silent = await stage.withoutEndpoint(() => stage.preview());
    assert.match(silent.said.join("\n"), /lifecycle\/upgrade-by-one-minor: cluster ops cannot be queried/);
    const steps = ({ changes }: Preview) => changes.map(({ op, name }) => `${op} ${name}`).sort();
    assert.deepEqual(steps(silent), steps(await stage.preview()));
  },

  "upgrades Cilium from 1.18 to 1.19 although the engine is killed in the middle": async (stage) => {
    const routes = await watchRoutes(stage);
    await stage.killDuringUp(() => until("an agent of 1.19.5", 240, () => runsSomewhere(stage, "1.19.5")));
    const resumed = await stage.up();
    assert.ok(!resumed.lines.some((line) => /replac/.test(line)), "something was replaced");
    assert.deepEqual(await versions(stage), ["1.19.5"]);
    assert.deepEqual(await routes.end(), []);
    const workload = await stage.workload();
    assert.equal(
      await workload.get(resources.DaemonSet, "cilium-pre-flight-check", "kube-system"),
      undefined,
    );
    await stage.holds();
    await stage.settled();
  },

  "restarts the agents one after the other when only a value changes": async (stage) => {
    const before = await agents(stage);
    stage.set(["metal:cilium", "values"], WITH_HUBBLE);
    await stage.up();
    const after = await agents(stage);
    assert.equal(after.length, before.length);
    assert.deepEqual(
      after.filter((uid) => before.includes(uid)),
      [],
    );
    await stage.holds();
  },

  "stops when agents do not survive a value, says who runs what, and goes on when it is mended": async (
    stage,
  ) => {
    const before = await agents(stage);
    stage.lab.context.faults.activate({ kind: "nic-without-xdp" });
    stage.set(["metal:timeouts"], { rollout: 1 });
    stage.set(["metal:cilium", "values"], { ...WITH_HUBBLE, loadBalancer: { acceleration: "native" } });
    const begun = Date.now();
    await stage.upFails(/wait\/timed-out/, /last known cause: attaching XDP/);
    const pods = await agentPods(stage);
    const nodes = (some: readonly KubernetesObject[]) =>
      some.map((pod) => text(pod, "spec", "nodeName") ?? "").sort();
    const kept = pods.filter(({ metadata }) => before.includes(metadata.uid ?? ""));
    const broken = nodes(pods.filter((pod) => !kept.includes(pod)));
    assert.equal(kept.length, 2, "the rollout went on");
    const state = `0 of 4 agents are changed; not ready: ${broken.join(", ")}; 2 still serve as before`;
    assert.ok(
      stage.told(begun).some((words) => words.startsWith(state)),
      stage.told(begun).join("\n"),
    );
    const lost = stage.lostSince(begun).map((node) => node.replace("Node/", ""));
    assert.deepEqual(
      nodes(kept).filter((node) => lost.includes(node)),
      [],
    );
    stage.set(["metal:cilium", "values"], WITH_HUBBLE);
    stage.set(["metal:timeouts"], undefined);
    await stage.up();
    stage.lab.context.faults.clear("nic-without-xdp");
    await stage.holds();
  },

  "deletes what left the render, because it is the stack's": async (stage) => {
    const workload = await stage.workload();
    const peers = () => workload.get(resources.Service, "hubble-peer", "kube-system");
    assert.ok((await peers()) !== undefined, "the value brought no Service");
    stage.set(["metal:cilium", "values"], undefined);
    const { lines } = await stage.up();
    assert.ok(
      lines.some((line) => line.includes("deleted Service kube-system/hubble-peer")),
      lines.join("\n"),
    );
    assert.equal(await peers(), undefined);
  },

  "hands Cilium to a resource set that reconciles, and restarts nothing": async (stage) => {
    const before = await agents(stage);
    stage.set(["metal:cilium", "lifecycle"], "resource-set");
    await stage.up();
    assert.deepEqual(await agents(stage), before);
    await stage.settled();
    await stage.holds();
  },

  "follows a change that the resource set applies, and names what nobody deletes": async (stage) => {
    const before = await agents(stage);
    stage.set(["metal:cilium", "values"], WITH_HUBBLE);
    await stage.up();
    const after = await agents(stage);
    assert.deepEqual(
      after.filter((uid) => before.includes(uid)),
      [],
    );
    stage.set(["metal:cilium", "values"], undefined);
    const { lines } = await stage.up();
    assert.ok(
      lines.some((line) => line.includes("Service kube-system/hubble-peer remains")),
      lines.join("\n"),
    );
    await (await stage.workload()).delete(resources.Service, "hubble-peer", "kube-system");
    await stage.holds();
  },

  "lets go of Cilium for GitOps, and restarts nothing": (stage) => switches(stage, "gitops"),

  "refuses a change that bootstrap-only would bring to nobody": async (stage) => {
    await switches(stage, "bootstrap-only");
    stage.set(["metal:cilium", "values"], { debug: { enabled: true } });
    await stage.upFails(/lifecycle\/change-reaches-cluster/);
    stage.set(["metal:cilium", "values"], undefined);
  },

  "takes Cilium back, and restarts nothing": async (stage) => {
    await switches(stage, "pulumi");
    await oneWriter(stage);
  },
};

/** Nobody but the stack holds a field of the agents' DaemonSet or settings. */
async function oneWriter(stage: OperationsStage): Promise<void> {
  const workload = await stage.workload();
  for (const [type, name] of [
    [resources.DaemonSet, "cilium"],
    [resources.ConfigMap, "cilium-config"],
  ] as const) {
    const live = await workload.get(type, name, "kube-system");
    assert.ok(live !== undefined, name);
    assert.deepEqual(otherWriters(live, fieldManager), [], name);
  }
}

async function switches(stage: OperationsStage, lifecycle: string): Promise<void> {
  const before = await agents(stage);
  stage.set(["metal:cilium", "lifecycle"], lifecycle);
  await stage.up();
  assert.deepEqual(await agents(stage), before);
  await stage.settled();
  await stage.holds();
}

async function agentPods(stage: OperationsStage): Promise<readonly KubernetesObject[]> {
  const workload = await stage.workload();
  const { items } = await workload.list(resources.Pod, "kube-system", { labelSelector: "k8s-app=cilium" });
  return items.filter((pod) => pod.metadata.deletionTimestamp === undefined);
}

/** Identities of the agents: another one after a restart. */
async function agents(stage: OperationsStage): Promise<readonly string[]> {
  return (await agentPods(stage)).map(({ metadata }) => metadata.uid ?? "").sort();
}

async function versions(stage: OperationsStage): Promise<readonly string[]> {
  const found = (await agentPods(stage)).map((pod) => {
    const agent = list(pod, "spec", "containers").find((each) => text(each, "name") === "cilium-agent");
    return versionOfImage(text(agent, "image") ?? "") ?? "?";
  });
  return [...new Set(found)].sort();
}

async function runsSomewhere(stage: OperationsStage, version: string): Promise<boolean> {
  return (await versions(stage)).includes(version);
}

/** Looks at the routers' tables again and again; at the end, which routes were missing at any time. */
async function watchRoutes(stage: OperationsStage): Promise<{ end(): Promise<readonly string[]> }> {
  const table = async () =>
    (await Promise.all(stage.lab.routers.map((router) => router.paths())))
      .flat()
      .map(({ prefix, nextHop }) => `${prefix} via ${nextHop}`);
  const wanted = await table();
  assert.ok(wanted.length > 0, "no router has a route");
  const missed = new Set<string>();
  let stopped = false;
  const watching = (async () => {
    while (!stopped) {
      const now = await table();
      for (const route of wanted) if (!now.includes(route)) missed.add(route);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  })();
  return {
    end: async () => {
      stopped = true;
      await watching;
      return [...missed].sort();
    },
  };
}
