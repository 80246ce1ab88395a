import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { asObject, asString, at, type Json, type JsonObject } from "../grpc/property-value";

/** How to reach one API server: PEM texts, either a token or a client certificate or neither. */
export interface Connection {
  readonly server: string;
  readonly namespace: string;
  readonly ca?: string;
  readonly insecure?: boolean;
  readonly tlsServerName?: string;
  readonly token?: string;
  readonly cert?: string;
  readonly key?: string;
}

function entry(list: Json | undefined, name: string | undefined, kind: string): JsonObject {
  const found = (Array.isArray(list) ? list : []).find((item) => at(item, "name") === name);
  if (found === undefined) throw new Error(`kubeconfig: there is no ${kind} "${name ?? ""}"`);
  return asObject(at(found, kind));
}

/** PEM text from `<key>-data` (base64) or from the file that `<key>` names. */
function pem(from: JsonObject, key: string): string | undefined {
  const data = asString(from[`${key}-data`]);
  if (data !== undefined && data !== "") return Buffer.from(data, "base64").toString("utf8");
  const path = asString(from[key]);
  return path === undefined || path === "" ? undefined : readFileSync(path, "utf8");
}

/** A kubeconfig's text as data; JSON, which some tools write, is read without the YAML parser. */
export function parseKubeconfig(text: string): JsonObject {
  return asObject(text.trimStart().startsWith("{") ? (JSON.parse(text) as Json) : (parse(text) as Json));
}

/** The text of the kubeconfig that the provider's argument means: its content, a path, or the ambient file. */
export function kubeconfigText(argument: string | undefined): string {
  if (argument !== undefined && argument !== "") {
    return !argument.includes("\n") && existsSync(argument) ? readFileSync(argument, "utf8") : argument;
  }
  const path = process.env["KUBECONFIG"] ?? join(homedir(), ".kube", "config");
  return readFileSync(path, "utf8");
}

/** The connection of one context (default: the current one). Throws with the missing or unplayed entry named. */
export function connectionOf(config: JsonObject, contextName?: string, clusterName?: string): Connection {
  const context = entry(config["contexts"], contextName ?? asString(config["current-context"]), "context");
  const cluster = entry(config["clusters"], clusterName ?? asString(context["cluster"]), "cluster");
  const user = context["user"] === undefined ? {} : entry(config["users"], asString(context["user"]), "user");
  for (const unplayed of ["exec", "auth-provider"]) {
    if (user[unplayed] !== undefined) {
      throw new Error(
        `kubeconfig: the lab's stand-in does not play user.${unplayed}: use a token or a client certificate`,
      );
    }
  }
  const found = {
    ca: pem(cluster, "certificate-authority"),
    tlsServerName: asString(cluster["tls-server-name"]),
    token: asString(user["token"]),
    cert: pem(user, "client-certificate"),
    key: pem(user, "client-key"),
  };
  return {
    server: (asString(cluster["server"]) ?? "").replace(/\/$/, ""),
    namespace: asString(context["namespace"]) ?? "default",
    insecure: cluster["insecure-skip-tls-verify"] === true,
    ...(found.ca === undefined ? {} : { ca: found.ca }),
    ...(found.tlsServerName === undefined ? {} : { tlsServerName: found.tlsServerName }),
    ...(found.token === undefined ? {} : { token: found.token }),
    ...(found.cert === undefined ? {} : { cert: found.cert }),
    ...(found.key === undefined ? {} : { key: found.key }),
  };
}
