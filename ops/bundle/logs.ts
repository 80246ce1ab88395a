import { type KubernetesObject, field, list, number, text } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import { conditionIs } from "../../model/kubernetes/condition";
import type { KubernetesApi } from "../kubernetes/api";
import type { ArchiveFile } from "./tar";

/** Limits that show what happened and keep the archive small on a large cluster. */
const most = { pods: 60, lines: 2000, bytes: 1_000_000, atOnce: 8, seconds: 15 } as const;

/** Logs of pods, unready pods first; notes list what could not be read and what was left out. */
export async function podLogs(
  api: KubernetesApi,
  pods: readonly KubernetesObject[],
  folder: string,
): Promise<{ readonly files: readonly ArchiveFile[]; readonly notes: readonly string[] }> {
  const sorted = [...pods].sort(
    (a, b) => Number(conditionIs(a, "Ready", "True")) - Number(conditionIs(b, "Ready", "True")),
  );
  const wanted = sorted.slice(0, most.pods).flatMap(logsOf);
  const notes =
    sorted.length > most.pods
      ? [`${folder}: logs of ${sorted.length - most.pods} pods that are ready are left out`]
      : [];
  const files: ArchiveFile[] = [];
  for (let from = 0; from < wanted.length; from += most.atOnce) {
    const read = await Promise.all(wanted.slice(from, from + most.atOnce).map((log) => logText(api, log)));
    read.forEach((found, index) => {
      const name = wanted[from + index]?.name ?? "";
      if (typeof found === "string") files.push({ name: `${folder}/${name}.log`, text: found });
      else notes.push(`${folder}/${name}: ${found.why}`);
    });
  }
  return { files, notes };
}

interface Log {
  readonly name: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string | number | boolean>>;
}

/** Each container, and its previous run if it restarted. */
function logsOf({ metadata, ...pod }: KubernetesObject): readonly Log[] {
  const path = `/api/v1/namespaces/${metadata.namespace ?? ""}/pods/${metadata.name}/log`;
  const limits = { tailLines: most.lines, limitBytes: most.bytes };
  return [
    ...list(pod, "status", "initContainerStatuses"),
    ...list(pod, "status", "containerStatuses"),
  ].flatMap((status): readonly Log[] => {
    const container = text(status, "name") ?? "";
    const name = `${metadata.namespace ?? ""}/${metadata.name}/${container}`;
    if (field(status, "state", "waiting") !== undefined && number(status, "restartCount") === 0) return [];
    const current = { name, path, query: { container, ...limits } };
    const restarted = (number(status, "restartCount") ?? 0) > 0;
    return restarted
      ? [current, { name: `${name}.previous`, path, query: { container, previous: true, ...limits } }]
      : [current];
  });
}

async function logText(api: KubernetesApi, { path, query }: Log): Promise<string | { readonly why: string }> {
  try {
    const answer = await api.request("GET", path, { query, timeoutSeconds: most.seconds });
    return typeof answer === "string" ? answer : JSON.stringify(answer);
  } catch (error) {
    return { why: (error as Error).message };
  }
}

/** The pods of Cluster API's providers, wherever they run. */
export async function providerPods(api: KubernetesApi): Promise<readonly KubernetesObject[]> {
  const query = { labelSelector: "cluster.x-k8s.io/provider" };
  return (await api.list(resources.Pod, undefined, query)).items;
}
