import type { Pod } from "../../model/kubernetes/core";
import fs from "node:fs";
import path from "node:path";
import { stringify } from "yaml";
import { conditionIs } from "../../model/kubernetes/condition";
import { type KubernetesObject, field } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import { type Reading, type Snapshot, belongsTo, inWorkload } from "../../model/live/snapshot";
import { redacted } from "../../model/redaction/objects";
import { plainText } from "../../model/redaction/shown";
import { secretPartsOf, withoutSecrets, withoutValues } from "../../model/redaction/text";
import type { KubernetesApi } from "../kubernetes/api";
import type { StackClusters } from "../live/clusters";
import { gzipSync } from "node:zlib";

/** The input of a bundle. */
export interface BundleParts {
  readonly snapshot: Snapshot;
  readonly clusters: StackClusters;
  /** Texts that already exist: the diagnosis and the status. */
  readonly texts: readonly ArchiveFile[];
  /** The project's directory, where the waiting program keeps its events. */
  readonly directory: string;
  readonly now: Date;
}

/** What was put into a bundle. */
export interface Bundle {
  readonly bytes: Buffer;
  readonly files: number;
  readonly notes: readonly string[];
}

/** One archive with the objects, events and logs of a stack. Every text in it is redacted here. */
export async function bundleOf(parts: BundleParts): Promise<Bundle> {
  const { snapshot, clusters, now } = parts;
  const [logs, values] = await Promise.all([allLogs(snapshot, clusters), secretValues(snapshot, clusters)]);
  const found = [...objectFiles(snapshot), ...logs.files, ...parts.texts, ...waitEvents(parts)];
  const notes = [...logs.notes, ...values.notes];
  const clean = [{ name: "README.txt", text: readme(snapshot, notes) }, ...found].map(({ name, text }) => ({
    name: `metal-${snapshot.cluster}/${fileName(name)}`,
    text: withoutValues(withoutSecrets(text), values.values),
  }));
  return { bytes: archive(clean, now), files: clean.length, notes };
}

/** A safe name within the archive: names of pods and containers come from an API server and must not leave the folder. */
function fileName(name: string): string {
  return name.replace(/[^\w./-]/g, "_").replace(/(^|\/)\.+(?=\/|$)/g, "$1_");
}

function objectFiles({ cluster, management, workload }: Snapshot): readonly ArchiveFile[] {
  // The snapshot has templates and Secrets of other clusters of the namespace; what is in them belongs to other people.
  const own = Object.entries<Reading>(management.parts).map(([part, reading]): [string, Reading] => {
    const { objects } = reading;
    if (part === "hosts" || objects === undefined) return [part, reading];
    return [part, { ...reading, objects: objects.filter((object) => belongsTo(cluster, object)) }];
  });
  return [
    ...partFiles("management", Object.fromEntries(own)),
    ...partFiles("workload", workload.parts),
    { name: "workload/certificates.yaml", text: stringify(workload.credentials) },
  ];
}

function partFiles(folder: string, parts: Readonly<Record<string, Reading>>): readonly ArchiveFile[] {
  return Object.entries(parts).flatMap(([part, { objects, unread }]) => [
    ...(unread === undefined ? [] : [{ name: `${folder}/${part}.unread.txt`, text: unread.why }]),
    ...(objects === undefined || objects.length === 0
      ? []
      : [
          { name: `${folder}/${part}.yaml`, text: objects.map((object) => documentOf(object)).join("---\n") },
        ]),
  ]);
}

function documentOf(object: KubernetesObject): string {
  return stringify(redacted(object), { lineWidth: 0, aliasDuplicateObjects: false });
}

