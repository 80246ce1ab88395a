import type {
  MachineDeployment,
  MachineSet,
  KubeadmConfigSpec,
  MachineSpec,
} from "../../kubernetes/cluster-api";
import type { Stack } from "../../stack/schema";
import { controlPlanePool } from "../../kubernetes/labels";
import { type PoolMachines, deploymentDomain, deploymentPool, poolMachines } from "../../plan/machines";
import type { ClusterPlan, PlannedTemplate } from "../../plan/plan";
import { type LiveCluster, type LiveMachine, isOwnedBy, liveMachines } from "./live-cluster";
import { defined, text } from "../../kubernetes/object";
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
function reuseComesLate({ live, planned, templates }: SetChange): boolean {
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

/** What an update does to the machines of one pool that runs, or of its share in one failure domain. */
export interface PoolChange {
  readonly pool: string;
  readonly failureDomain?: string;
  /** Place in the stack file; of a pool that has left it, the list of pools. */
  readonly at: string;
  /** Place of the number of machines. */
  readonly countAt: string;
  readonly machines: readonly LiveMachine[];
  readonly before: number;
  readonly after: number;
  /** Why every machine is replaced; empty when none is. */
  readonly reasons: readonly string[];
  /** nodeReuse is asked for, and this rollout does not have it yet. */
  readonly reuseComesLate: boolean;
  /** Machines that exist for a while beside the old ones. */
  readonly surge: number;
}

/** What the plan changes in each pool that runs; pools that are only planned have nothing to lose. */
export function poolChanges(stack: Stack, plan: ClusterPlan, live: LiveCluster): readonly PoolChange[] {
  const machines = liveMachines(live, stack.name);
  const planned = poolMachines(stack).flatMap((set): PoolChange[] => {
    const change = setChange(stack, plan, live, set);
    if (change === undefined) return [];
    const { pool, at, countAt, failureDomain, surge } = set;
    const before = change.live.spec?.replicas ?? 0;
    return [
      {
        pool,
        at,
        countAt,
        ...defined({ failureDomain }),
        machines: machines.filter(isOf(set)),
        before,
        after: Math.min(set.replicas, Math.max(set.least, before)),
        reasons: rolloutReasons(change),
        reuseComesLate: reuseComesLate(change),
        surge,
      },
    ];
  });
  return [...planned, ...leavingPools(stack, plan, live, machines)];
}

/** Whether a machine is of a pool, or of its share in a failure domain. */
function isOf({ pool, failureDomain }: Pick<PoolChange, "pool" | "failureDomain">) {
  return (machine: LiveMachine): boolean => machine.pool === pool && machine.failureDomain === failureDomain;
}

function setChange(
  stack: Stack,
  { cluster }: ClusterPlan,
  live: LiveCluster,
  { pool, name }: PoolMachines,
): SetChange | undefined {
  const found =
    pool === controlPlanePool
      ? live.controlPlane
      : live.machineDeployments.find(({ metadata }) => metadata.name === name);
  const planned = cluster.objects
    .filter(isMachineSet)
    .find(
      (object) =>
        object.metadata.name === name &&
        (object.kind === "KubeadmControlPlane") === (pool === controlPlanePool),
    );
  if (found === undefined || planned === undefined || !isOwnedBy(found, stack.name)) return undefined;
  return {
    live: found,
    planned,
    templates: {
      live: [...live.machineTemplates, ...live.bootstrapTemplates],
      planned: cluster.templates.map(({ manifest }) => manifest),
    },
  };
}

function isMachineSet(object: ClusterPlan["cluster"]["objects"][number]): object is MachineSet {
  return object.kind === "KubeadmControlPlane" || object.kind === "MachineDeployment";
}

/** MachineDeployments of ours that the plan no longer has: all their machines go. */
function leavingPools(
  stack: Stack,
  { cluster }: ClusterPlan,
  live: LiveCluster,
  machines: readonly LiveMachine[],
): readonly PoolChange[] {
  const stays = (deployment: MachineDeployment) =>
    cluster.objects.some(
      ({ kind, metadata }) => kind === "MachineDeployment" && metadata.name === deployment.metadata.name,
    );
  return live.machineDeployments
    .filter((deployment) => isOwnedBy(deployment, stack.name) && !stays(deployment))
    .map((deployment) => {
      const pool = deploymentPool(deployment) ?? deployment.metadata.name;
      const domain = defined({ failureDomain: deploymentDomain(deployment) });
      return {
        pool,
        ...domain,
        at: "workers",
        countAt: "workers",
        machines: machines.filter(isOf({ pool, ...domain })),
        before: deployment.spec?.replicas ?? 0,
        after: 0,
        reasons: [],
        reuseComesLate: false,
        surge: 0,
      };
    });
}
