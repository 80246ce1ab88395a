import https from "node:https";
import { field, list, text } from "../../model/kubernetes/object";
import { KubeconfigError, parseKubeconfig, readNamed } from "./kubeconfig";

/** How to reach one API server: where, and with which certificates or token. */
export interface Connection {
  readonly server: string;
  readonly cluster: string;
  readonly agent: https.Agent;
  /** Asked for at each request, because an exec plugin's token expires. */
  headers(): Promise<Record<string, string>>;
}

/**
 * Opens one context of a kubeconfig. Certificates and tokens are read here; users with an exec plugin or an
 * auth provider go through @kubernetes/client-node, which is loaded only then: it costs 0.4 s.
 */
export async function connect(kubeconfig: string, contextName?: string): Promise<Connection> {
  const config = parseKubeconfig(kubeconfig, "the kubeconfig");
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
    const plugin = text(user, "exec", "command") ?? text(user, "auth-provider", "name") ?? "";
    return connectWithPlugin(kubeconfig, wanted ?? "", server, clusterName, plugin);
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
  plugin: string,
): Promise<Connection> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  config.loadFromString(kubeconfig);
  config.setCurrentContext(context);
  const applied = async () => {
    const options: https.RequestOptions = {};
    try {
      await config.applyToHTTPSOptions(options);
    } catch (error) {
      throw new KubeconfigError(pluginProblem(plugin, context, error));
    }
    return options;
  };
  const options = await applied();
  const agent = options.agent instanceof https.Agent ? options.agent : new https.Agent({ keepAlive: true });
  return {
    server,
    cluster,
    agent,
    headers: async () => ({ ...((await applied()).headers as Record<string, string> | undefined) }),
  };
}

/**
 * Only the first line: a plugin's output may hold what it sent to log in. What it prints in place of an ExecCredential may be the
 * token itself, and errors of JSON.parse quote the beginning of their input.
 */
function pluginProblem(plugin: string, context: string, error: unknown): string {
  const { message } = error as Error;
  const why = /ENOENT/.test(message)
    ? "it is not on PATH"
    : error instanceof SyntaxError || error instanceof TypeError
      ? "it printed no ExecCredential in JSON"
      : (message.split("\n")[0] ?? "");
  return `the credential plugin "${plugin}" of context "${context}" failed: ${why}; run kubectl --context ${context} get namespaces to see its own message`;
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
  return file === undefined ? undefined : readNamed(file, "the kubeconfig").toString("utf8");
}

function present<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, V>);
}
