import { type ResourceType, field, list, text } from "../../model/kubernetes/object";
import type { KubernetesApi } from "../../ops/kubernetes/api";
import { accepts } from "../processes/probes";
import type { StackFacts } from "./stack-file";
import type { Verdict } from "./verify";

/** Kinds that come and go by themselves. */
const TRANSIENT = new Set(["Event", "Lease"]);

/** What a namespace holds although nobody made it. */
const BUILT_IN = new Set(["ConfigMap/kube-root-ca.crt", "ServiceAccount/default"]);

/**
 * Whether a destroyed stack left anything: objects of any kind in its namespace, a workload API that still answers, or
 * processes of machines. Objects that the garbage collector is about to remove get `seconds` to go.
 */
export async function nothingLeft(
  management: KubernetesApi,
  facts: StackFacts,
  processes: { readonly before: readonly string[]; readonly now: () => readonly string[] },
  seconds = 30,
): Promise<readonly Verdict[]> {
  const types = await namespacedTypes(management);
  const deadline = Date.now() + seconds * 1000;
  let objects = await objectsIn(management, types, facts.namespace);
  while (objects.length > 0 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    objects = await objectsIn(management, types, facts.namespace);
  }
  const { host, port } = facts.endpoint;
  const answers = await accepts(port, host)();
  const extra = processes.now().filter((name) => !processes.before.includes(name));
  return [
    { statement: `namespace ${facts.namespace} of the management cluster is empty`, against: objects },
    {
      statement: `nothing answers at ${host}:${port} any more`,
      against: answers ? ["the workload API server still runs"] : [],
    },
    { statement: "no process of a machine is left", against: extra },
  ];
}

async function namespacedTypes(api: KubernetesApi): Promise<readonly ResourceType[]> {
  const groups = list(await api.request("GET", "/apis"), "groups").flatMap((group) => {
    const version = text(group, "preferredVersion", "groupVersion");
    return version === undefined ? [] : [version];
  });
  const found = await Promise.all(
    ["v1", ...groups].map(async (apiVersion) => {
      const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
      return list(await api.request("GET", root), "resources").flatMap((entry) => typeOf(entry, apiVersion));
    }),
  );
  return found.flat();
}

function typeOf(entry: unknown, apiVersion: string): ResourceType[] {
  const [plural, kind] = [text(entry, "name"), text(entry, "kind")];
  const listable = list(entry, "verbs").includes("list") && field(entry, "namespaced") === true;
  if (plural === undefined || kind === undefined || !listable || TRANSIENT.has(kind)) return [];
  return [{ apiVersion, kind, plural, namespaced: true }];
}

async function objectsIn(
  api: KubernetesApi,
  types: readonly ResourceType[],
  namespace: string,
): Promise<readonly string[]> {
  const lists = await Promise.all(types.map((type) => api.list(type, namespace)));
  return lists
    .flatMap(({ items }) => items.map((item) => `${item.kind}/${item.metadata.name}`))
    .filter((name) => !BUILT_IN.has(name))
    .sort();
}
