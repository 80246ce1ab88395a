import { type KubernetesObject, field, text } from "../../kubernetes/object";
import { changedPaths } from "../differences";

/** Where a kind of machine set keeps what its machines are made of. */
export interface SetFields {
  readonly version: readonly string[];
  readonly references: readonly string[];
}

/** In a KubeadmControlPlane. */
export const controlPlaneFields: SetFields = {
  version: ["spec", "version"],
  references: ["spec", "machineTemplate", "spec"],
};

/** In a MachineDeployment. */
export const deploymentFields: SetFields = {
  version: ["spec", "template", "spec", "version"],
  references: ["spec", "template", "spec"],
};

/** Two states of one set of machines: what runs, and what is planned. */
export interface SetChange {
  readonly live: KubernetesObject;
  readonly planned: KubernetesObject;
  readonly fields: SetFields;
  /** Machine and bootstrap templates that exist, and those that are planned. */
  readonly templates: {
    readonly live: readonly KubernetesObject[];
    readonly planned: readonly KubernetesObject[];
  };
}

/**
 * Why Cluster API will replace every machine of a set; empty when it will not. Machine labels, drain timeouts and
 * rollout settings change in place.
 */
export function rolloutReasons(change: SetChange): readonly string[] {
  const { live, planned, fields } = change;
  const [before = "", after = ""] = [text(live, ...fields.version), text(planned, ...fields.version)];
  return [
    ...(before === after ? [] : [`Kubernetes ${before} -> ${after}`]),
    ...renewed(change, ["infrastructureRef"], machineTemplateWords),
    ...renewed(change, ["bootstrap", "configRef"], bootstrapWords),
    ...bootstrapWords(field(live, "spec", "kubeadmConfigSpec"), field(planned, "spec", "kubeadmConfigSpec")),
  ];
}

/**
 * Whether node reuse is asked for together with the rollout that needs it: Metal3 reads it from the template that a machine
 * came from, which is not changed any more when it is replaced.
 */
export function reuseComesLate({ live, planned, fields, templates }: SetChange): boolean {
  const nameIn = (object: KubernetesObject) =>
    text(object, ...fields.references, "infrastructureRef", "name");
  const reuses = (among: readonly KubernetesObject[], name: string | undefined) =>
    field(
      among.find(({ metadata }) => metadata.name === name),
      "spec",
      "nodeReuse",
    ) === true;
  const [before, after] = [nameIn(live), nameIn(planned)];
  return before !== after && !reuses(templates.live, before) && reuses(templates.planned, after);
}

/** What differs between the template that a set refers to and the one that it will refer to. */
function renewed(
  { live, planned, fields, templates }: SetChange,
  reference: readonly string[],
  words: (before: unknown, after: unknown) => readonly string[],
): readonly string[] {
  const nameIn = (object: KubernetesObject) => text(object, ...fields.references, ...reference, "name");
  const [before, after] = [nameIn(live), nameIn(planned)];
  if (before === after) return [];
  const found = words(contentOf(templates.live, before), contentOf(templates.planned, after));
  // The name alone rolls, whatever it stands for.
  return found.length > 0 ? found : [`template ${after ?? ""}`];
}

function contentOf(templates: readonly KubernetesObject[], name: string | undefined): unknown {
  const found = templates.find(({ metadata }) => metadata.name === name);
  return field(found, "spec", "template", "spec");
}

function machineTemplateWords(before: unknown, after: unknown): readonly string[] {
  if (before === undefined) return ["another machine template"];
  const [imageBefore = "", imageAfter = ""] = [text(before, "image", "url"), text(after, "image", "url")];
  // The name of a data template stands for its content, and says nothing to people.
  const rest = changedPaths(before, after).map((path) => (path === "dataTemplate.name" ? "metadata" : path));
  const others = rest.filter((path) => path !== "image.url");
  return [
    ...(imageBefore === imageAfter ? [] : [`image ${fileOf(imageBefore)} -> ${fileOf(imageAfter)}`]),
    ...(others.length === 0 ? [] : [`machine template: ${others.join(", ")}`]),
  ];
}

function bootstrapWords(before: unknown, after: unknown): readonly string[] {
  if (before === undefined && after === undefined) return [];
  if (before === undefined) return ["another bootstrap configuration"];
  const paths = changedPaths(before, after);
  return paths.length === 0 ? [] : [`bootstrap configuration: ${paths.join(", ")}`];
}

/** The last part of a URL: the whole has no room in a line, and may hold a login. */
function fileOf(url: string): string {
  return url.split(/[?#]/)[0]?.split("/").pop() ?? "";
}
