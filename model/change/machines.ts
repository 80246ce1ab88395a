import type { Effect, MachineChange, WipedDisk } from "./change";
import { type Words, joined, named, plainWords, words } from "./formatted-text";
import { number } from "../kubernetes/object";
import { autoscalerBounds, controlPlanePool } from "../kubernetes/labels";
import { type KubernetesObject, defined, field } from "../kubernetes/object";
import { isCleaned } from "../live/rollout/server";
import type { ClusterPlan } from "../plan/plan";
import { counted } from "../text/wording";
import type { MachineSet } from "../kubernetes/cluster-api";
import { deploymentDomain, deploymentPool, poolText } from "../plan/machines";
import { rolloutReasons } from "../live/rollout/pool-change";
import { fieldChanges, pathsOf } from "./fields";

/** The machines of a pool, or of its share in one failure domain, as an object of the plan requires them. */
export interface PoolObject {
  /** The pool for people, with its failure domain where it is spread over several. */
  readonly pool: string;
  readonly of: { readonly pool: string; readonly failureDomain?: string };
  readonly object: MachineSet;
  /** At most, where an autoscaler decides. */
  readonly replicas: number;
  /** At least; the same number, where no autoscaler decides. */
  readonly least: number;
  readonly isAutoscaled: boolean;
  /**
   * How many machines may run of it: where an autoscaler decides, one on each host, because its bounds are not enforced on what
   * runs (cluster-autoscaler cloudprovider/clusterapi/README.md), and may have been others before.
   */
  readonly mayRun: number;
}

/** Every pool of a plan, the control plane first. */
export function poolsOf(plan: ClusterPlan | undefined): readonly PoolObject[] {
  return (plan?.cluster.objects ?? []).flatMap((object) => {
    if (object.kind !== "KubeadmControlPlane" && object.kind !== "MachineDeployment") return [];
    const pool = object.kind === "KubeadmControlPlane" ? controlPlanePool : deploymentPool(object);
    if (pool === undefined) return [];
    const failureDomain = object.kind === "MachineDeployment" ? deploymentDomain(object) : undefined;
    const bound = (which: keyof typeof autoscalerBounds) =>
      object.metadata.annotations?.[autoscalerBounds[which]];
    const { replicas = 0 } = object.spec ?? {};
    const of = { pool, ...defined({ failureDomain }) };
    const most = Number(bound("most") ?? replicas);
    const isAutoscaled = bound("most") !== undefined;
    const hosts = isAutoscaled && plan !== undefined ? hostsOfPool(plan, { of }).length : 0;
    return [
      {
        pool: poolText(pool, failureDomain),
        of,
        object,
        replicas: most,
        least: Number(bound("least") ?? replicas),
        isAutoscaled,
        mayRun: Math.max(most, hosts),
      },
    ];
  });
}

/**
 * The fields of which a change makes Cluster API replace machines; all others it copies to running machines, or reads the
 * next time.
 */
const replacing: Readonly<Record<string, RegExp>> = {
  KubeadmControlPlane: /^spec\.(version$|machineTemplate\.spec\.infrastructureRef\b|kubeadmConfigSpec\b)/,
  MachineDeployment: /^spec\.template\.spec\.(version$|failureDomain$|infrastructureRef\b|bootstrap\b)/,
  // Named by their content: another content is another template. nodeReuse changes in place.
  Metal3MachineTemplate: /^(?!spec\.nodeReuse$)/,
  Metal3DataTemplate: /./,
  KubeadmConfigTemplate: /./,
};

/** Whether a change of this field replaces machines. */
export function replacesMachines(kind: string, path: string): boolean {
  return replacing[kind]?.test(path) === true;
}

/** Why the machines of a pool are replaced; empty when they are not. */
export function replacementCauses(
  before: PoolObject,
  after: PoolObject,
  plans: { readonly before: ClusterPlan; readonly after: ClusterPlan },
): readonly Words[] {
  const templatesOf = ({ cluster }: ClusterPlan) => cluster.templates.map(({ manifest }) => manifest);
  const reasons = rolloutReasons({
    live: before.object,
    planned: after.object,
    templates: { live: templatesOf(plans.before), planned: templatesOf(plans.after) },
  });
  return [...reasons.map((reason) => words`${reason}`), ...dueCertificates(before, after)];
}

/**
 * The days before the end of its certificates at which Cluster API replaces a machine of the control plane are read at once
 * (Cluster API v1.14 `util/collections/machine_filters.go`). When the certificates of the running machines end is not known here.
 */
function dueCertificates(before: PoolObject, after: PoolObject): readonly Words[] {
  const [old = 0, fresh = 0] = [before, after].map(({ object }) =>
    number(object, "spec", "rollout", "before", "certificatesExpiryDays"),
  );
  return fresh > old
    ? [
        words`certificates are renewed ${fresh} days before they end${old === 0 ? "" : plainWords(`, not ${old}`)}`,
      ]
    : [];
}

