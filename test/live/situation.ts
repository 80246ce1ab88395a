import fs from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { type KubernetesObject, type ResourceType, field, list, text } from "../../model/kubernetes/object";
import { managementParts, workloadParts } from "../../model/live/snapshot";
import type { AgentNotification } from "../../model/live/bgp/session-cause";
import type { DiagnosisPlan } from "../../model/live/causes/cause";
import type { Credential, Reading, Snapshot, Unread } from "../../model/live/snapshot";
import { managementSources, workloadSources } from "../../ops/live/sources";
import { at, condition, healthySnapshot, plan } from "./healthy";

/** What differs from the healthy cluster; objects are named `part/name`, as in `hosts/capi-1-w-1`. */
export interface SituationChange {
  /** JSON merge patches; `conditions` beside `status` replace those of the same type. An object that is not there is made. */
  readonly change?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly remove?: readonly string[];
  /** Whole parts that could not be read. */
  readonly unread?: Readonly<Record<string, Unread>>;
  /** Clusters that do not answer, and why. */
  readonly unreachable?: { readonly management?: string; readonly workload?: string };
  readonly payloadHashes?: Readonly<Record<string, string>>;
  /** Metal3Machines of any cluster that were read by their names; none where it does not exist. */
  readonly consumers?: Readonly<Record<string, readonly KubernetesObject[]>>;
  readonly notifications?: Readonly<Record<string, readonly AgentNotification[]>>;
  /** Whether the kubeconfig's Secret is there. */
  readonly kubeconfig?: boolean;
  readonly credentials?: readonly { readonly name: Credential["name"]; readonly notAfter: string }[];
}

/** A recorded situation and what a diagnosis must say of it. */
export interface Situation extends SituationChange {
  /** The first line of the file. */
  readonly title: string;
  readonly file: string;
  /** The id of the first cause; none on a cluster that is well. */
  readonly cause?: string;
  /** What the stack says otherwise than the worked example. */
  readonly lifecycle?: DiagnosisPlan["cilium"]["lifecycle"];
  readonly listenRanges?: readonly string[];
  /** All other ids that are seen, in order. */
  readonly also?: readonly string[];
}

/** The plan of a situation. */
export function planOf({ lifecycle, listenRanges }: Situation): DiagnosisPlan {
  const cilium = lifecycle === undefined ? plan.cilium : { ...plan.cilium, lifecycle };
  if (listenRanges === undefined || plan.bgp === undefined) return { ...plan, cilium };
  const instances = plan.bgp.readiness.instances.map((instance) => ({
    ...instance,
    peers: instance.peers.map((peer) => ({ ...peer, listenRanges })),
  }));
  return { ...plan, cilium, bgp: { ...plan.bgp, readiness: { ...plan.bgp.readiness, instances } } };
}

const folder = path.join(__dirname, "../fixtures/situations");

const situationKeys: readonly string[] = [
  "cause",
  "also",
  "change",
  "remove",
  "unread",
  "unreachable",
  "payloadHashes",
  "consumers",
  "notifications",
  "kubeconfig",
  "credentials",
  "lifecycle",
  "listenRanges",
] satisfies (keyof Situation)[];

/** Every recorded situation, by its file's name. */
export function situations(): readonly Situation[] {
  return fs
    .readdirSync(folder)
    .filter((file) => file.endsWith(".yaml"))
    .sort()
    .map((file) => {
      const written = fs.readFileSync(path.join(folder, file), "utf8");
      const title = /^# (.+)/.exec(written)?.[1];
      if (title === undefined) throw new Error(`${file}: the first line is not a comment with the situation`);
      const situation = parse(written) as Omit<Situation, "title" | "file">;
      const unknown = Object.keys(situation).find((key) => !situationKeys.includes(key));
      if (unknown !== undefined)
        throw new Error(`${file}: write ${situationKeys.join(", ")}, not "${unknown}"`);
      return { ...situation, title, file };
    });
}

