import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { X509Certificate } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { LineCounter, parseDocument } from "yaml";
import { field, isMap, list, text, type KubernetesObject } from "../../model/kubernetes/object";
import { disputedLineBreak, explicitTags, tagsAsWritten } from "../../model/stack/source/yaml-file";
import { UnfitFile, readRegularFile } from "../stack/project-files";
import { isOwnFile } from "../../model/stack/project-paths";

/** A kubeconfig that cannot be used: what is wrong, in which file, and what to do. */
export class KubeconfigError extends Error {}

/** Which context (the current one when absent) of which kubeconfig; `kubeconfig` is a path, `~` and relative ones included. */
export interface KubeconfigChoice {
  readonly context?: string | undefined;
  readonly kubeconfig?: string | undefined;
}

/**
 * A kubeconfig's text as data. Throws a {@link KubeconfigError} with the line of a mistake and never with what stands there,
 * which may be a token; `source` is how the file or Secret is named in it.
 */
export function parseKubeconfig(content: string, source: string): unknown {
  // Other programs read the same text: what is a comment here could be a command there.
  const breaks = disputedLineBreak(content);
  if (breaks !== undefined)
    throw new KubeconfigError(
      `${source} holds the character ${breaks.character} in line ${breaks.line}, which ends a line for some readers of YAML`,
    );
  const lines = new LineCounter();
  // Warnings of the library quote keys, and Node would print them as they are.
  const options = { prettyErrors: false, lineCounter: lines, logLevel: "error", ...tagsAsWritten } as const;
  const document = parseDocument(content, options);
  const [error] = document.errors;
  if (error !== undefined) {
    const { line } = lines.linePos(error.pos[0]);
    throw new KubeconfigError(`${source} is not YAML: line ${Math.max(1, line)}`);
  }
  const [tagged] = explicitTags(document, content);
  if (tagged !== undefined) {
    const { line } = lines.linePos(tagged[0]);
    throw new KubeconfigError(
      `${source} has a tag in line ${line}, which means something else to other readers of YAML`,
    );
  }
  try {
    return document.toJS();
  } catch {
    throw new KubeconfigError(`${source} has an alias (*name) that stands for nothing, or for too much`);
  }
}

/** Paths of certificates, keys and tokens that an entry may name instead of holding them. */
const pathKeys = ["certificate-authority", "client-certificate", "client-key", "tokenFile"] as const;

/**
 * Keys that make a client run a program, or read a file of the machine and send or trust its content; and YAML's merge key, which
 * other readers replace by such keys.
 */
const reaching = new RegExp(`^(exec|auth-provider|${pathKeys.join("|")}|<<)$`, "i");

/** Those keys of a kubeconfig, wherever they are; none in one that holds all that it needs. */
function reachingOut(config: unknown): readonly string[] {
  if (Array.isArray(config)) return [...new Set(config.flatMap(reachingOut))];
  if (!isMap(config)) return [];
  const found = Object.entries(config).flatMap(([key, value]) =>
    reaching.test(key) ? [key] : reachingOut(value),
  );
  return [...new Set(found)];
}

/**
 * Throws a {@link KubeconfigError} where `management.kubeconfig` names a device, or a file of the repository that would run a
 * program or have a file of this machine read: every author of a change could have that done here. `directory` is the project's
 * folder.
 */
export function refuseUnfitKubeconfig(kubeconfig: string | undefined, directory: string): void {
  const file = kubeconfig === undefined ? undefined : realPath(fromHome(kubeconfig, directory));
  if (file === undefined) return;
  const found = fs.statSync(file);
  if (!found.isFile() && !found.isDirectory()) {
    throw new KubeconfigError(`kubeconfig "${file}" is a device or a pipe; write the path of a file`);
  }
  if (isOutside(repositoryOf(directory), file)) return;
  const reached = reachingOut(readFile(file, false)[0]?.config);
  const shown = path.relative(realPath(directory) ?? directory, file);
  if (reached.length > 0) {
    throw new KubeconfigError(
      `kubeconfig "${shown}" of the repository has ${reached.join(", ")}, which would run a program or read a file of this machine; ` +
        "keep it outside the repository, such as in ~/.kube/config, or set $KUBECONFIG in place of management.kubeconfig",
    );
  }
  if (isOutside(realPath(directory) ?? directory, file) || isOwnFile(shown)) {
    throw new KubeconfigError(
      `kubeconfig "${shown}" is in the repository where its changes are not seen; ` +
        "keep it outside the repository",
    );
  }
}

/** Without links and other spellings; undefined for what is not there. */
function realPath(file: string): string | undefined {
  return fs.existsSync(file) ? fs.realpathSync(file) : undefined;
}

function isOutside(folder: string, file: string): boolean {
  return path.relative(folder, file).split(path.sep)[0] === "..";
}

