import { cliOutput } from "../../model/cilium/cli";
import { workloadsOf } from "../../model/cilium/manifest";
import { fieldManager, takenOver } from "../../model/cilium/ownership";
import { type ObjectKey, type PrepareOrder, trialObjects } from "../../model/cilium/upgrade";
import { agentSelector } from "../../model/kubernetes/labels";
import { type KubernetesObject, resourcePath } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import { runningVersions } from "../../model/live/preflight/cilium-upgrade";
import { plainText } from "../../model/redaction/shown";
import { runCli } from "../cilium/render";
import { type ProgramCode, programCode, reportDefects } from "../exit-codes";
import { type KubernetesApi, ApiError } from "../kubernetes/api";
import { Kinds, clustersOf } from "../live/clusters";
import { parseOrder, readAll, wait } from "../wait/wait";

/**
 * Before the stack writes Cilium's objects: tries another version, then takes ownership of their fields. Run as
 * `exec node --import tsx ops/upgrade/prepare-main.ts`, a PrepareOrder on standard input.
 */
async function main(): Promise<ProgramCode> {
  const order = JSON.parse(await readAll(process.stdin)) as PrepareOrder;
  await using clusters = clustersOf(order.wait);
  try {
    const api = await clusters.workload();
    const code = await tryUpgrade(api, order);
    if (code === programCode.done) await takeOver(api, order.objects);
    return code;
  } catch (error) {
    process.stderr.write(
      `nothing of the running Cilium was changed: ${plainText((error as Error).message)}\n`,
    );
    return programCode.failed;
  }
}

/** Attempts: a controller may write in between, and the object is then read again. */
const tries = 5;

/** Makes this stack the only field manager of these objects; their content does not change. */
export async function takeOver(api: KubernetesApi, keys: readonly ObjectKey[]): Promise<void> {
  const kinds = new Kinds(api);
  await Promise.all(
    keys.map(async (key) => {
      const type = await kinds.find(key);
      if (type === undefined) return;
      for (let attempt = 1; ; attempt += 1) {
        const live = await api.get(type, key.name, key.namespace);
        const managedFields = live === undefined ? undefined : takenOver(live, fieldManager);
        if (live === undefined || managedFields === undefined) return;
        try {
          await api.request("PATCH", resourcePath(type, key.namespace, key.name), {
            contentType: "application/json-patch+json",
            body: [
              { op: "replace", path: "/metadata/managedFields", value: managedFields },
              { op: "replace", path: "/metadata/resourceVersion", value: live.metadata.resourceVersion },
            ],
          });
          return;
        } catch (error) {
          if (attempt === tries || !(error instanceof ApiError && error.status === 409)) throw error;
        }
      }
    }),
  );
}

reportDefects();
void main().then((code) => process.exit(code));

const TRIAL = "cilium-pre-flight-check";

/**
 * Cilium's own trial of an upgrade: its image on every node, and a validation of all policies. There is nothing to try where every
 * agent already runs the version. The trial's workload is removed again, however it ends. Returns the exit code.
 */
export async function tryUpgrade(api: KubernetesApi, order: PrepareOrder): Promise<ProgramCode> {
  const versions = await versionsIn(api);
  const isUpgrade = versions.some((version) => version !== order.version);
  const leftBehind = (await api.get(resources.DaemonSet, TRIAL, "kube-system")) !== undefined;
  if (!isUpgrade && !leftBehind) return programCode.done;
  const objects = await rendered(order);
  try {
    return isUpgrade ? await tried(api, order, objects) : programCode.done;
  } finally {
    await removed(api, objects);
  }
}

async function versionsIn(api: KubernetesApi): Promise<readonly string[]> {
  const [daemonSet, { items: agents }] = await Promise.all([
    api.get(resources.DaemonSet, "cilium", "kube-system"),
    api.list(resources.Pod, "kube-system", { labelSelector: agentSelector }),
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
): Promise<ProgramCode> {
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
