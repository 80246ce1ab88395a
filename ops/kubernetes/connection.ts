import fs from "node:fs";
import https from "node:https";
import os from "node:os";
import path from "node:path";
import { parse } from "yaml";
import { field, list, text } from "../../model/kubernetes/object";

/** How to reach one API server: where, and with which certificates or token. */
export interface Connection {
  readonly server: string;
  readonly cluster: string;
  readonly agent: https.Agent;
  /** Asked for at each request, because an exec plugin's token expires. */
  headers(): Promise<Record<string, string>>;
}

/** A kubeconfig that cannot be used, worded for the person who wrote it. */
export class KubeconfigError extends Error {}

/**
 * Reads the kubeconfig that `kubectl` would: the given file, else those of `$KUBECONFIG`, else `~/.kube/config`. Of
 * several files it takes the first that has the wanted context: one context never needs two.
 */
export function readKubeconfig(file?: string, context?: string): string {
  const listed = file === undefined ? (process.env["KUBECONFIG"] ?? "").split(path.delimiter) : [file];
  const files = listed.filter((name) => name !== "");
  const texts = (files.length === 0 ? [path.join(os.homedir(), ".kube", "config")] : files).map(readFile);
  const having = texts.find((content) => named(parse(content), "contexts", "context", context) !== undefined);
  return having ?? texts[0] ?? "";
}

function readFile(file: string): string {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    throw new KubeconfigError(`kubeconfig "${file}" cannot be read: ${(error as Error).message}`);
  }
}

/**
 * Opens one context of a kubeconfig. Certificates and tokens are read here; users with an exec plugin or an
 * auth provider go through @kubernetes/client-node, which is loaded only then: it costs 0.4 s.
 */
export async function connect(kubeconfig: string, contextName?: string): Promise<Connection> {
  const config: unknown = parse(kubeconfig);
  const wanted = contextName ?? text(config, "current-context");
  const context = named(config, "contexts", "context", wanted);
  if (context === undefined) throw new KubeconfigError(missing(config, wanted));
  const clusterName = text(context, "cluster") ?? "";
  const cluster = named(config, "clusters", "cluster", clusterName);
  const server = text(cluster, "server");
  if (server === undefined)
    throw new KubeconfigError(`cluster "${clusterName}" has no server in the kubeconfig`);
  const user = named(config, "users", "user", text(context, "user"));
  if (field(user, "exec") !== undefined || field(user, "auth-provider") !== undefined) {
    return connectWithPlugin(kubeconfig, wanted ?? "", server, clusterName);
  }
  const agent = new https.Agent({
    keepAlive: true,
    maxSockets: 32,
    ...present("ca", material(cluster, "certificate-authority")),
    ...present("cert", material(user, "client-certificate")),
    ...present("key", material(user, "client-key")),
    ...present("servername", text(cluster, "tls-server-name")),
    rejectUnauthorized: field(cluster, "insecure-skip-tls-verify") !== true,
  });
  const token = text(user, "token") ?? readIfNamed(text(user, "tokenFile"));
  const headers: Record<string, string> =
    token === undefined ? {} : { authorization: `Bearer ${token.trim()}` };
  return { server, cluster: clusterName, agent, headers: () => Promise.resolve(headers) };
}

async function connectWithPlugin(
  kubeconfig: string,
  context: string,
  server: string,
  cluster: string,
): Promise<Connection> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  config.loadFromString(kubeconfig);
  config.setCurrentContext(context);
  const options: https.RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const agent = options.agent instanceof https.Agent ? options.agent : new https.Agent({ keepAlive: true });
  return {
    server,
    cluster,
    agent,
    headers: async () => {
      const fresh: https.RequestOptions = {};
      await config.applyToHTTPSOptions(fresh);
      return { ...(fresh.headers as Record<string, string> | undefined) };
    },
  };
}

function named(config: unknown, section: string, inner: string, name: string | undefined): unknown {
  return field(
    list(config, section).find((entry) => text(entry, "name") === name),
    inner,
  );
}

function missing(config: unknown, wanted: string | undefined): string {
  const names = list(config, "contexts").map((entry) => text(entry, "name") ?? "");
  const have = names.length === 0 ? "it has no contexts" : `it has ${names.join(", ")}`;
  return wanted === undefined
    ? `the kubeconfig has no current context; ${have}`
    : `context "${wanted}" is not in the kubeconfig; ${have}`;
}

function material(entry: unknown, key: string): Buffer | undefined {
  const inline = text(entry, `${key}-data`);
  if (inline !== undefined) return Buffer.from(inline, "base64");
  const content = readIfNamed(text(entry, key));
  return content === undefined ? undefined : Buffer.from(content);
}

function readIfNamed(file: string | undefined): string | undefined {
  return file === undefined ? undefined : fs.readFileSync(file, "utf8");
}

function present<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, V>);
}
