import path from "node:path";
import type { KubernetesObject, ResourceType } from "../../model/kubernetes/object";
import { type World, healthyRunning } from "../verify/healthy";
import type { FakeApi } from "../wait/fake-api";
import { clusterProject } from "./cluster-project";

/** What the Cilium CLI rendered for capi-1. */
export const renderFile = path.join(__dirname, "../fixtures/renders/1.19.5.yaml");
/** Kinds of a render that this project does not know by name. */
export const renderedKinds: readonly ResourceType[] = [
  { apiVersion: "v1", kind: "ServiceAccount", plural: "serviceaccounts", namespaced: true },
  ...["Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"].map((kind) => ({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind,
    plural: `${kind.toLowerCase()}s`,
    namespaced: !kind.startsWith("Cluster"),
  })),
];

/** capi-1 on both servers, with everything that the stack puts there. */
export function runningProject(management: FakeApi, workload: FakeApi, world: World): string {
  const directory = clusterProject(management, workload, world);
  const { cilium, bgp, management: kept } = healthyRunning(world);
  const statusOf = ({ kind, metadata }: KubernetesObject) =>
    [...world.workload.daemonSets, ...world.workload.deployments].find(
      (each) => each["kind"] === kind && each.metadata.name === metadata.name,
    )?.status;
  const live = (pairs: typeof cilium) =>
    (pairs.value ?? []).flatMap(({ live: object }) => (object === undefined ? [] : [object]));
  workload.put(...live(bgp));
  for (const object of live(cilium)) {
    const status = statusOf(object);
    workload.put(status === undefined ? object : ({ ...object, status } as KubernetesObject));
  }
  management.put(
    ...live(kept)
      .filter(
        ({ kind }) =>
          !["BareMetalHost", "Cluster", "KubeadmControlPlane", "MachineDeployment"].includes(kind),
      )
      .map(stored),
    ...live(kept)
      .filter(({ kind }) => ["Cluster", "KubeadmControlPlane", "MachineDeployment"].includes(kind))
      .map((object) => ({
        ...object,
        metadata: { generation: 1, ...object.metadata },
        status: statusIn(world, object),
      })),
  );
  return directory;
}

function statusIn(world: World, { kind }: KubernetesObject): unknown {
  const { clusters, controlPlanes, machineDeployments } = world.management;
  return [...clusters, ...controlPlanes, ...machineDeployments].find((each) => each["kind"] === kind)?.status;
}

/** A Secret as the API server keeps it. */
function stored(object: KubernetesObject): KubernetesObject {
  const { stringData, ...rest } = object;
  return stringData === undefined ? object : ({ ...rest, data: stringData } as KubernetesObject);
}