/** Whether only kubeadm init is reconfigured: only the machine that it made, if it is still there, is replaced then. */
function concernsFirstMachineOnly(before: PoolObject, after: PoolObject): boolean {
  const paths = fieldChanges(before.object, after.object)
    .flatMap(pathsOf)
    .filter((path) => replacesMachines(after.object.kind, path));
  return (
    paths.length > 0 && paths.every((path) => path.startsWith("spec.kubeadmConfigSpec.initConfiguration"))
  );
}

/** Whether a machine is made before one goes, which takes a host that is free. */
function needsSpareHost({ object }: PoolObject): boolean {
  return object.spec?.rollout?.strategy?.rollingUpdate?.maxSurge === 1;
}

/** In which order the machines of a pool are replaced. */
function replacementOrder(pool: PoolObject): Words {
  const inTurn = pool.replicas === 1 ? "" : "one at a time, ";
  return needsSpareHost(pool)
    ? plainWords(`${inTurn}on a free host, before the old machine goes`)
    : plainWords(`${inTurn}on the host that the old machine gives back; no free host is needed`);
}

/** What happens to machines: a plan that is not there has none. */
export function machineChanges(
  before: ClusterPlan | undefined,
  after: ClusterPlan | undefined,
): readonly MachineChange[] {
  const [left, right] = [poolsOf(before), poolsOf(after)];
  const pools = [...new Set([...right, ...left].map(({ pool }) => pool))];
  return pools.flatMap((pool) => {
    const [old, fresh] = [left, right].map((all) => all.find((each) => each.pool === pool));
    return [
      ...(before === undefined || after === undefined || old === undefined || fresh === undefined
        ? []
        : replaced(old, fresh, { before, after })),
      ...scaled(pool, old, fresh, before, after),
    ];
  });
}

/** At most how many machines of a pool run before and after a change. */
export function keptMachines(old: PoolObject, fresh: PoolObject): number {
  return Math.min(old.mayRun, fresh.isAutoscaled ? fresh.mayRun : fresh.replicas);
}

function replaced(
  old: PoolObject,
  fresh: PoolObject,
  plans: { readonly before: ClusterPlan; readonly after: ClusterPlan },
): readonly MachineChange[] {
  const causes = replacementCauses(old, fresh, plans);
  const machines = keptMachines(old, fresh);
  if (causes.length === 0 || machines === 0) return [];
  const first = concernsFirstMachineOnly(old, fresh);
  const hosts = hostsOfPool(plans.after, fresh);
  return [
    {
      pool: fresh.pool,
      what: "replaced",
      machines: first ? 1 : machines,
      ...(old.isAutoscaled ? { atMost: true } : {}),
      hosts,
      causes,
      order: first
        ? plainWords("only the machine that kubeadm init made, if it is still there")
        : replacementOrder(fresh),
      needsSpareHost: needsSpareHost(fresh),
      disks: wipedDisks(plans.after, hosts),
    },
  ];
}

function scaled(
  pool: string,
  old: PoolObject | undefined,
  fresh: PoolObject | undefined,
  before: ClusterPlan | undefined,
  after: ClusterPlan | undefined,
): readonly MachineChange[] {
  return (["added", "removed"] as const).flatMap((what): MachineChange[] => {
    const { machines, atMost } = scale(what, old, fresh);
    const [plan, of] = what === "added" ? [after, fresh] : [before, old];
    if (machines === 0 || plan === undefined || of === undefined) return [];
    const [inventory, earlier] = [
      hostsOfPool(plan, of),
      before === undefined || old === undefined ? [] : hostsOfPool(before, old),
    ];
    // Hosts beyond the old machines' own are free: new ones first, or the spares that were there.
    const fresher = inventory.filter((host) => !earlier.includes(host));
    const hosts =
      what === "added" && fresher.length >= machines && earlier.length <= (old?.replicas ?? 0)
        ? fresher
        : inventory;
    return [
      {
        pool,
        what,
        machines,
        ...(atMost ? { atMost } : {}),
        hosts,
        causes: [],
        needsSpareHost: false,
        disks: wipedDisks(plan, hosts),
      },
    ];
  });
}

/**
 * How many machines come or go. A number that an autoscaler has decided is not known here: where it is decided in the stack file
 * again, all machines that may run may be too many, or none may run yet. Other bounds alone move no machine, and a number that an
 * autoscaler takes over is brought between them.
 */
function scale(
  what: "added" | "removed",
  old: PoolObject | undefined,
  fresh: PoolObject | undefined,
): { readonly machines: number; readonly atMost: boolean } {
  const wasAutoscaled = old?.isAutoscaled === true;
  if (wasAutoscaled && fresh?.isAutoscaled === true) return { machines: 0, atMost: false };
  const [least, most] = [wasAutoscaled ? 0 : (old?.least ?? 0), old?.mayRun ?? 0];
  const [from, to] = [fresh?.least ?? 0, fresh?.replicas ?? 0];
  const machines = what === "added" ? Math.max(0, from - least) : Math.max(0, most - to);
  return { machines, atMost: wasAutoscaled };
}

