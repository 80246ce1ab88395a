import fs from "node:fs";
import path from "node:path";
import { randomUUID } from "node:crypto";
import { text } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import type { ClusterPlan } from "../../model/plan/plan";
import { ApiError, KubernetesApi } from "../../ops/kubernetes/api";
import { type RightsOf, groupOf, rightsManifests } from "../../ops/rights/stack-rights";
import type { ManagementAccess } from "../context";
import { issue, kubeconfigText } from "../processes/pki";
import { type EngineRun, changedLines } from "./engine";
import type { StackFacts } from "./stack-file";
import { type Verdict, settled } from "./report";

/** Kubeconfig files of the users of one stack. */
export interface StackUsers {
  /** Runs updates and commands. */
  readonly operator: string;
  /** Runs previews. */
  readonly preview: string;
  /** Runs previews with `--refresh`, which detect drift. */
  readonly refresh: string;
}

/**
 * Applies the manifests of `metal rbac` for each plan and writes kubeconfigs of users with client certificates of its groups.
 * Returns them by cluster. The lab's own controllers keep full rights.
 */
export async function createStackUsers(
  management: ManagementAccess,
  directory: string,
  plans: readonly ClusterPlan[],
): Promise<ReadonlyMap<string, StackUsers>> {
  const users = plans.map(async (plan): Promise<[string, StackUsers]> => {
    const [operator, preview, refresh] = await Promise.all([
      createUser(management, directory, plan, "operator"),
      createUser(management, directory, plan, "preview"),
      createUser(management, directory, plan, "refresh"),
    ]);
    return [plan.name, { operator, preview, refresh }];
  });
  return new Map(await Promise.all(users));
}

/** Names of the login Secrets that a stack expects in its namespace. */
export function expectedLogins({ hosts }: ClusterPlan): readonly string[] {
  return [...new Set(hosts.secrets.flatMap(({ copyOf }) => copyOf ?? []))];
}

/** Creates the login Secrets that a stack expects, as its user does before the first update; the values are throw-away ones. */
export async function createLogins({ api }: ManagementAccess, plan: ClusterPlan): Promise<void> {
  for (const name of expectedLogins(plan)) {
    await api.create(resources.Secret, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name, namespace: plan.namespace },
      stringData: { username: "rehearsal", password: randomUUID() },
    });
  }
}

async function createUser(
  { api, authority }: ManagementAccess,
  directory: string,
  plan: ClusterPlan,
  of: RightsOf,
): Promise<string> {
  for (const manifest of rightsManifests(plan, of)) {
    const type = await api.discover(manifest.apiVersion, manifest.kind);
    if (type === undefined) throw new Error(`the API server does not serve ${manifest.kind}`);
    await api.apply(type, manifest, { fieldManager: "lab" });
  }
  const user = await issue(authority, {
    commonName: `${plan.name}-${of}`,
    organization: groupOf(plan, of),
  });
  const file = path.join(directory, `${plan.namespace}.${plan.name}.${of}.kubeconfig`);
  const { context: name } = plan.management;
  const content = kubeconfigText({ name, server: api.connection.server, ca: authority.cert, user });
  fs.writeFileSync(file, content, { mode: 0o600 });
  return file;
}

/** The users of each stack, by cluster, and the management plane that grants their rights. */
export interface ClusterUsers {
  readonly users: ReadonlyMap<string, StackUsers>;
  readonly plane: ManagementAccess;
  readonly plans: ReadonlyMap<string, ClusterPlan>;
}

