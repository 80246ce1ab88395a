import {
  asString,
  isObject,
  type Json,
  type JsonObject,
  same,
  unwrappedObject,
} from "../grpc/property-value";
import type { DiffRequest, DiffResponse, PropertyDiff } from "../grpc/provider";
import { AUTONAMED } from "./check";
import { annotation, isBuiltIn, nameOf, namespaceOf } from "./kinds";
import { equivalent } from "./equivalent";
import { pruned } from "./pruned";

/** Which kinds may change their data in place; both are off unless the provider's arguments say so. */
export interface Mutability {
  readonly configMaps: boolean;
  readonly secrets: boolean;
}

/** Fields that the API server refuses to change, by `apiVersion/kind` (provider source: force-new properties). */
const IMMUTABLE_FIELDS: Readonly<Record<string, readonly string[]>> = {
  "apps/v1/DaemonSet": ["spec.selector"],
  "apps/v1/Deployment": ["spec.selector"],
  "apps/v1/StatefulSet": [
    "spec.selector",
    "spec.serviceName",
    "spec.podManagementPolicy",
    "spec.volumeClaimTemplates",
  ],
  "batch/v1/Job": ["spec.selector", "spec.template", "spec.completions"],
  "rbac.authorization.k8s.io/v1/ClusterRoleBinding": ["roleRef"],
  "rbac.authorization.k8s.io/v1/RoleBinding": ["roleRef"],
};

function replacingFields(news: JsonObject, mutable: Mutability): readonly string[] {
  const always = ["metadata.name", "metadata.namespace", "kind"];
  const immutable = news["immutable"] === true;
  if (news["apiVersion"] === "v1" && news["kind"] === "ConfigMap") {
    return mutable.configMaps && !immutable ? always : [...always, "data", "binaryData", "immutable"];
  }
  if (news["apiVersion"] === "v1" && news["kind"] === "Secret") {
    return mutable.secrets && !immutable
      ? [...always, "type"]
      : [...always, "type", "data", "stringData", "immutable"];
  }
  return [
    ...always,
    ...(IMMUTABLE_FIELDS[`${asString(news["apiVersion"]) ?? ""}/${asString(news["kind"]) ?? ""}`] ?? []),
  ];
}

/** Fields in which an empty value is a value. */
const EXACT = ["metadata", "data", "stringData", "binaryData"];

type Comparison = (old: Json | undefined, now: Json | undefined) => boolean;

/** The topmost changed places: objects by `.key`, lists by `[index]`. */
function changes(
  path: string,
  old: Json | undefined,
  now: Json | undefined,
  equal: Comparison,
): [string, PropertyDiff][] {
  if (equal(old, now)) return [];
  if (isObject(old) && isObject(now)) {
    return [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap((key) =>
      changes(`${path}.${key}`, old[key], now[key], equal),
    );
  }
  if (Array.isArray(old) && Array.isArray(now)) {
    return Array.from({ length: Math.max(old.length, now.length) }, (_, index) => index).flatMap((index) =>
      changes(`${path}[${index}]`, old[index], now[index], equal),
    );
  }
  return [[path, old === undefined ? {} : { kind: now === undefined ? "DELETE" : "UPDATE" }]];
}

function isBelow(path: string, root: string): boolean {
  return path === root || path.startsWith(`${root}.`) || path.startsWith(`${root}[`);
}

/** A place above an immutable field counts too: the field changes with it. */
function replaces(path: string, roots: readonly string[]): boolean {
  return roots.some((root) => isBelow(path, root));
}

function asReplacement({ kind }: PropertyDiff): PropertyDiff {
  return {
    kind: kind === undefined ? "ADD_REPLACE" : kind === "DELETE" ? "DELETE_REPLACE" : "UPDATE_REPLACE",
  };
}

/** Whether the object of a replacement keeps its place, so that the old one must go first. */
function keepsPlace(oldInputs: JsonObject, news: JsonObject): boolean {
  return (
    annotation(news, AUTONAMED) !== "true" &&
    nameOf(oldInputs) === nameOf(news) &&
    namespaceOf(oldInputs) === namespaceOf(news)
  );
}

/**
 * The answer to Diff: the live state of the last run, pruned to the shape of the inputs of the last run, against the
 * new inputs. The live cluster is not asked.
 */
export function diffObject(
  request: Pick<DiffRequest, "olds" | "news" | "oldInputs">,
  mutable: Mutability,
): DiffResponse {
  const { __inputs: stored, ...live } = unwrappedObject(request.olds);
  const oldInputs = unwrappedObject(stored ?? request.oldInputs);
  const news = unwrappedObject(request.news);
  const before = pruned(live, oldInputs);
  const builtIn = isBuiltIn(asString(news["apiVersion"]) ?? "");
  const found = [...new Set([...Object.keys(before), ...Object.keys(news)])].flatMap((key) =>
    changes(key, before[key], news[key], builtIn && !EXACT.includes(key) ? equivalent : same),
  );
  if (found.length === 0) return { changes: "DIFF_NONE", hasDetailedDiff: true };
  const roots = replacingFields(news, mutable);
  const replaced = found.map(([path]) => path).filter((path) => replaces(path, roots));
  const detailedDiff = Object.fromEntries(
    found.map(([path, diff]) => [path, replaced.includes(path) ? asReplacement(diff) : diff]),
  );
  return {
    ...(replaced.length > 0 ? { replaces: replaced } : {}),
    ...(replaced.length > 0 && keepsPlace(oldInputs, news) ? { deleteBeforeReplace: true } : {}),
    changes: "DIFF_SOME",
    detailedDiff,
    hasDetailedDiff: true,
  };
}