function hostsOfPool(
  { readiness }: ClusterPlan,
  { of: { pool, failureDomain } }: Pick<PoolObject, "of">,
): readonly string[] {
  return readiness.hosts
    .filter(
      (host) => host.pool === pool && (failureDomain === undefined || host.failureDomain === failureDomain),
    )
    .map(({ name }) => name);
}

/** The rows of the overview about machines. */
export function machineEffects(changes: readonly MachineChange[], isNew: boolean): readonly Effect[] {
  const replacedPools = changes.filter(({ what }) => what === "replaced");
  return [
    ...(replacedPools.length === 0 ? [] : [replacedTogether(replacedPools)]),
    ...changes.filter(({ what }) => what !== "replaced").map((change) => scaledEffect(change, isNew)),
  ];
}

function replacedTogether(changes: readonly MachineChange[]): Effect {
  const machines = changes.reduce((sum, change) => sum + change.machines, 0);
  const causes = new Map(changes.flatMap((change) => change.causes).map((cause) => [cause.text(), cause]));
  const which = machinesOf(changes.length === 1 ? changes[0] : undefined, machines);
  const inTurn = changes.length === 1 ? "one at a time" : "one at a time in each pool";
  const verb = machines === 1 ? "is re-imaged" : `are re-imaged, ${inTurn}`;
  return {
    level: "high",
    area: "machines",
    what: joined([...causes.values()], ", "),
    effect: words`${which} ${plainWords(verb)}; what is on their disks is lost`,
  };
}

function scaledEffect(change: MachineChange, isNew: boolean): Effect {
  const { pool, machines, hosts, what, atMost } = change;
  const limit = atMost === true ? "at most " : "";
  const which =
    hosts.length > machines ? words`${plainWords(`${machines} of`)} ${named(hosts)}` : named(hosts);
  if (what === "removed") {
    const unknown =
      atMost === true ? "; an autoscaler decided how many run, so none may go, or that many are wiped" : "";
    return {
      level: "high",
      area: "machines",
      what: words`pool ${pool}: ${plainWords(`${limit}−${counted(machines, "machine")}`)}`,
      effect: words`${plainWords(`${limit}${counted(machines, "machine")}`)} of pool ${pool} ${plainWords(machines === 1 ? "goes" : "go")}: ${which} ${plainWords(hosts.length === 1 ? "is" : "are")} cleaned and switched off${plainWords(unknown)}`,
    };
  }
  return {
    level: isNew ? "high" : "medium",
    area: "machines",
    what: words`pool ${pool}: ${plainWords(`${limit}+${counted(machines, "machine")}`)}`,
    effect: words`${which} ${plainWords(machines === 1 ? "becomes a machine" : "become machines")} of pool ${pool}; what is on ${plainWords(machines === 1 ? "its disk" : "their disks")} is lost`,
  };
}

function machinesOf(change: MachineChange | undefined, machines: number): Words {
  if (change === undefined) return plainWords(counted(machines, "machine"));
  if (change.pool === controlPlanePool) return plainWords(counted(machines, "control plane machine"));
  return words`${plainWords(counted(machines, "machine"))} of pool ${change.pool}`;
}

/** What must be free before machines are made. */
export function machineTodo(changes: readonly MachineChange[]): readonly Words[] {
  return changes
    .filter(({ needsSpareHost }) => needsSpareHost)
    .map(({ pool }) => words`pool ${pool} needs a free host while it is replaced`);
}

/** What is overwritten on hosts that get the image, or are given back. */
function wipedDisks(plan: ClusterPlan, hosts: readonly string[]): readonly WipedDisk[] {
  return plan.hosts.hosts
    .filter(({ metadata }) => hosts.includes(metadata.name))
    .map((host) => ({
      host: host.metadata.name,
      disk: diskOf(host),
      allDisks: isCleaned(host),
    }));
}

/** The names of root device hints in words, the most certain first. */
const hints = [
  ["serialNumber", "serial"],
  ["wwnWithExtension", "WWN"],
  ["wwn", "WWN"],
  ["wwnVendorExtension", "WWN extension"],
  ["deviceName", "device"],
  ["hctl", "SCSI address"],
  ["vendor", "vendor"],
  ["model", "model"],
  ["minSizeGigabytes", "at least GB"],
  ["rotational", "rotational"],
] as const;

/** The disk that gets the image, as far as the plan has it. */
function diskOf(host: KubernetesObject): Words {
  const given = hints.flatMap(([key, name]) => {
    const value = field(host, "spec", "rootDeviceHints", key);
    return value === undefined ? [] : [words`${plainWords(name)} ${String(value)}`];
  });
  return given.length === 0
    ? plainWords("the disk that Ironic chooses: no root device hints")
    : words`the disk with ${joined(given, ", ")}`;
}
