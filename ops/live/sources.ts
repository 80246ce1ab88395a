import { clusterNameLabel } from "../../model/kubernetes/labels";
import type { KubernetesObject } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import {
  type ManagementPart,
  type WorkloadPart,
  belongsTo,
  managementKinds,
  managementParts,
  workloadKinds,
  workloadParts,
} from "../../model/live/snapshot";
import type { ClusterPlan } from "../../model/plan/plan";
import type { Source } from "../kubernetes/informer";

/** What of a plan decides what is read. */
export type Place = Pick<ClusterPlan, "name" | "namespace" | "resourceSet">;

/** Where Cilium and the control plane's own pods run. */
const systemNamespace = "kube-system";

/** Every part of the management cluster. */
export function managementSources({
  name,
  namespace,
  resourceSet,
}: Place): readonly Source<ManagementPart>[] {
  const own = { keep: (object: KubernetesObject) => belongsTo(name, object) };
  const labelled = { query: { labelSelector: `${clusterNameLabel}=${name}` } };
  const only = (object: string) => ({ query: { fieldSelector: `metadata.name=${object}` } });
  const which: Readonly<Record<ManagementPart, Pick<Source<string>, "keep" | "query">>> = {
    // All of the namespace: Metal3 chooses among them, so a host of another stack, or of none, may be the cause.
    hosts: {},
    clusters: only(name),
    controlPlanes: only(name),
    machineDeployments: own,
    machineSets: labelled,
    machines: labelled,
    healthChecks: own,
    remediations: labelled,
    kubeadmConfigs: labelled,
    bootstrapTemplates: {},
    metal3Clusters: only(name),
    metal3Machines: own,
    // Templates of the whole namespace: one that ours refer to exists, whatever cluster its labels name.
    machineTemplates: {},
    dataTemplates: {},
    datas: own,
    dataClaims: own,
    ipPools: own,
    ipClaims: own,
    ipAddresses: own,
    resourceSets: only(resourceSet.resourceSet.metadata.name),
    bindings: only(name),
    payloads: only(resourceSet.payload.metadata.name),
    // All of the namespace: a host's login may be in a Secret that another stack owns.
    secrets: {},
    events: {},
  };
  return managementParts.map((part) => ({
    part,
    type: resources[managementKinds[part]],
    namespace,
    ...which[part],
  }));
}

/** The parts of which only the system's namespace is read. */
const systemParts: readonly WorkloadPart[] = ["pods", "daemonSets", "deployments", "configMaps", "leases"];

/** Every part of the workload cluster. */
export const workloadSources: readonly Source<WorkloadPart>[] = workloadParts.map((part) => ({
  part,
  type: resources[workloadKinds[part]],
  ...(systemParts.includes(part) ? { namespace: systemNamespace } : {}),
}));
