import data from "../cilium/keys/recorded-keys.json";
import { upToDate } from "./older-versions";
import { type KubernetesObject, field, isMap, list, text } from "../kubernetes/object";
import { shownOnOneLine } from "../redaction/shown";
import { type FileText, parseYamlFile } from "../stack/source/yaml-file";
import { listed, nearest } from "../text/wording";

/** An object of an input, with the name of its file. Fields of older versions are where the newest has them. */
export interface Input {
  readonly file: string;
  readonly object: KubernetesObject;
}

/** What the files hold. */
export interface Inputs {
  readonly objects: readonly Input[];
  /** Helm values of Cilium. */
  readonly values?: { readonly file: string; readonly map: Readonly<Record<string, unknown>> };
}

/** Kinds that a stack plans, and that are read. */
const kinds = [
  ...["Cluster", "KubeadmControlPlane", "KubeadmConfigTemplate", "MachineDeployment", "MachineHealthCheck"],
  ...["BareMetalHost", "Metal3Cluster", "Metal3MachineTemplate", "Metal3DataTemplate"],
  ...["Metal3RemediationTemplate", "IPPool", "Secret"],
  ...["CiliumBGPClusterConfig", "CiliumBGPPeerConfig", "CiliumBGPAdvertisement"],
  ...["CiliumBGPNodeConfigOverride", "CiliumLoadBalancerIPPool", "CiliumL2AnnouncementPolicy"],
] as const;

/** Kinds that come with them, why a stack file does not hold them. */
export const leftOut: Readonly<Record<string, string>> = {
  Namespace: "the namespace must exist before the stack; metal:management.namespace names it",
  ConfigMap: "the stack makes its own ConfigMap with the rendered Cilium",
  ClusterResourceSet: "the stack makes its own resource set with the rendered Cilium",
  ClusterClass: "a stack plans the objects of one cluster without a class",
  CiliumBGPPeeringPolicy:
    "replaced by CiliumBGPClusterConfig; translate it first (docs.cilium.io, BGP Control Plane)",
  Metal3Machine: "made by controllers from the objects that are imported",
  Machine: "made by controllers from the objects that are imported",
  HardwareData: "made by the operator's inspection",
  FirmwareSchema: "made by the operator's inspection",
  HostFirmwareSettings: "a stack file has no key for firmware settings",
  HostFirmwareComponents: "a stack file has no key for firmware",
};

/** Reads every document of every file; either all of it, or everything that is wrong with it, a line each. */
export function readInputs(files: readonly FileText[]): Inputs | { readonly problems: readonly string[] } {
  const problems: string[] = [];
  const objects: Input[] = [];
  const values: NonNullable<Inputs["values"]>[] = [];
  for (const file of files) {
    let found = 0;
    for (const { text: chunk, line } of documentsOf(file.text)) {
      const { data, findings } = parseYamlFile({ name: file.name, text: chunk });
      for (const { problem, fix, place } of findings) {
        const at = place === undefined ? file.name : `${file.name}:${place.line + line}`;
        problems.push(`${at}: ${problem}; ${fix}`);
      }
      if (findings.length > 0) found += 1;
      if (data === undefined || data === null) continue;
      found += 1;
      for (const each of itemsOf(data)) {
        const at = `${file.name}:${line + 1}`;
        if (isObject(each)) objects.push({ file: file.name, object: upToDate(each) });
        else if (isMap(each) && areValues(each)) values.push({ file: file.name, map: each });
        else
          problems.push(
            `${at}: neither an object with apiVersion, kind and metadata.name nor Helm values of Cilium`,
          );
      }
    }
    if (found === 0) problems.push(`${file.name}: holds no object`);
  }
  problems.push(...unknownKinds(objects), ...repeated(objects), ...several(objects, values));
  if (files.length === 0) problems.push("no file was named");
  if (problems.length > 0) return { problems };
  const [only] = values;
  return { objects, ...(only === undefined ? {} : { values: only }) };
}