/** The folder of the git repository that a project is in; the project itself where there is none. */
function repositoryOf(directory: string): string {
  const project = realPath(directory) ?? directory;
  for (let folder = project; ; folder = path.dirname(folder)) {
    if (fs.existsSync(path.join(folder, ".git"))) return folder;
    if (path.dirname(folder) === folder) return project;
  }
}

interface ConfigFile {
  readonly file: string;
  readonly config: unknown;
}

/**
 * Resolves a context as kubectl and the Kubernetes provider do: from the given file, else from the files of `$KUBECONFIG`
 * merged in their order, else from `~/.kube/config`. Returns a kubeconfig with this one context, and absolute paths in it.
 * Throws a {@link KubeconfigError} for a file that cannot be read, for a context that is missing or ambiguous, and for a
 * client certificate that has expired. `directory` is the project's folder: a relative path is resolved from there.
 */
export function resolveKubeconfig(
  { context: wanted, kubeconfig }: KubeconfigChoice,
  directory = process.cwd(),
  environment: NodeJS.ProcessEnv = process.env,
  now = Date.now(),
): string {
  refuseUnfitKubeconfig(kubeconfig, directory);
  const files = kubeconfig === undefined ? defaultFiles(environment) : [fromHome(kubeconfig, directory)];
  const configs = files.flatMap((file) => readFile(file, kubeconfig === undefined && files.length > 1));
  if (configs.length === 0) throw new KubeconfigError(`none of ${files.join(", ")} exists`);
  const context = wanted ?? configs.flatMap(({ config }) => text(config, "current-context") || [])[0];
  if (context === undefined) throw new KubeconfigError(`${files.join(", ")} has no current context`);
  const holder = configs.find(({ config }) => entryOf(config, "contexts", context) !== undefined);
  if (holder === undefined) throw new KubeconfigError(missingContext(context, configs));
  const found = field(entryOf(holder.config, "contexts", context), "context");
  const sections = { clusters: text(found, "cluster"), users: text(found, "user") };
  const [cluster, user] = (["clusters", "users"] as const).map((section) => {
    const name = sections[section];
    if (name === undefined)
      throw new KubeconfigError(`context "${context}" in ${holder.file} names no ${section.slice(0, -1)}`);
    return { name, ...definition(section, name, context, configs, holder) };
  });
  if (cluster === undefined || user === undefined) throw new Error("two sections give two entries");
  const explicit = kubeconfig !== undefined;
  const resolved = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": context,
    contexts: [{ name: context, context: found }],
    clusters: [
      { name: cluster.name, cluster: absolute(field(cluster.entry, "cluster"), cluster.file, explicit) },
    ],
    users: [{ name: user.name, user: absolute(field(user.entry, "user"), user.file, explicit) }],
  };
  refuseExpired(resolved.users[0]?.user, user.name, user.file, now);
  return JSON.stringify(resolved);
}

