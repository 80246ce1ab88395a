import { contentHash } from "../../model/kubernetes/content";
import { type KubernetesObject, type ResourceType, field, list, text } from "../../model/kubernetes/object";
import type { KubernetesApi } from "../../ops/kubernetes/api";
import { polled } from "../../ops/polling";
import { accepts } from "../processes/probes";
import type { StackFacts } from "./stack-file";
import type { Verdict } from "./report";

/** Kinds that come and go by themselves. */
const transient = new Set(["Event", "Lease"]);

/** Kinds of the administrator who grants the stack's rights; its own user may not create any. */
const granted = new Set(["Role", "RoleBinding"]);

/** Objects that Kubernetes creates in every namespace. */
const builtIn = new Set(["ConfigMap/kube-root-ca.crt", "ServiceAccount/default"]);

/**
 * Whether a destroyed stack left anything: objects of any kind in its namespace, a workload API that still answers, or processes of
 * machines; and whether it left its user's own login Secrets alone. Objects that the garbage collector is about to remove get `seconds` to go.
 */
export async function nothingLeft(
  management: KubernetesApi,
  facts: StackFacts,
  processes: { readonly before: readonly string[]; readonly now: () => readonly string[] },
  expected: { readonly others: Fingerprints; readonly logins: readonly string[] },
  seconds = 30,
): Promise<readonly Verdict[]> {
  const { others } = expected;
  const logins = expected.logins.map((name) => `Secret/${name}`);
  const kept = new Set([...others.keys(), ...logins]);
  const present = async () => [...(await fingerprints(management, facts.namespace)).keys()];
  const left = async () => (await present()).filter((name) => !kept.has(name)).sort();
  const { reading: objects } = await polled(left, (names) => names.length === 0, { seconds });
  const { host, port } = facts.endpoint;
  const answers = await accepts(port, host)();
  const extra = processes.now().filter((name) => !processes.before.includes(name));
  const there = new Set(logins.length === 0 ? [] : await present());
  return [
    ...(logins.length === 0
      ? []
      : [
          {
            statement: `the login of the stack's user is still there: ${logins.join(", ")}`,
            against: logins.filter((name) => !there.has(name)),
          },
        ]),
    {
      statement:
        others.size === 0
          ? `namespace ${facts.namespace} of the management cluster ${logins.length === 0 ? "is empty" : "holds nothing else"}`
          : `namespace ${facts.namespace} of the management cluster holds nothing of ${facts.cluster}`,
      against: objects,
    },
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
  if (plural === undefined || kind === undefined || !listable || transient.has(kind) || granted.has(kind))
    return [];
  return [{ apiVersion, kind, plural, namespaced: true }];
}

/** All objects of a namespace as `Kind/name`, with a value that changes with their specification. */
export type Fingerprints = ReadonlyMap<string, string>;

/** Fingerprints of everything in a namespace; status and bookkeeping do not count. */
export async function fingerprints(api: KubernetesApi, namespace: string): Promise<Fingerprints> {
  const types = await namespacedTypes(api);
  const lists = await Promise.all(types.map((type) => api.list(type, namespace)));
  return new Map(
    lists
      .flatMap(({ items }) =>
        items.map((item) => [`${item.kind}/${item.metadata.name}`, fingerprint(item)] as const),
      )
      .filter(([name]) => !builtIn.has(name)),
  );
}

/** Identity, owners and labels, and the specification: the generation, or the content of kinds that have none. */
function fingerprint({ metadata, data }: KubernetesObject): string {
  const { uid, generation, labels, deletionTimestamp } = metadata;
  return contentHash({ uid, labels, deletionTimestamp, desired: generation ?? data ?? null });
}