/** The documents of a YAML stream, each with the number of lines before it. */
function documentsOf(stream: string): readonly { readonly text: string; readonly line: number }[] {
  const documents: { text: string; line: number }[] = [];
  let lines: string[] = [];
  let line = 0;
  stream.split("\n").forEach((each, i) => {
    if (!/^---(\s|$)/.test(each)) return void lines.push(each);
    documents.push({ text: lines.join("\n"), line });
    lines = [each.replace(/^---/, "   ")];
    line = i;
  });
  return [...documents, { text: lines.join("\n"), line }].filter(({ text: chunk }) =>
    /^[^#\r\n]*[^\s#]/m.test(chunk),
  );
}

function itemsOf(data: unknown): readonly unknown[] {
  return isMap(data) && text(data, "kind")?.endsWith("List") === true && Array.isArray(data["items"])
    ? list(data, "items")
    : [data];
}

/** Whether a map has keys that Cilium's charts read. */
function areValues(map: Readonly<Record<string, unknown>>): boolean {
  const keys = Object.keys(map);
  return keys.length > 0 && keys.some((key) => Object.hasOwn(data.shared, key));
}

function isObject(value: unknown): value is KubernetesObject {
  return (
    text(value, "apiVersion") !== undefined &&
    text(value, "kind") !== undefined &&
    text(value, "metadata", "name") !== undefined
  );
}

function unknownKinds(objects: readonly Input[]): readonly string[] {
  const known: readonly string[] = [...kinds, ...Object.keys(leftOut)];
  return objects
    .filter(({ object: { kind } }) => !known.includes(kind))
    .map(({ file, object: { kind, metadata } }) => {
      const guess = nearest(kind, known);
      const hint =
        guess === undefined ? `kinds that are read: ${kinds.join(", ")}` : `did you mean "${guess}"?`;
      return `${file}: ${shownOnOneLine(`${kind}/${metadata.name}`)} is of a kind that is not imported; ${hint}`;
    });
}

/** One name of a kind in two places: one of the two would be lost. */
function repeated(objects: readonly Input[]): readonly string[] {
  const first = new Map<string, string>();
  return objects.flatMap(({ file, object }) => {
    const name = shownOnOneLine(`${object.kind}/${object.metadata.name}`);
    const key = `${object.metadata.namespace ?? ""} ${name}`;
    const before = first.get(key);
    first.set(key, before ?? file);
    return before === undefined ? [] : [`${file}: ${name} is in ${before} as well; name one of them`];
  });
}

/** Of these a stack has one. */
function several(objects: readonly Input[], values: readonly { readonly file: string }[]): readonly string[] {
  const single = ["Cluster", "KubeadmControlPlane", "Metal3Cluster"].flatMap((kind) => {
    const found = objects.filter(({ object }) => object.kind === kind);
    if (found.length < 2) return [];
    const names = listed(
      found.map(({ file, object }) => `${shownOnOneLine(object.metadata.name)} (${file})`),
      5,
    );
    return [
      `${found.length} objects of the kind ${kind}: ${names}; one stack is one cluster, import one at a time`,
    ];
  });
  const none = objects.every(({ object: { kind } }) => kind in leftOut) && objects.length > 0;
  return [
    ...single,
    ...(values.length > 1
      ? [`Helm values of Cilium are in ${values.map(({ file }) => file).join(" and ")}; name one file`]
      : []),
    ...(none ? ["there is no object that a stack plans"] : []),
    ...(objects.length === 0 && values.length > 0
      ? [`there are only Helm values; name the files of the cluster as well`]
      : []),
  ];
}

/** The objects of a kind. */
export function ofKind(inputs: Inputs, kind: (typeof kinds)[number]): readonly KubernetesObject[] {
  return inputs.objects.flatMap(({ object }) => (object.kind === kind ? [object] : []));
}

/** An object of a kind by its name. */
export function named(
  inputs: Inputs,
  kind: (typeof kinds)[number],
  name: string | undefined,
): KubernetesObject | undefined {
  return ofKind(inputs, kind).find(({ metadata }) => metadata.name === name);
}

/** A name as a stack file takes it: Kubernetes also has dots in names, and labels have more. */
export function nameInStack(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-/, "")
    .slice(0, 63)
    .replace(/-$/, "");
}

/** A text of a Secret that is not itself one, such as network data; plain, or in base64. */
export function textOfSecret(secret: KubernetesObject | undefined, key: string): string | undefined {
  const plain = text(secret, "stringData", key);
  const encoded = text(secret, "data", key);
  if (plain !== undefined || encoded === undefined) return plain;
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(encoded), (one) => one.charCodeAt(0)));
  } catch {
    return undefined; // no base64
  }
}

/** The names of a Secret's keys. */
export function keysOfSecret(secret: KubernetesObject): readonly string[] {
  return Object.keys({ ...(field(secret, "data") as object), ...(field(secret, "stringData") as object) });
}