/** What a preview's user saw of a finished cluster, and what the management cluster refuses to this user. */
export async function previewRights(
  { users, plane, plans }: ClusterUsers,
  { cluster, namespace }: StackFacts,
  run: EngineRun,
): Promise<readonly Verdict[]> {
  const copies = (plans.get(cluster)?.hosts.secrets ?? [])
    .filter(({ copyOf }) => copyOf !== undefined)
    .map(({ manifest }) => `Secret/${manifest.metadata.name}`);
  // A copy of what the user may not read has unknown data.
  const isUnknown = (line: string) =>
    line.endsWith("[diff: ~data]") && copies.some((copy) => line.includes(` ${copy} update`));
  const file = users.get(cluster)?.preview ?? "";
  const api = await KubernetesApi.open(fs.readFileSync(file, "utf8"));
  const patch = { metadata: { annotations: { "metal.internal/preview": "wrote" } } };
  const live = await plane.api.get(resources.Cluster, cluster, namespace);
  const object = { ...live, metadata: { ...live?.metadata, ...patch.metadata } };
  try {
    const path = `/apis/${resources.Cluster.apiVersion}/namespaces/${namespace}/clusters`;
    const dryRun = { query: { dryRun: "All" }, body: patch, contentType: "application/merge-patch+json" };
    return [
      {
        statement: `a preview with the rights of a preview shows no change, and names what it does not see (${run.seconds.toFixed(1)} s)`,
        against: [
          ...(run.code === 0 ? changedLines(run).filter((line) => !isUnknown(line)) : run.lines.slice(-5)),
          ...(run.lines.some((line) => line.includes("not permitted to read Secrets"))
            ? []
            : ["it does not name Secrets as not read"]),
        ],
      },
      // The API server compiles an admission policy some moments after it was created.
      await settled(async () => ({
        statement: "a preview's user may send dry runs, and change, delete or read nothing else",
        against: [
          ...(await refused("a patch", () => api.mergePatch(resources.Cluster, cluster, namespace, patch))),
          ...(await refused("a create", () =>
            api.create(resources.Cluster, {
              ...object,
              metadata: { name: `${cluster}-2`, namespace, labels: live?.metadata.labels },
            }),
          )),
          ...(await refused("a delete", () => api.delete(resources.BareMetalHost, "none", namespace))),
          ...(await refused("a list of Secrets", () => api.list(resources.Secret, namespace))),
          ...(text(await api.request("PATCH", `${path}/${cluster}`, dryRun), "kind") === "Cluster"
            ? []
            : ["a dry run was not answered with the object"]),
        ],
      })),
    ];
  } finally {
    api.close();
  }
}

/** What drift detection saw of a finished cluster with the rights of `metal rbac --refresh`, and what its user may not do. */
export async function refreshRights(
  { users }: Pick<ClusterUsers, "users">,
  { cluster, namespace }: StackFacts,
  run: EngineRun,
): Promise<readonly Verdict[]> {
  const api = await KubernetesApi.open(fs.readFileSync(users.get(cluster)?.refresh ?? "", "utf8"));
  const patch = { metadata: { annotations: { "metal.internal/preview": "wrote" } } };
  const secret = `${cluster}-kubeconfig`;
  try {
    return [
      {
        statement: `pulumi preview --refresh with the rights of rbac --refresh reads every object and finds no drift (${run.seconds.toFixed(1)} s)`,
        // Each object is named while it is read; with --expect-no-changes the engine fails where one differs.
        against: run.code === 0 ? [] : run.lines.slice(-5),
      },
      await settled(async () => ({
        statement:
          "the user of drift detection may read each Secret of the stack, and change, delete or list none",
        against: [
          ...((await api.get(resources.Secret, secret, namespace)) === undefined
            ? [`${secret} is not there`]
            : []),
          ...(await refused("a list of Secrets", () => api.list(resources.Secret, namespace))),
          ...(await refused("a patch of a Secret", () =>
            api.mergePatch(resources.Secret, secret, namespace, patch),
          )),
          ...(await refused("a patch of the Cluster", () =>
            api.mergePatch(resources.Cluster, cluster, namespace, patch),
          )),
          ...(await refused("a delete", () => api.delete(resources.BareMetalHost, "none", namespace))),
        ],
      })),
    ];
  } finally {
    api.close();
  }
}

async function refused(what: string, request: () => Promise<unknown>): Promise<string[]> {
  try {
    await request();
    return [`${what} was permitted`];
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 403) throw error;
    return [];
  }
}