function defaultFiles(environment: NodeJS.ProcessEnv): string[] {
  const variable = environment["KUBECONFIG"] ?? "";
  if (/\n|^\s*(\{|apiVersion:|kind:)/.test(variable)) {
    throw new KubeconfigError(
      "$KUBECONFIG holds the text of a kubeconfig; write the text to a file and set KUBECONFIG to its path",
    );
  }
  const listed = variable.split(path.delimiter).filter((file) => file !== "");
  const home = environment["HOME"] ?? os.homedir();
  return listed.length > 0 ? listed : [path.join(home, ".kube", "config")];
}

function fromHome(file: string, directory: string): string {
  if (/\n/.test(file)) {
    throw new KubeconfigError("management.kubeconfig holds the text of a kubeconfig; it must be a path");
  }
  return /^~(\/|$)/.test(file) ? path.join(os.homedir(), file.slice(1)) : path.resolve(directory, file);
}

/** Larger than any kubeconfig, and than any certificate, key or token that one names. */
const largestBytes = 16 * 1024 * 1024;

/** kubectl passes over files of a list that do not exist. */
function readFile(file: string, mayBeMissing: boolean): ConfigFile[] {
  let bytes: Buffer;
  try {
    bytes = readRegularFile(file, largestBytes);
  } catch (error) {
    if (error instanceof UnfitFile)
      throw new KubeconfigError(`kubeconfig "${file}" is a device or a pipe; write the path of a file`);
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" && mayBeMissing) return [];
    const why = code === "ENOENT" ? "does not exist" : `cannot be read: ${code ?? message}`;
    throw new KubeconfigError(`kubeconfig "${file}" ${why}`);
  }
  if (bytes.length > largestBytes)
    throw new KubeconfigError(`kubeconfig "${file}" is larger than ${largestBytes / 1024 / 1024} MiB`);
  const config = parseKubeconfig(bytes.toString("utf8"), `kubeconfig "${file}"`);
  if (config === null && mayBeMissing) return [];
  if (config === null) throw new KubeconfigError(`kubeconfig "${file}" is empty`);
  if (typeof config !== "object") throw new KubeconfigError(`kubeconfig "${file}" holds no mapping`);
  return [{ file, config }];
}

function entryOf(config: unknown, section: string, name: string): unknown {
  return list(config, section).find((entry) => text(entry, "name") === name);
}

/**
 * kubectl takes a name from the first file that defines it. Where that is not the file of the context, and both define it
 * differently, the context would silently get another file's server or login.
 */
function definition(
  section: "clusters" | "users",
  name: string,
  context: string,
  configs: readonly ConfigFile[],
  holder: ConfigFile,
): { readonly entry: unknown; readonly file: string } {
  const defining = configs.flatMap(({ file, config }) => {
    const entry = entryOf(config, section, name);
    return entry === undefined ? [] : [{ entry, file }];
  });
  const [first] = defining;
  const singular = section.slice(0, -1);
  if (first === undefined) {
    throw new KubeconfigError(
      `context "${context}" in ${holder.file} names ${singular} "${name}", which is not defined`,
    );
  }
  const own = defining.find(({ file }) => file === holder.file);
  if (own !== undefined && own !== first && !isDeepStrictEqual(own.entry, first.entry)) {
    throw new KubeconfigError(
      `${singular} "${name}" of context "${context}" is defined differently in ${first.file} and ${holder.file}, and kubectl ` +
        `would use the first; rename it in one of them, or set management.kubeconfig to ${holder.file}`,
    );
  }
  return first;
}

function missingContext(context: string, configs: readonly ConfigFile[]): string {
  const have = configs.map(({ file, config }) => {
    const names = list(config, "contexts").map((entry) => text(entry, "name") ?? "");
    return `${file} has ${names.length === 0 ? "no contexts" : names.join(", ")}`;
  });
  return `context "${context}" is not in the kubeconfig: ${have.join("; ")}`;
}

/** Paths are relative to their file; of an explicit file the provider passes on the content alone, and finds none of them. */
function absolute(entry: unknown, file: string, explicit: boolean): unknown {
  if (typeof entry !== "object" || entry === null) return entry;
  const relative = pathKeys.flatMap((key) => {
    const value = text(entry, key);
    return value === undefined || path.isAbsolute(value) ? [] : [[key, value] as const];
  });
  const [first] = relative;
  if (explicit && first !== undefined) {
    throw new KubeconfigError(
      `${first[0]} "${first[1]}" in ${file} is a relative path, which the Kubernetes provider does not resolve; ` +
        `embed it with: kubectl config view --kubeconfig ${file} --flatten`,
    );
  }
  const folder = path.dirname(path.resolve(file));
  return { ...entry, ...Object.fromEntries(relative.map(([key, value]) => [key, path.join(folder, value)])) };
}

function refuseExpired(user: unknown, name: string, file: string, now: number): void {
  const inline = text(user, "client-certificate-data");
  const named = text(user, "client-certificate");
  const pem =
    inline === undefined
      ? named === undefined
        ? undefined
        : readNamed(named, file)
      : Buffer.from(inline, "base64");
  if (pem === undefined) return;
  let validTo: string;
  try {
    ({ validTo } = new X509Certificate(pem));
  } catch {
    throw new KubeconfigError(`the client certificate of user "${name}" in ${file} is no PEM certificate`);
  }
  if (Date.parse(validTo) < now) {
    const day = new Date(validTo).toISOString().slice(0, 10);
    throw new KubeconfigError(
      `the client certificate of user "${name}" in ${file} expired on ${day}; renew it`,
    );
  }
}

/**
 * A certificate, key or token that a kubeconfig names. Throws a {@link KubeconfigError} for what cannot be read, and for a device
 * or a pipe.
 */
export function readNamed(named: string, file: string): Buffer {
  try {
    return readRegularFile(named, largestBytes);
  } catch (error) {
    const why = error instanceof UnfitFile ? "a device or a pipe" : (error as NodeJS.ErrnoException).code;
    throw new KubeconfigError(`"${named}", which ${file} names, cannot be read: ${why ?? "unknown error"}`);
  }
}

/**
 * A kubeconfig that came out of a cluster, if it holds all that it needs, as those that Cluster API writes do. Every user who may
 * write its Secret could otherwise have a program run here, or a local file sent as a token. Throws a {@link KubeconfigError}
 * that never repeats the text; `source` names the Secret.
 */
export function selfContained(kubeconfig: string, source: string): string {
  const found = reachingOut(parseKubeconfig(kubeconfig, `the kubeconfig of ${source}`));
  if (found.length === 0) return kubeconfig;
  throw new KubeconfigError(
    `the kubeconfig of ${source} has ${found.join(", ")}, which would run a program or read a file of this ` +
      "machine; Cluster API writes none of these: find out who changed the Secret",
  );
}

/** The kubeconfig in a Secret `<cluster>-kubeconfig` of Cluster API; undefined without one. */
export function kubeconfigIn(secret: KubernetesObject | undefined): string | undefined {
  const value = text(secret, "data", "value");
  return value === undefined ? undefined : Buffer.from(value, "base64").toString("utf8");
}