/** The healthy cluster with a change. */
export function snapshotWith(changed: SituationChange): Snapshot {
  const healthy = healthySnapshot();
  const parts: Record<string, Reading> = { ...healthy.workload.parts, ...healthy.management.parts };
  for (const [key, patch] of Object.entries(changed.change ?? {})) {
    const [part = "", ...names] = key.split("/");
    parts[part] = patched(part, parts[part], names.join("/"), patch);
  }
  for (const key of changed.remove ?? []) {
    const [part = "", name] = key.split("/");
    const objects = parts[part]?.objects ?? [];
    if (name !== "*" && !objects.some(({ metadata }) => metadata.name === name))
      throw new Error(`no ${key} to remove`);
    parts[part] = { at, objects: objects.filter(({ metadata }) => name !== "*" && metadata.name !== name) };
  }
  for (const [part, unread] of Object.entries(changed.unread ?? {})) parts[part] = { at, unread };
  // Both clusters have events; those of a situation are the management cluster's.
  const ofWorkload = { ...parts, events: healthy.workload.parts.events };
  const { management, workload } = changed.unreachable ?? {};
  const object = `Secret/${plan.name}-kubeconfig`;
  const credentials = changed.credentials?.map(({ name, notAfter }) => ({
    name,
    object,
    notAfter: Date.parse(notAfter),
  }));
  return {
    ...healthy,
    management: {
      ...sideOf(healthy.management, parts, management),
      ...(changed.payloadHashes === undefined ? {} : { payloadHashes: changed.payloadHashes }),
      consumers: Object.fromEntries(
        Object.entries(changed.consumers ?? {}).map(([name, objects]) => [name, { at, objects }]),
      ),
    },
    workload: {
      ...sideOf(
        healthy.workload,
        ofWorkload,
        workload ?? (changed.kubeconfig === false ? "there is no kubeconfig" : undefined),
      ),
      ...(management === undefined ? { kubeconfig: changed.kubeconfig ?? true } : {}),
      ...(changed.notifications === undefined ? {} : { notifications: changed.notifications }),
      credentials: credentials ?? healthy.workload.credentials,
    },
  };
}

function sideOf<Side extends Snapshot["management"] | Snapshot["workload"]>(
  side: Side,
  parts: Readonly<Record<string, Reading>>,
  unreachable: string | undefined,
): Side {
  const readings = Object.keys(side.parts).map((part): [string, Reading | undefined] => [
    part,
    unreachable === undefined ? parts[part] : { at, unread: { why: unreachable } },
  ]);
  return {
    ...side,
    ...(unreachable === undefined ? {} : { reached: false, trouble: { since: at, message: unreachable } }),
    parts: Object.fromEntries(readings) as Side["parts"],
  };
}

function patched(
  part: string,
  reading: Reading | undefined,
  name: string,
  { conditions = [], ...patch }: Readonly<Record<string, unknown>>,
): Reading {
  const objects = reading?.objects ?? [];
  const before = objects.find(({ metadata }) => metadata.name === name) ?? blank(part, name);
  const merged = merge(before, patch) as KubernetesObject;
  const fresh = (conditions as Readonly<Record<string, string>>[]).map((entry) => ({
    ...condition(entry["type"] ?? "", entry["status"], entry["reason"], entry["message"]),
    ...entry,
  }));
  const types = fresh.map((entry) => text(entry, "type"));
  const old = list(merged, "status", "conditions").filter((entry) => !types.includes(text(entry, "type")));
  const status = {
    ...((field(merged, "status") as object | undefined) ?? {}),
    conditions: [...fresh, ...old],
  };
  const after = fresh.length === 0 ? merged : { ...merged, status };
  return { at, objects: [...objects.filter(({ metadata }) => metadata.name !== name), after] };
}

function blank(part: string, name: string): KubernetesObject {
  const type = typeOf(part);
  const namespace = (managementParts as readonly string[]).includes(part) ? plan.namespace : "kube-system";
  const metadata = { name, uid: `uid-${name}`, generation: 1, creationTimestamp: "2026-11-26T08:00:00Z" };
  return {
    apiVersion: type.apiVersion,
    kind: type.kind,
    metadata: { ...metadata, ...(type.namespaced ? { namespace } : {}) },
  };
}

function typeOf(part: string): ResourceType {
  const found = [...managementSources(plan), ...workloadSources].find((source) => source.part === part);
  if (found === undefined) {
    throw new Error(
      `there is no part "${part}"; write one of ${[...managementParts, ...workloadParts].join(", ")}`,
    );
  }
  return found.type;
}

/** RFC 7386. */
function merge(target: unknown, patch: unknown): unknown {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const base = typeof target === "object" && target !== null && !Array.isArray(target) ? target : {};
  const merged: Record<string, unknown> = { ...(base as Record<string, unknown>) };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = merge(merged[key], value);
  }
  return merged;
}
