import type { MachineSet } from "../kubernetes/cluster-api";
import { controlPlanePool } from "../kubernetes/labels";
import { number } from "../kubernetes/object";
import { deploymentPool } from "../plan/machines";
import type { ClusterPlan } from "../plan/plan";
import { rolloutReasons } from "../live/rollout/reasons";
import { fieldChanges, pathsOf } from "./fields";
import { type Words, plainWords, words } from "./formatted-text";

/** The machines of a pool as an object of the plan requires them. */
export interface PoolObject {
  readonly pool: string;
  readonly object: MachineSet;
  readonly replicas: number;
}

/** Every pool of a plan, the control plane first. */
export function poolsOf(plan: ClusterPlan | undefined): readonly PoolObject[] {
  return (plan?.cluster.objects ?? []).flatMap((object) => {
    if (object.kind !== "KubeadmControlPlane" && object.kind !== "MachineDeployment") return [];
    const pool = object.kind === "KubeadmControlPlane" ? controlPlanePool : deploymentPool(object);
    return pool === undefined ? [] : [{ pool, object, replicas: object.spec?.replicas ?? 0 }];
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
export function concernsFirstMachineOnly(before: PoolObject, after: PoolObject): boolean {
  const paths = fieldChanges(before.object, after.object)
    .flatMap(pathsOf)
    .filter((path) => replacesMachines(after.object.kind, path));
  return (
    paths.length > 0 && paths.every((path) => path.startsWith("spec.kubeadmConfigSpec.initConfiguration"))
  );
}

/** Whether a machine is made before one goes, which takes a host that is free. */
export function needsSpareHost({ object }: PoolObject): boolean {
  return object.spec?.rollout?.strategy?.rollingUpdate?.maxSurge === 1;
}

/** In which order the machines of a pool are replaced. */
export function replacementOrder(pool: PoolObject): Words {
  const inTurn = pool.replicas === 1 ? "" : "one at a time, ";
  return needsSpareHost(pool)
    ? plainWords(`${inTurn}on a free host, before the old machine goes`)
    : plainWords(`${inTurn}on the host that the old machine gives back; no free host is needed`);
}