async function allLogs(
  snapshot: Snapshot,
  clusters: StackClusters,
): Promise<{ readonly files: readonly ArchiveFile[]; readonly notes: readonly string[] }> {
  const both = await Promise.all([
    logsFrom("management/logs", () => clusters.management(), providerPods),
    logsFrom(
      "workload/logs",
      () => clusters.workload(),
      () => Promise.resolve(inWorkload(snapshot, "pods")),
    ),
  ]);
  return { files: both.flatMap(({ files }) => files), notes: both.flatMap(({ notes }) => notes) };
}

async function logsFrom(
  folder: string,
  open: () => Promise<KubernetesApi>,
  pods: (api: KubernetesApi) => Promise<readonly Pod[]>,
): ReturnType<typeof podLogs> {
  try {
    const api = await open();
    return await podLogs(api, await pods(api), folder);
  } catch (error) {
    return { files: [], notes: [`${folder}: ${plainText((error as Error).message)}`] };
  }
}

/** Keys of Secrets whose value is a common word, such as `format: cloud-config` of a bootstrap Secret. */
const openKeys = ["format"];
/** Shorter values are too common to be redacted. */
const shortestSecret = 8;

/** The values of the namespace's Secrets, read only to redact logs and messages that repeat one. */
async function secretValues(
  { namespace }: Snapshot,
  clusters: StackClusters,
): Promise<{ readonly values: readonly string[]; readonly notes: readonly string[] }> {
  try {
    const api = await clusters.management();
    const secrets = (await api.list(resources.Secret, namespace)).items;
    const encoded = secrets.flatMap((secret) =>
      Object.entries((field(secret, "data") ?? {}) as Record<string, string>)
        .filter(([key]) => !openKeys.includes(key))
        .map(([, value]) => value),
    );
    const decoded = encoded.map((value) => Buffer.from(value, "base64").toString("utf8").trim());
    const parts = decoded.flatMap((value) => secretPartsOf(value));
    const values = [...encoded, ...decoded, ...parts].filter((value) => value.length >= shortestSecret);
    return { values: [...new Set(values)].sort((a, b) => b.length - a.length), notes: [] };
  } catch (error) {
    return {
      values: [],
      notes: [`Secrets could not be compared with the logs: ${plainText((error as Error).message)}`],
    };
  }
}

/** The events that the waiting program recorded, if it ran on this machine. */
function waitEvents({ directory, snapshot }: BundleParts): readonly ArchiveFile[] {
  const file = path.join(directory, ".metal", "events", `${snapshot.cluster}.jsonl`);
  return fs.existsSync(file) ? [{ name: "wait-events.jsonl", text: fs.readFileSync(file, "utf8") }] : [];
}

function readme({ cluster, at }: Snapshot, notes: readonly string[]): string {
  return [
    `Cluster ${cluster}, read at ${new Date(at).toISOString()} by npm run metal -- diagnose --bundle.`,
    "Inside: diagnosis and status, the objects of both clusters (management/, workload/), their events, logs of Cluster API's",
    "providers and of kube-system, the events of the waiting program.",
    'Left out: the content of all Secrets, kubeconfigs, user data of servers, values whose key looks like a password. "[secret]" marks the place.',
    ...(notes.length === 0 ? [] : ["", "Missing, and why:", ...notes.map((note) => `  ${note}`)]),
    "",
  ].join("\n");
}

/** Limits that show what happened and keep the archive small on a large cluster. */
const most = { pods: 60, lines: 2000, bytes: 1_000_000, atOnce: 8, seconds: 15 } as const;

