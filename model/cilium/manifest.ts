import {
  type Document,
  type ScalarTag,
  type YAMLError,
  LineCounter,
  isNode,
  isScalar,
  parseAllDocuments,
  visit,
} from "yaml";
import { contentHash } from "../kubernetes/content";
import { type KubernetesObject, field, text } from "../kubernetes/object";
import type { ClusterReadinessPlan } from "../plan/readiness";
import type { ClusterPlan, ResourceSetPlan } from "../plan/plan";
import { disputedLineBreak, explicitTags, tagsAsWritten } from "../stack/source/yaml-file";

/** A rendered manifest that has been read. */
export interface CiliumRender {
  /** What goes into the ConfigMap: the bytes as the Cilium CLI printed them, without the Secrets. */
  readonly text: string;
  /** All the bytes; they differ from `text` only where there are `secrets`, and are then as secret as those. */
  readonly rendered: string;
  /** The render's Secrets, apart from all the rest: they travel in a Secret and are never printed. */
  readonly secrets?: CiliumSecrets;
  /** Changes whenever the text does. */
  readonly hash: string;
  readonly objects: readonly KubernetesObject[];
  /** All documents that are not empty, also those that are no objects. */
  readonly documents: readonly unknown[];
  /** What is wrong with the text itself. */
  readonly errors: readonly RenderError[];
  /** What must have rolled out before Cilium counts as running. */
  readonly workloads: ClusterReadinessPlan["workloads"];
}

/** A place of the text that is not sound YAML. */
interface RenderError {
  /** Code of the yaml library, such as DUPLICATE_KEY; or LINE_BREAK, or TAG. */
  readonly code: string;
  readonly line: number;
  /** The library's words, their first line. */
  readonly message: string;
  /** The line of the text, up to its colon: never its value. */
  readonly source: string;
}

/** Secrets of a render that are the same at every render. */
interface CiliumSecrets {
  readonly text: string;
  readonly objects: readonly KubernetesObject[];
}

/**
 * Reads what the Cilium CLI printed. `again` is a second render of the same values, made when the first holds Secrets: only
 * Secrets that did not change are taken apart, others stay among the objects, where the proof `render/no-secrets` refuses them.
 */
export function readManifest(rendered: string, again?: string): CiliumRender {
  const read = manifestDocuments(rendered);
  const documents = read
    .map((document) => withoutNulls(document.toJS()))
    .filter((document) => document !== null && document !== undefined);
  const objects = documents.filter(isObject);
  const lines = rendered.split("\n");
  const whole = {
    text: rendered,
    rendered,
    hash: contentHash(rendered),
    objects,
    documents,
    errors: [
      ...read.flatMap((document) => document.errors).map((error) => renderError(error, lines)),
      ...repeatedKeys(read, rendered, lines),
      ...disputedLine(rendered, lines),
      ...disputedTags(read, rendered, lines),
    ],
    workloads: workloadsOf(objects),
  };
  return again === rendered ? withSecretsApart(whole) : whole;
}

function isObject(document: unknown): document is KubernetesObject {
  return ["apiVersion", "kind"].every((key) => text(document, key)) && !!text(document, "metadata", "name");
}

