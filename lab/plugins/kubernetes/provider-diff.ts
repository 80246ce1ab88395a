import {
  asObject,
  asString,
  type Json,
  type JsonObject,
  same,
  UNKNOWN,
  unwrappedObject,
} from "../grpc/property-value";
import type { DiffRequest, DiffResponse } from "../grpc/provider";
import { parseKubeconfig } from "./kubeconfig";

/** Arguments that decide which cluster a provider means. */
const ADDRESSING = ["kubeconfig", "context", "cluster"];

/** The cluster entry that a provider's arguments select; null when that cannot be told. */
function activeCluster(args: JsonObject): Json {
  const text = asString(args["kubeconfig"]);
  if (text === undefined) return null;
  try {
    const config = parseKubeconfig(text);
    const named = (list: Json | undefined, name: Json | undefined): JsonObject =>
      asObject((Array.isArray(list) ? list : []).find((item) => asObject(item)["name"] === name));
    const context = asObject(
      named(config["contexts"], args["context"] ?? config["current-context"])["context"],
    );
    return named(config["clusters"], args["cluster"] ?? context["cluster"])["cluster"] ?? null;
  } catch {
    // A kubeconfig that is no YAML selects no cluster, as two different texts that are none do.
    return null;
  }
}

/**
 * Which changes of a provider's arguments replace it, and with it everything it manages. A cluster identifier that
 * is there before and after decides alone; without one, another or an unknown cluster is a replacement.
 */
export function diffProvider(request: Pick<DiffRequest, "olds" | "news" | "oldInputs">): DiffResponse {
  const olds = unwrappedObject(request.oldInputs ?? request.olds);
  const news = unwrappedObject(request.news);
  const keys = [...new Set([...Object.keys(olds), ...Object.keys(news)])].filter((key) => key !== "version");
  const diffs = keys.filter((key) => !same(olds[key], news[key])).sort();
  if (diffs.length === 0) return { changes: "DIFF_NONE" };
  const replaces = replacing(olds, news, diffs);
  return { ...(replaces.length > 0 ? { replaces } : {}), changes: "DIFF_SOME", diffs };
}

function replacing(olds: JsonObject, news: JsonObject, diffs: readonly string[]): string[] {
  const [before, after] = [olds["clusterIdentifier"], news["clusterIdentifier"]];
  if (before !== undefined && after !== undefined) return before === after ? [] : ["clusterIdentifier"];
  if (before !== undefined || after !== undefined) return [];
  const addressing = diffs.filter((key) => ADDRESSING.includes(key));
  const unknown = addressing.filter((key) => news[key] === UNKNOWN);
  if (unknown.length > 0) return unknown;
  return same(activeCluster(olds), activeCluster(news)) ? [] : addressing;
}
