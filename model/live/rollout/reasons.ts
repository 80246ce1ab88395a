import type { KubeadmConfigSpec, MachineSet, MachineSpec } from "../../kubernetes/cluster-api";
import { defined, text } from "../../kubernetes/object";
import type { PlannedTemplate } from "../../plan/plan";
import { changedPaths } from "../differences";
import { named } from "../snapshot";

type Template = PlannedTemplate["manifest"];

/** Two states of one set of machines: what runs, and what is planned. */
export interface SetChange {
  readonly live: MachineSet;
  readonly planned: MachineSet;
  /** Machine and bootstrap templates that exist, and those that are planned. */
  readonly templates: { readonly live: readonly Template[]; readonly planned: readonly Template[] };
}

/** What the machines of a set are made of. */
function machineOf(set: MachineSet): MachineSpec {
  if (set.kind === "MachineDeployment") return set.spec?.template?.spec ?? {};
  return defined({ ...set.spec?.machineTemplate?.spec, version: set.spec?.version });
}

function kubeadmOf(set: MachineSet): KubeadmConfigSpec | undefined {
  return set.kind === "KubeadmControlPlane" ? set.spec?.kubeadmConfigSpec : undefined;
}

/**
 * Why Cluster API will replace every machine of a set; empty when it will not. Machine labels, drain timeouts and
 * rollout settings change in place.
 */
export function rolloutReasons(change: SetChange): readonly string[] {
  const { live, planned } = change;
  const { version: before = "" } = machineOf(live);
  const { version: after = "" } = machineOf(planned);
  return [
    ...(before === after ? [] : [`Kubernetes ${before} -> ${after}`]),
    ...renewed(change, ({ infrastructureRef }) => infrastructureRef?.name, machineTemplateWords),
    ...renewed(change, ({ bootstrap }) => bootstrap?.configRef?.name, bootstrapWords),
    ...bootstrapWords(kubeadmOf(live), kubeadmOf(planned)),
  ];
}

/** What a machine is made of: the content of its two templates. */
export interface MachineContent {
  readonly machine: unknown;
  readonly bootstrap: unknown;
  readonly version: string;
}

/** What differs between what two machines are made of. */
export function contentReasons(before: MachineContent, after: MachineContent): readonly string[] {
  return [
    ...(before.version === after.version ? [] : [`Kubernetes ${before.version} -> ${after.version}`]),
    ...machineTemplateWords(before.machine, after.machine),
    ...bootstrapWords(before.bootstrap, after.bootstrap),
  ];
}

/** What the machines of a set are made of; undefined where a template of it is not there. */
export function machineContent(set: MachineSet, templates: readonly Template[]): MachineContent | undefined {
  const { version = "", infrastructureRef, bootstrap } = machineOf(set);
  const machine = contentOf(templates, infrastructureRef?.name);
  const kubeadm = contentOf(templates, bootstrap?.configRef?.name) ?? kubeadmOf(set);
  return machine === undefined || kubeadm === undefined
    ? undefined
    : { machine, bootstrap: kubeadm, version };
}

/**
 * Whether node reuse is asked for together with the rollout that needs it: Metal3 reads it from the template that a machine
 * came from, which is not changed any more when it is replaced.
 */
export function reuseComesLate({ live, planned, templates }: SetChange): boolean {
  const reuses = (among: readonly Template[], name: string | undefined) => {
    const template = named(among, name);
    return template?.kind === "Metal3MachineTemplate" && template.spec?.nodeReuse === true;
  };
  const [before, after] = [live, planned].map((set) => machineOf(set).infrastructureRef?.name);
  return before !== after && !reuses(templates.live, before) && reuses(templates.planned, after);
}

/** What differs between the template that a set refers to and the one that it will refer to. */
function renewed(
  { live, planned, templates }: SetChange,
  nameIn: (machine: MachineSpec) => string | undefined,
  words: (before: unknown, after: unknown) => readonly string[],
): readonly string[] {
  const [before, after] = [nameIn(machineOf(live)), nameIn(machineOf(planned))];
  if (before === after) return [];
  const found = words(contentOf(templates.live, before), contentOf(templates.planned, after));
  // The name alone rolls, whatever it stands for.
  return found.length > 0 ? found : [`template ${after ?? ""}`];
}

function contentOf(templates: readonly Template[], name: string | undefined): unknown {
  const found = named(templates, name);
  return found === undefined || found.kind === "Metal3DataTemplate" ? undefined : found.spec?.template?.spec;
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
