import type { KubernetesObject } from "../../model/kubernetes/object";
import type { ReadinessPlan } from "../../model/live/readiness/assess";
import {
  type ManagementWatch,
  type Observation,
  type WorkloadWatch,
  managementWatches,
  workloadWatches,
} from "../../model/live/readiness/observation";
import { type Look, look, noMemory } from "../../model/live/readiness/tracker";
import { readyManagement, readyWorkload } from "./objects";

const watchOf: Readonly<Record<string, ManagementWatch | WorkloadWatch>> = {
  BareMetalHost: "hosts",
  Cluster: "clusters",
  KubeadmControlPlane: "controlPlanes",
  MachineDeployment: "machineDeployments",
  Machine: "machines",
  Metal3Machine: "metal3Machines",
  ClusterResourceSet: "resourceSets",
  ClusterResourceSetBinding: "bindings",
  ConfigMap: "payloads",
  Secret: "bmcSecrets",
  Node: "nodes",
  DaemonSet: "daemonSets",
  Deployment: "deployments",
  Pod: "ciliumPods",
  CustomResourceDefinition: "customResourceDefinitions",
  CiliumBGPClusterConfig: "bgpClusterConfigs",
  CiliumBGPNodeConfig: "bgpNodeConfigs",
  CiliumBGPPeerConfig: "bgpPeerConfigs",
};

function keyOf(object: KubernetesObject): string {
  if (object.kind === "ConfigMap") return `ConfigMap/${object.metadata.name}`;
  if (object.kind === "DaemonSet" || object.kind === "Deployment")
    return `${object.metadata.namespace ?? ""}/${object.metadata.name}`;
  return object.metadata.name;
}

/** Everything listed, the workload cluster reached and its endpoint steady for an hour before time zero. */
export function observe(objects: readonly KubernetesObject[], parts: Partial<Observation> = {}): Observation {
  const collect = <Watch extends ManagementWatch | WorkloadWatch>(watches: readonly Watch[]) =>
    Object.fromEntries(
      watches.map((watch) => [
        watch,
        new Map(objects.filter((o) => watchOf[o.kind] === watch).map((o) => [keyOf(o), o])),
      ]),
    ) as Record<Watch, Map<string, KubernetesObject>>;
  return {
    management: { objects: collect(managementWatches), reached: true },
    workload: { objects: collect(workloadWatches), kubeconfig: true, reached: true },
    endpoint: { steadySince: -3_600_000 },
    ...parts,
  };
}

/** The ready cluster with some objects replaced (same kind and name) or left out. */
export function readyBut(
  replaced: readonly KubernetesObject[],
  removed: (object: KubernetesObject) => boolean = () => false,
): KubernetesObject[] {
  const same = (a: KubernetesObject, b: KubernetesObject) =>
    a.kind === b.kind && a.metadata.name === b.metadata.name;
  const base = [...readyManagement(), ...readyWorkload()];
  return [...base.filter((old) => !replaced.some((fresh) => same(old, fresh)) && !removed(old)), ...replaced];
}

/** Looks at several observations in turn; `at` is in seconds. */
export function looks(
  plan: ReadinessPlan,
  steps: readonly { readonly at: number; readonly see: Observation }[],
): readonly Look[] {
  let memory = noMemory;
  return steps.map(({ at, see }) => {
    const found = look(plan, see, memory, at * 1000);
    memory = found.memory;
    return found;
  });
}
