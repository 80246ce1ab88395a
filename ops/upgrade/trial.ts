import { cliOutput } from "../../model/cilium/cli";
import { workloadsOf } from "../../model/cilium/manifest";
import { type PrepareOrder, trialObjects } from "../../model/cilium/upgrade";
import type { KubernetesObject } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import { runningVersions } from "../../model/live/preflight/cilium-upgrade";
import { runCli } from "../cilium/render";
import type { KubernetesApi } from "../kubernetes/api";
import { parseOrder } from "../wait/order";
import { wait } from "../wait/wait";
import { Kinds } from "./workload";

const TRIAL = "cilium-pre-flight-check";

/**
 * Cilium's own trial of an upgrade: its image on every node, and a validation of all policies. There is nothing to try where every
 * agent already runs the version. The trial's workload is removed again, however it ends. Returns the exit code.
 */
export async function tryUpgrade(api: KubernetesApi, order: PrepareOrder): Promise<number> {
  const versions = await versionsIn(api);
  const isUpgrade = versions.some((version) => version !== order.version);
  const leftBehind = (await api.get(resources.DaemonSet, TRIAL, "kube-system")) !== undefined;
  if (!isUpgrade && !leftBehind) return 0;
  const objects = await rendered(order);
  try {
    return isUpgrade ? await tried(api, order, objects) : 0;
  } finally {
    await removed(api, objects);
  }
}

async function versionsIn(api: KubernetesApi): Promise<readonly string[]> {
  const [daemonSet, { items: agents }] = await Promise.all([
    api.get(resources.DaemonSet, "cilium", "kube-system"),
    api.list(resources.Pod, "kube-system", { labelSelector: "k8s-app=cilium" }),
  ]);
  return runningVersions({ daemonSet, agents }) ?? ["unknown"];
}

async function rendered({ call }: PrepareOrder): Promise<readonly KubernetesObject[]> {
  const { code, stdout, stderr } = await runCli(call, process.cwd(), process.env);
  const objects = code === 0 ? trialObjects(stdout) : [];
  if (objects.length === 0)
    throw new Error(`Cilium's trial could not be rendered: ${cliOutput(stderr).trim()}`);
  return objects;
}

async function tried(
  api: KubernetesApi,
  { wait: order }: PrepareOrder,
  objects: readonly KubernetesObject[],
): Promise<number> {
  const kinds = new Kinds(api);
  for (const object of objects) {
    const type = await kinds.find(object);
    if (type === undefined) throw new Error(`${object.kind} is not served`);
    await api.apply(type, object, { fieldManager: "metal-trial", force: true });
  }
  const plan = { ...order.plan, workloads: workloadsOf(objects) };
  return (await wait(Promise.resolve(parseOrder(JSON.stringify({ ...order, plan }))))).code;
}

async function removed(api: KubernetesApi, objects: readonly KubernetesObject[]): Promise<void> {
  const kinds = new Kinds(api);
  for (const object of objects.toReversed()) {
    const type = await kinds.find(object);
    if (type !== undefined) await api.delete(type, object.metadata.name, object.metadata.namespace);
  }
}