/** Logs of pods, unready pods first; notes list what could not be read and what was left out. */
export async function podLogs(
  api: KubernetesApi,
  pods: readonly Pod[],
  folder: string,
): Promise<{ readonly files: readonly ArchiveFile[]; readonly notes: readonly string[] }> {
  const sorted = [...pods].sort(
    (a, b) => Number(conditionIs(a, "Ready", "True")) - Number(conditionIs(b, "Ready", "True")),
  );
  const wanted = sorted.slice(0, most.pods).flatMap(logsOf);
  const notes =
    sorted.length > most.pods
      ? [`${folder}: logs of ${sorted.length - most.pods} pods that are ready are left out`]
      : [];
  const files: ArchiveFile[] = [];
  for (let from = 0; from < wanted.length; from += most.atOnce) {
    const read = await Promise.all(wanted.slice(from, from + most.atOnce).map((log) => logText(api, log)));
    read.forEach((found, index) => {
      const name = wanted[from + index]?.name ?? "";
      if (typeof found === "string") files.push({ name: `${folder}/${name}.log`, text: found });
      else notes.push(`${folder}/${name}: ${found.why}`);
    });
  }
  return { files, notes };
}

interface Log {
  readonly name: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string | number | boolean>>;
}

/** Each container, and its previous run if it restarted. */
function logsOf({ metadata, status }: Pod): readonly Log[] {
  const path = `/api/v1/namespaces/${metadata.namespace ?? ""}/pods/${metadata.name}/log`;
  const limits = { tailLines: most.lines, limitBytes: most.bytes };
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return statuses.flatMap(({ name: container, state, restartCount = 0 }): readonly Log[] => {
    const name = `${metadata.namespace ?? ""}/${metadata.name}/${container}`;
    if (state?.waiting !== undefined && restartCount === 0) return [];
    const current = { name, path, query: { container, ...limits } };
    return restartCount > 0
      ? [current, { name: `${name}.previous`, path, query: { container, previous: true, ...limits } }]
      : [current];
  });
}

async function logText(api: KubernetesApi, { path, query }: Log): Promise<string | { readonly why: string }> {
  try {
    const answer = await api.request("GET", path, { query, timeoutSeconds: most.seconds });
    return typeof answer === "string" ? answer : JSON.stringify(answer);
  } catch (error) {
    return { why: (error as Error).message };
  }
}

/** The pods of Cluster API's providers, wherever they run. */
async function providerPods(api: KubernetesApi): Promise<readonly Pod[]> {
  const query = { labelSelector: "cluster.x-k8s.io/provider" };
  return (await api.list(resources.Pod, undefined, query)).items;
}

/** A file of an archive. */
export interface ArchiveFile {
  readonly name: string;
  readonly text: string;
}

const block = 512;

/** A gzipped ustar archive (POSIX.1-1988) of small text files, readable for their owner alone. */
export function archive(files: readonly ArchiveFile[], modified: Date): Buffer {
  const parts = files.flatMap(({ name, text }) => {
    const content = Buffer.from(text, "utf8");
    const padding = Buffer.alloc((block - (content.length % block)) % block);
    return [header(name, content.length, modified), content, padding];
  });
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * block)]));
}

function header(name: string, size: number, modified: Date): Buffer {
  const { prefix, rest } = splitName(name);
  const head = Buffer.alloc(block);
  const octal = (value: number, width: number) => `${value.toString(8).padStart(width - 1, "0")}\0`;
  head.write(rest, 0, 100, "utf8");
  head.write(octal(0o600, 8), 100);
  head.write(octal(0, 8), 108);
  head.write(octal(0, 8), 116);
  head.write(octal(size, 12), 124);
  head.write(octal(Math.floor(modified.getTime() / 1000), 12), 136);
  // The sum counts its own field as blanks.
  head.write(" ".repeat(8), 148);
  head.write("0", 156);
  head.write("ustar\0" + "00", 257);
  head.write(prefix, 345, 155, "utf8");
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return head;
}

/** Long names are split at a slash into two fields of the header. */
function splitName(name: string): { readonly prefix: string; readonly rest: string } {
  if (Buffer.byteLength(name) <= 100) return { prefix: "", rest: name };
  const slash = name.indexOf("/", Math.max(0, name.length - 101));
  if (slash < 0 || slash > 155) throw new Error(`the name "${name}" is too long for an archive`);
  return { prefix: name.slice(0, slash), rest: name.slice(slash + 1) };
}
