import { fieldManager } from "../../model/cilium/ownership";
import type { KubernetesObject, ResourceType } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import {
  type ManagementPart,
  type Snapshot,
  type WorkloadPart,
  managementParts,
  workloadParts,
} from "../../model/live/snapshot";
import { planCluster } from "../../model/plan/plan-cluster";
import type { ClusterPlan } from "../../model/plan/plan";
import type { Running } from "../../model/live/verify/check";
import { bgpObjects, renderedObjects } from "../../ops/verify/read-running";
import { plannedManagementObjects } from "../../ops/live/planned";
import { stackWith } from "../model/stacks";
import { recorded } from "../proofs/recorded";

/** When the snapshots of these tests were read. */
export const readAt = Date.parse("2026-11-25T00:00:00Z");

/** JSON that a test changes in place. */
export type Mutable = Record<string, unknown> & {
  apiVersion: string;
  kind: string;
  metadata: Record<string, unknown> & {
    name: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  spec: Record<string, unknown>;
  status: Record<string, unknown>;
};

/** The objects of capi-1 in good health, by part, to be changed by a test. */
export interface World {
  readonly management: Record<ManagementPart, Mutable[]>;
  readonly workload: Record<WorkloadPart, Mutable[]>;
}

export const plan: ClusterPlan = planCluster(stackWith());
const condition = (type: string, status = "True", message = "") => ({
  type,
  status,
  message,
  reason: "",
  observedGeneration: 1,
});

/** An object of the stack's namespace, or of the workload cluster. */
export function object(type: ResourceType, name: string, rest: object = {}, namespace = "capi-1"): Mutable {
  const { metadata, ...parts } = rest as { metadata?: object };
  return {
    apiVersion: type.apiVersion,
    kind: type.kind,
    spec: {},
    status: {},
    ...parts,
    metadata: {
      name,
      generation: 1,
      uid: `uid-${name}`,
      ...(type.namespaced ? { namespace } : {}),
      ...metadata,
    },
  } as Mutable;
}

const last = (i: number) => 20 + i;

function machineObjects(): Pick<World["management"], "machines" | "metal3Machines" | "hosts"> {
  const rows = plan.hosts.hosts.map((host, i) => {
    const pool = host.metadata.labels?.["metal.internal/pool"] ?? "";
    const name = `node-${last(i)}`;
    const labels = {
      "cluster.x-k8s.io/cluster-name": "capi-1",
      "metal.internal/pool": pool,
      ...(pool === "control-plane" ? { "cluster.x-k8s.io/control-plane": "" } : {}),
    };
    const parts = ["APIServerPodHealthy", "EtcdPodHealthy", "EtcdMemberHealthy"];
    return {
      machine: object(resources.Machine, name, {
        metadata: { labels },
        spec: { infrastructureRef: { kind: "Metal3Machine", name } },
        status: {
          nodeRef: { name },
          certificatesExpiryDate: "2027-11-01T00:00:00Z",
          conditions: pool === "control-plane" ? parts.map((type) => condition(type)) : [],
        },
      }),
      metal3: object(resources.Metal3Machine, name, {
        metadata: { labels, ownerReferences: [{ kind: "Machine", name }] },
      }),
      host: object(resources.BareMetalHost, host.metadata.name, {
        metadata: { ...host.metadata, resourceVersion: `${100 + i}` },
        spec: {
          ...(host["spec"] as object),
          image: { url: "http://192.0.2.9/image" },
          userData: { name: "user-data" },
          consumerRef: { kind: "Metal3Machine", name, namespace: "capi-1" },
        },
        status: { provisioning: { state: "provisioned" }, operationalStatus: "OK" },
      }),
    };
  });
  return {
    machines: rows.map(({ machine }) => machine),
    metal3Machines: rows.map(({ metal3 }) => metal3),
    hosts: rows.map(({ host }) => host),
  };
}

function controllers(): Partial<World["management"]> {
  const replicas = (n: number) => ({
    observedGeneration: 1,
    replicas: n,
    readyReplicas: n,
    upToDateReplicas: n,
  });
  const payload = plan.resourceSet.payload.metadata.name;
  const entry = { kind: "ConfigMap", name: payload, applied: true };
  return {
    clusters: [
      object(resources.Cluster, "capi-1", {
        status: {
          observedGeneration: 1,
          initialization: { controlPlaneInitialized: true },
          controlPlane: { desiredReplicas: 3, readyReplicas: 3, upToDateReplicas: 3 },
          workers: { desiredReplicas: 1, readyReplicas: 1, upToDateReplicas: 1 },
          conditions: [condition("Available"), condition("RollingOut", "False")],
        },
      }),
    ],
    controlPlanes: [object(resources.KubeadmControlPlane, "capi-1", { status: replicas(3) })],
    machineDeployments: [object(resources.MachineDeployment, "capi-1-workers", { status: replicas(1) })],
    bindings: [
      object(resources.ClusterResourceSetBinding, "capi-1", {
        spec: { bindings: [{ clusterResourceSetName: payload, resources: [entry] }] },
      }),
    ],
  };
}

function nodeObjects(): Partial<World["workload"]> {
  const rows = plan.hosts.hosts.map((_host, i) => {
    const name = `node-${last(i)}`;
    const podCIDRs = [`10.244.${i}.0/24`];
    const peer = {
      name: "frr-v4",
      peerAddress: "192.168.254.1",
      peeringState: "established",
      routeCount: [{ afi: "ipv4", safi: "unicast", advertised: 1 }],
    };
    return {
      node: object(resources.Node, name, {
        spec: { podCIDRs },
        status: {
          conditions: [condition("Ready")],
          addresses: [{ type: "InternalIP", address: `10.250.250.${last(i)}` }],
          nodeInfo: { kubeletVersion: "v1.36.3" },
        },
      }),
      ciliumNode: object(resources.CiliumNode, name, { spec: { ipam: { podCIDRs } } }),
      bgp: object(resources.CiliumBGPNodeConfig, name, {
        spec: { bgpInstances: [{ name: "default", localASN: 65010, peers: [{ name: "frr-v4" }] }] },
        status: { bgpInstances: [{ name: "default", localASN: 65010, peers: [peer] }] },
      }),
      agent: agentPod(name, `cilium-${i}abc`),
    };
  });
  return {
    nodes: rows.map(({ node }) => node),
    ciliumNodes: rows.map(({ ciliumNode }) => ciliumNode),
    bgpNodeConfigs: rows.map(({ bgp }) => bgp),
    pods: rows.map(({ agent }) => agent),
  };
}

function agentPod(nodeName: string, name: string): Mutable {
  const env = [
    { name: "KUBERNETES_SERVICE_HOST", value: plan.cilium.endpoint.host },
    { name: "KUBERNETES_SERVICE_PORT", value: String(plan.cilium.endpoint.port) },
  ];
  const labels = { "k8s-app": "cilium", "app.kubernetes.io/part-of": "cilium" };
  return object(
    resources.Pod,
    name,
    {
      metadata: { labels },
      spec: {
        nodeName,
        containers: [{ name: "cilium-agent", env }],
        initContainers: [{ name: "config", env }],
      },
      status: { conditions: [condition("Ready")] },
    },
    "kube-system",
  );
}

function workloads(): Partial<World["workload"]> {
  const rolled = {
    observedGeneration: 1,
    desiredNumberScheduled: 4,
    numberReady: 4,
    updatedNumberScheduled: 4,
    numberUnavailable: 0,
  };
  const two = {
    observedGeneration: 1,
    replicas: 2,
    readyReplicas: 2,
    updatedReplicas: 2,
    availableReplicas: 2,
  };
  const inSystem = (type: ResourceType, name: string, rest: object) =>
    object(type, name, rest, "kube-system");
  return {
    daemonSets: ["cilium", "cilium-envoy"].map((name) =>
      inSystem(resources.DaemonSet, name, { status: rolled }),
    ),
    deployments: [inSystem(resources.Deployment, "cilium-operator", { spec: { replicas: 2 }, status: two })],
    customResourceDefinitions: plan.readiness.customResourceDefinitions.map((name) =>
      object(resources.CustomResourceDefinition, name, {
        status: { conditions: [condition("Established")] },
      }),
    ),
  };
}

/** Everything as it is when all is well. */
export function healthyWorld(): World {
  const none = <Part extends string>(parts: readonly Part[]) =>
    Object.fromEntries(parts.map((part) => [part, [] as Mutable[]])) as Record<Part, Mutable[]>;
  const planned = (plan.bgp?.objects ?? []).map((each) => structuredClone(each) as unknown as Mutable);
  const ofKind = (kind: string) => planned.filter((each) => each["kind"] === kind);
  return {
    management: { ...none(managementParts), ...machineObjects(), ...controllers() },
    workload: {
      ...none(workloadParts),
      ...nodeObjects(),
      ...workloads(),
      bgpClusterConfigs: ofKind("CiliumBGPClusterConfig"),
      bgpPeerConfigs: ofKind("CiliumBGPPeerConfig"),
      bgpAdvertisements: ofKind("CiliumBGPAdvertisement"),
      loadBalancerPools: ofKind("CiliumLoadBalancerIPPool"),
    },
  };
}

/** What a reading of this world gives. */
export function snapshotOf(
  { management, workload }: World,
  consumers: Snapshot["management"]["consumers"] = {},
): Snapshot {
  const read = <Part extends string>(parts: Record<Part, Mutable[]>) =>
    Object.fromEntries(
      Object.entries<Mutable[]>(parts).map(([part, objects]) => [part, { at: readAt, objects }]),
    ) as unknown as Record<Part, { at: number; objects: KubernetesObject[] }>;
  return {
    cluster: "capi-1",
    namespace: "capi-1",
    at: readAt,
    management: { server: "https://management", reached: true, parts: read(management), consumers },
    workload: {
      server: "https://10.250.250.29:6443",
      reached: true,
      parts: read(workload),
      kubeconfig: true,
      credentials: [
        { name: "kubeconfig", object: "Secret/capi-1-kubeconfig", notAfter: readAt + 300 * 86_400_000 },
        { name: "ca", object: "Secret/capi-1-kubeconfig", notAfter: readAt + 3000 * 86_400_000 },
      ],
    },
  };
}

/** A field manager's entry that owns the whole of an object's content. */
export function managedBy(manager: string, planned: KubernetesObject, time: string): object {
  const fields = (value: unknown): unknown =>
    typeof value !== "object" || value === null || Array.isArray(value)
      ? {}
      : Object.fromEntries(Object.entries(value).map(([key, inner]) => [`f:${key}`, fields(inner)]));
  const content = Object.entries(planned).filter(
    ([key]) => !["apiVersion", "kind", "metadata"].includes(key),
  );
  return { manager, operation: "Apply", time, fieldsV1: fields(Object.fromEntries(content)) };
}

/** capi-1 as it runs when all is well; the live objects are copies that a test may change. */
export function healthyRunning(world: World = healthyWorld()): Running {
  const [, { render: printed } = fail()] = recorded;
  // As Pulumi's Command hands it on.
  const render = { ...printed, text: printed.text.replace(/\n$/, "") };
  const snapshot = snapshotOf(world);
  const live = (manager: string) => (planned: KubernetesObject) => {
    const copy = structuredClone(planned) as KubernetesObject & { metadata: { managedFields?: unknown } };
    copy.metadata.managedFields = [
      managedBy("manager", planned, "2026-11-20T10:00:00Z"),
      managedBy(manager, planned, "2026-11-20T10:05:00Z"),
    ];
    return { planned, live: copy };
  };
  return {
    plan,
    snapshot,
    render: { value: render },
    cilium: { value: renderedObjects(render).map(live(fieldManager)) },
    bgp: { value: bgpObjects(plan, snapshot).map(live("pulumi-kubernetes-1a2b")) },
    management: { value: plannedManagementObjects(plan, render).map(live("pulumi-kubernetes-1a2b")) },
  };
}

function fail(): never {
  throw new Error("there is no recorded render");
}
