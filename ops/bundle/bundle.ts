import fs from "node:fs";
import path from "node:path";
import { stringify } from "yaml";
import { type KubernetesObject, field } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import type { Reading, Snapshot } from "../../model/live/snapshot";
import { plainText } from "../../model/redaction/shown";
import { redacted } from "../../model/redaction/objects";
import { withoutSecrets, withoutValues } from "../../model/redaction/text";
import type { KubernetesApi } from "../kubernetes/api";
import type { StackClusters } from "../live/clusters";
import { podLogs, providerPods } from "./logs";
import { type ArchiveFile, archive } from "./tar";

/** What a bundle is made of. */
export interface BundleParts {
  readonly snapshot: Snapshot;
  readonly clusters: StackClusters;
  /** Texts that are there already: the diagnosis, the status. */
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

/** One archive with the objects, events and logs of a stack; every text in it goes through the redaction, here and nowhere else. */
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

/** A name within the archive: those of pods and containers come from an API server, and must lead nowhere else. */
function fileName(name: string): string {
  return name.replace(/[^\w./-]/g, "_").replace(/(^|\/)\.+(?=\/|$)/g, "$1_");
}

function objectFiles({ management, workload }: Snapshot): readonly ArchiveFile[] {
  return [
    ...partFiles("management", management.parts),
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
      () => Promise.resolve(snapshot.workload.parts.pods.objects ?? []),
    ),
  ]);
  return { files: both.flatMap(({ files }) => files), notes: both.flatMap(({ notes }) => notes) };
}

async function logsFrom(
  folder: string,
  open: () => Promise<KubernetesApi>,
  pods: (api: KubernetesApi) => Promise<readonly KubernetesObject[]>,
): ReturnType<typeof podLogs> {
  try {
    const api = await open();
    return await podLogs(api, await pods(api), folder);
  } catch (error) {
    return { files: [], notes: [`${folder}: ${plainText((error as Error).message)}`] };
  }
}

/** Keys of Secrets with a word that stands in many other objects: a bootstrap Secret says `format: cloud-config`. */
const openKeys = ["format"];
/** Shorter values are words that stand everywhere. */
const shortestSecret = 8;

/** The values of the namespace's Secrets, read only to be taken out of logs and messages that repeat one. */
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
    const values = [...encoded, ...decoded].filter((value) => value.length >= shortestSecret);
    return { values: [...new Set(values)].sort((a, b) => b.length - a.length), notes: [] };
  } catch (error) {
    return {
      values: [],
      notes: [`Secrets could not be compared with the logs: ${plainText((error as Error).message)}`],
    };
  }
}

/** What the waiting program has told, where it ran on this machine. */
function waitEvents({ directory, snapshot }: BundleParts): readonly ArchiveFile[] {
  const file = path.join(directory, ".metal", "events", `${snapshot.cluster}.jsonl`);
  return fs.existsSync(file) ? [{ name: "wait-events.jsonl", text: fs.readFileSync(file, "utf8") }] : [];
}

function readme({ cluster, at }: Snapshot, notes: readonly string[]): string {
  return [
    `Cluster ${cluster}, read at ${new Date(at).toISOString()} by npm run metal -- diagnose --bundle.`,
    "Inside: diagnosis and status, the objects of both clusters (management/, workload/), their events, logs of Cluster API's",
    "providers and of kube-system, what the waiting program told.",
    'Left out: the content of all Secrets, kubeconfigs, user data of servers, whatever is named like a password. "[secret]" marks the place.',
    ...(notes.length === 0 ? [] : ["", "Not there, and why:", ...notes.map((note) => `  ${note}`)]),
    "",
  ].join("\n");
}
