import { parse } from "yaml";
import { type KubernetesObject, field, isMap } from "../kubernetes/object";
import { tagsAsWritten } from "../stack/source/yaml-file";
import type { Effect } from "./change";
import { configOf } from "./cilium";
import { named, plainWords, words } from "./formatted-text";

/** Settings of the agents that are files or folders which they write; certificates and mounts, which they read, are not among them. */
const written = /(^|-)(log|export|socket|state|write|output)(-|$)/;

/** Folders that hold nothing that a machine runs or trusts. */
const harmless = /^\/(?:var\/)?run\/cilium\/|^\/var\/log\/|^\/tmp\//;

/**
 * The row about files that the agents write and did not write before. They run with all rights on the machines, and the paths of
 * Hubble's exports and of the CNI plugin's log are not limited to any folder.
 */
export function writtenPathEffects(
  before: readonly KubernetesObject[],
  after: readonly KubernetesObject[],
): readonly Effect[] {
  const old = new Set(pathsIn(before));
  const fresh = [...new Set(pathsIn(after))].filter((path) => !old.has(path));
  if (fresh.length === 0) return [];
  const outside = fresh.filter((path) => !harmless.test(path) || path.split("/").includes(".."));
  const [level, paths] = outside.length === 0 ? (["medium", fresh] as const) : (["high", outside] as const);
  return [
    {
      level,
      area: "cilium",
      what: words`files that the agents write: ${named(paths, 4)}`,
      effect: plainWords("the agents write there with all rights on the machine, and replace what is there"),
      headline: words`the agents of Cilium write to ${named(paths, 3)}`,
    },
  ];
}

function pathsIn(objects: readonly KubernetesObject[]): readonly string[] {
  const settings = Object.entries(configOf(objects))
    .filter(([key, value]) => written.test(key) && value.startsWith("/"))
    .map(([, value]) => value);
  const exports = objects
    .map((object) => field(object, "data", "flowlogs.yaml"))
    .flatMap((text) => (typeof text === "string" ? filePathsIn(parsed(text)) : []));
  return [...settings, ...exports];
}

function parsed(text: string): unknown {
  try {
    return parse(text, { logLevel: "silent", ...tagsAsWritten });
  } catch {
    return undefined; // the agents cannot read it either
  }
}

/** Hubble's dynamic exports: each has its file. */
function filePathsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(filePathsIn);
  if (!isMap(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "filePath" && typeof inner === "string" ? [inner] : filePathsIn(inner),
  );
}