function renderError({ code, message, linePos }: YAMLError, lines: readonly string[]): RenderError {
  const line = linePos?.[0].line ?? 1;
  // What the library quotes behind a colon or in quotes may be a part of a Secret.
  return { code, line, message: message.replace(/[:"\n].*$/s, ""), source: sourceOf(lines, line) };
}

function sourceOf(lines: readonly string[], line: number): string {
  return ((lines[line - 1] ?? "").split(":")[0] ?? "").trim();
}

/** Where the lines of a text begin: looking a line up does not read the text again. */
function lineStarts(text: string): LineCounter {
  const starts = new LineCounter();
  for (let at = 0; at >= 0; at = text.indexOf("\n", at) + 1 || -1) starts.addNewLine(at);
  return starts;
}

/** Keys that their map has before; the library would compare each key with all before it. */
function repeatedKeys(
  documents: readonly Document.Parsed[],
  rendered: string,
  lines: readonly string[],
): readonly RenderError[] {
  const starts = lineStarts(rendered);
  const found: RenderError[] = [];
  for (const document of documents) {
    visit(document, {
      Map: (_, { items }) => {
        const before = new Set<unknown>();
        for (const { key } of items) {
          const name = isScalar(key) ? key.value : key;
          if (before.has(name)) {
            const { line } = starts.linePos((isNode(key) ? key.range?.[0] : undefined) ?? 0);
            const source = sourceOf(lines, line);
            found.push({ code: "DUPLICATE_KEY", line, message: "Map keys must be unique", source });
          }
          before.add(name);
        }
      },
    });
  }
  return found;
}

/** A character at which Cluster API and the API server, which read YAML in Go, end a line, and the proofs do not. */
function disputedLine(rendered: string, lines: readonly string[]): readonly RenderError[] {
  const found = disputedLineBreak(rendered);
  if (found === undefined) return [];
  const { line, character } = found;
  const message = `${character} ends a line for some readers of YAML`;
  return [{ code: "LINE_BREAK", line, message, source: sourceOf(lines, line) }];
}

/** Tags, of which Cluster API and the API server make something else than the proofs. */
function disputedTags(
  documents: readonly Document.Parsed[],
  rendered: string,
  lines: readonly string[],
): readonly RenderError[] {
  const starts = lineStarts(rendered);
  return documents.flatMap((document) =>
    explicitTags(document, rendered).map(([start]) => {
      const { line } = starts.linePos(start);
      const message = "a tag means something else to other readers of YAML";
      return { code: "TAG", line, message, source: sourceOf(lines, line) };
    }),
  );
}

/** Takes the Secrets out of text and objects; the bytes of everything else stay as they are. */
function withSecretsApart(render: CiliumRender): CiliumRender {
  const isSecret = ({ kind }: KubernetesObject) => kind === "Secret";
  const secrets = render.objects.filter(isSecret);
  if (secrets.length === 0) return render;
  const chunks = render.rendered.split(/^(?=---\s*$)/m);
  const hidden = chunks.filter((chunk) => /^kind:\s*["']?Secret["']?\s*$/m.test(chunk));
  return {
    ...render,
    text: chunks.filter((chunk) => !hidden.includes(chunk)).join(""),
    objects: render.objects.filter((object) => !isSecret(object)),
    documents: render.documents.filter((document) => !(isObject(document) && isSecret(document))),
    secrets: { text: hidden.join(""), objects: secrets },
  };
}

/** The chart writes `annotations:` with nothing behind it; the API server drops that, and the object would differ at every comparison. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null)
      .map(([key, inner]) => [key, withoutNulls(inner)]),
  );
}

/** What of these objects has pods that roll out. */
export function workloadsOf(objects: readonly KubernetesObject[]): ClusterReadinessPlan["workloads"] {
  return objects.flatMap((object) =>
    (object.kind === "DaemonSet" || object.kind === "Deployment") && field(object, "spec", "replicas") !== 0
      ? [
          {
            kind: object.kind,
            namespace: object.metadata.namespace ?? "kube-system",
            name: object.metadata.name,
          },
        ]
      : [],
  );
}

/** `0400` is a file's mode to Kubernetes and Helm, which read YAML 1.1; YAML 1.2 would make four hundred of it. */
const octal: ScalarTag = {
  tag: "tag:yaml.org,2002:int",
  default: true,
  test: /^0[0-7]+$/,
  resolve: (text) => parseInt(text, 8),
};

/** The YAML documents of a rendered manifest, with numbers as the API server reads them. */
export function manifestDocuments(rendered: string): readonly Document.Parsed[] {
  const parsed = parseAllDocuments(rendered, {
    customTags: (tags) => [octal, ...tags],
    uniqueKeys: false,
    logLevel: "error",
    ...tagsAsWritten,
  });
  return Array.isArray(parsed) ? parsed : [];
}

/** The set as it is applied: it names the Secret too when the render holds Secrets, after the ConfigMap with the namespaces. */
export function resourceSetOf({ resourceSet }: ResourceSetPlan, render: CiliumRender): KubernetesObject {
  const spec = resourceSet["spec"] as object;
  return { ...resourceSet, spec: { ...spec, resources: payloadsOf(resourceSet.metadata.name, render) } };
}

/** What must hold before the cluster is ready, with what is known only after rendering. */
export function readinessOf({ readiness }: ClusterPlan, render: CiliumRender): ClusterReadinessPlan {
  const { name } = readiness.resourceSet;
  return {
    ...readiness,
    resourceSet: { name, resources: payloadsOf(name, render) },
    workloads: render.workloads,
  };
}

function payloadsOf(
  name: string,
  { secrets }: CiliumRender,
): ClusterReadinessPlan["resourceSet"]["resources"] {
  return [{ kind: "ConfigMap", name }, ...(secrets === undefined ? [] : [{ kind: "Secret" as const, name }])];
}
