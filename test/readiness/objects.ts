import type { Node } from "../../model/kubernetes/core";
import type { BareMetalHost } from "../../model/kubernetes/metal3";
import type { KubernetesObject, ResourceType } from "../../model/kubernetes/object";
import { type KindOf, resources } from "../../model/kubernetes/resources";
import type { BgpReadinessPlan, ClusterReadinessPlan, ExpectedPeer } from "../../model/plan/readiness";

/** The namespace of all management objects in these tests. */
export const namespace = "metal";

/** One control plane, one worker, one spare-less inventory. */
export const clusterPlan: ClusterReadinessPlan = {
  subject: "cluster",
  cluster: "capi-1",
  namespace,
  endpoint: { host: "10.250.250.29", port: 6443 },
  hosts: [
    { name: "cp1", pool: "control-plane" },
    { name: "w1", pool: "md-0" },
  ],
  controlPlane: { replicas: 1 },
  workerPools: [{ name: "md-0", machineDeployment: "capi-1-md-0", replicas: 1 }],
  resourceSet: { name: "capi-1-cilium", resources: [{ kind: "ConfigMap", name: "capi-1-cilium" }] },
  workloads: [
    { kind: "DaemonSet", namespace: "kube-system", name: "cilium" },
    { kind: "Deployment", namespace: "kube-system", name: "cilium-operator" },
  ],
  customResourceDefinitions: ["ciliumbgppeerconfigs.cilium.io"],
  steadySeconds: 0,
  timeoutSeconds: 60,
};

/** One peer on every node. */
export const bgpPlan: BgpReadinessPlan = {
  subject: "bgp",
  steadySeconds: 0,
  cluster: "capi-1",
  namespace,
  instances: [
    {
      clusterConfig: "bgp",
      instance: "instance-65010",
      localASN: 65010,
      nodeSelector: {},
      peers: [
        {
          name: "tor1",
          router: "tor1",
          address: "192.168.254.1",
          port: 179,
          asn: 65001,
          peerConfig: "peer",
          family: "ipv4",
          advertised: { least: 1, most: 17 },
          endOfRibCounted: 0,
          countFollows: true,
          maximumPrefixes: 17,
          password: false,
          multihop: 1,
          listenRanges: [],
        },
      ],
    },
  ],
  peerConfigs: ["peer"],
  timeoutSeconds: 60,
};

type Parts = Readonly<Record<string, unknown>> & { readonly metadata?: Readonly<Record<string, unknown>> };

/** An object of a known kind with what a test says about it. */
export function object<Kind extends string>(
  type: ResourceType<Kind>,
  name: string,
  parts: Parts = {},
): KindOf<Kind> {
  const { metadata, ...rest } = parts;
  return {
    apiVersion: type.apiVersion,
    kind: type.kind,
    metadata: { name, ...(type.namespaced ? { namespace } : {}), generation: 1, ...metadata },
    ...rest,
  } as unknown as KindOf<Kind>;
}

/** A condition of the present generation. */
export function condition(type: string, status: string, message = "", reason = "Because"): object {
  return { type, status, reason, message, observedGeneration: 1, lastTransitionTime: "2026-11-23T10:00:00Z" };
}

/** What a test says about a host. */
export interface HostOptions {
  readonly state: string;
  readonly error?: { readonly type: string; readonly message: string; readonly count: number };
  readonly consumer?: string;
  /** Kept for the next machine of this cluster's pool (nodeReuse, as CAPM3 1.14 does it). */
  readonly keptFor?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly tried?: string;
  /** When the operator began to write the image. */
  readonly writing?: string;
}

/** A BareMetalHost; its BMC Secret is `<name>-bmc`. */
export function host(name: string, options: HostOptions): BareMetalHost {
  const { state, error, consumer, keptFor, labels, annotations, tried, writing } = options;
  return object(resources.BareMetalHost, name, {
    metadata: { uid: `uid-${name}`, labels, annotations },
    spec: {
      bmc: { address: `redfish://192.0.2.1/${name}`, credentialsName: `${name}-bmc` },
      image: { url: "http://192.0.2.9/images/fedora.qcow2" },
      ...(consumer === undefined ? {} : { consumerRef: { kind: "Metal3Machine", name: consumer } }),
      ...(keptFor === undefined ? {} : { consumerRef: { kind: "Cluster", name: keptFor } }),
    },
    status: {
      provisioning: { state },
      operationalStatus: error === undefined ? "OK" : "error",
      errorType: error?.type ?? "",
      errorMessage: error?.message ?? "",
      errorCount: error?.count ?? 0,
      ...(writing === undefined ? {} : { operationHistory: { provision: { start: writing, end: null } } }),
      ...(tried === undefined ? {} : { triedCredentials: { credentialsVersion: tried } }),
    },
  });
}

/** Metal3Machine and Machine of one name. */
export function machine(name: string, node?: string, conditions: readonly object[] = []): KubernetesObject[] {
  const labels = { "cluster.x-k8s.io/cluster-name": "capi-1" };
  return [
    object(resources.Metal3Machine, name, {
      metadata: { labels, ownerReferences: [{ apiVersion: "x", kind: "Machine", name, uid: "u" }] },
      spec: { hostSelector: { matchLabels: { pool: "p" } } },
      status: { conditions },
    }),
    object(resources.Machine, name, {
      metadata: { labels },
      status: node === undefined ? {} : { nodeRef: { name: node } },
    }),
  ];
}

/** A Node of the host of the same name. */
export function node(name: string, ready: boolean, message = ""): Node {
  return object(resources.Node, name, {
    metadata: { labels: { "metal3.io/uuid": `uid-${name}` }, creationTimestamp: "2026-11-23T09:59:00Z" },
    status: { conditions: [condition("Ready", ready ? "True" : "False", message)] },
  });
}

/** The kubelet's words while there is no CNI. */
export const noCni =
  "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady " +
  "message:Network plugin returns error: cni plugin not initialized";

/** The Cluster with its condition Available. */
export function cluster(available: boolean, parts: Parts = {}): KubernetesObject {
  const counts = (replicas: number) => ({
    desiredReplicas: replicas,
    readyReplicas: replicas,
    upToDateReplicas: replicas,
  });
  return object(resources.Cluster, "capi-1", {
    metadata: { labels: { stack: "capi-1" } },
    status: {
      observedGeneration: 1,
      initialization: { controlPlaneInitialized: available },
      controlPlane: counts(available ? 1 : 0),
      workers: counts(available ? 1 : 0),
      conditions: [
        condition(
          "Available",
          available ? "True" : "False",
          available ? "" : "* ControlPlaneAvailable: not yet",
        ),
        condition("RollingOut", "False"),
        condition("ControlPlaneInitialized", available ? "True" : "False"),
      ],
    },
    ...parts,
  });
}

/** The resource set, its payload and its binding. */
export function resourceSet(applied: boolean): KubernetesObject[] {
  const entry = {
    kind: "ConfigMap",
    name: "capi-1-cilium",
    applied,
    lastAppliedTime: "2026-11-23T10:00:05Z",
  };
  return [
    object(resources.ClusterResourceSet, "capi-1-cilium", {
      spec: { clusterSelector: { matchLabels: { stack: "capi-1" } } },
      status: { conditions: [condition("ResourcesApplied", applied ? "True" : "False")] },
    }),
    object(resources.ConfigMap, "capi-1-cilium", { data: { "cilium.yaml": "secret-looking: payload" } }),
    object(resources.ClusterResourceSetBinding, "capi-1", {
      spec: {
        clusterName: "capi-1",
        bindings: [{ clusterResourceSetName: "capi-1-cilium", resources: [entry] }],
      },
    }),
  ];
}

const replicas = (ready: number) => ({
  observedGeneration: 1,
  replicas: 1,
  readyReplicas: ready,
  upToDateReplicas: ready,
});

/** KubeadmControlPlane and MachineDeployment with that many ready of one. */
export function machineSets(ready: number): KubernetesObject[] {
  return [
    object(resources.KubeadmControlPlane, "capi-1", { status: replicas(ready) }),
    object(resources.MachineDeployment, "capi-1-md-0", { status: replicas(ready) }),
  ];
}

/** Everything in the management cluster when the cluster is ready. */
export function readyManagement(): KubernetesObject[] {
  return [
    host("cp1", { state: "provisioned", consumer: "m-cp1", labels: { pool: "p" } }),
    host("w1", { state: "provisioned", consumer: "m-w1", labels: { pool: "p" } }),
    ...machine("m-cp1", "cp1"),
    ...machine("m-w1", "w1"),
    cluster(true),
    ...machineSets(1),
    ...resourceSet(true),
  ];
}

/** Cilium's DaemonSet and operator with that many pods ready. */
export function cilium(ready: number): KubernetesObject[] {
  const metadata = { namespace: "kube-system" };
  return [
    object(resources.DaemonSet, "cilium", {
      metadata,
      status: {
        observedGeneration: 1,
        desiredNumberScheduled: 2,
        numberReady: ready,
        updatedNumberScheduled: 2,
        numberUnavailable: 2 - ready,
      },
    }),
    object(resources.Deployment, "cilium-operator", {
      metadata,
      spec: { replicas: 1 },
      status: {
        observedGeneration: 1,
        replicas: 1,
        readyReplicas: 1,
        updatedReplicas: 1,
        availableReplicas: 1,
      },
    }),
  ];
}

/** The CustomResourceDefinition that the plan asks for. */
export const definition = object(resources.CustomResourceDefinition, "ciliumbgppeerconfigs.cilium.io", {
  status: { conditions: [condition("Established", "True")] },
});

/** Everything in the workload cluster when the cluster is ready. */
export function readyWorkload(): KubernetesObject[] {
  return [node("cp1", true), node("w1", true), ...cilium(2), definition];
}

/** A node's BGP sessions as its agent reports them. */
export function bgpNodeConfig(name: string, state: string, advertised = 1): KubernetesObject {
  const routeCount = [{ afi: "ipv4", safi: "unicast", received: 0, advertised }];
  const peer = {
    name: "tor1",
    peerAddress: "192.168.254.1",
    peerASN: 65001,
    peeringState: state,
    routeCount,
  };
  return object(resources.CiliumBGPNodeConfig, name, {
    status: { bgpInstances: [{ name: "instance-65010", localASN: 65010, peers: [peer] }] },
  });
}

/** The plan with other facts about its one peer. */
export function bgpPlanWith(facts: Partial<ExpectedPeer>): BgpReadinessPlan {
  return {
    ...bgpPlan,
    instances: bgpPlan.instances.map((instance) => ({
      ...instance,
      peers: instance.peers.map((peer) => ({ ...peer, ...facts })),
    })),
  };
}

/** A Ready node with an address. */
export function nodeAt(name: string, address: string): KubernetesObject {
  const found = node(name, true);
  const addresses = [{ type: "InternalIP", address }];
  return { ...found, status: { ...(found["status"] as object), addresses } };
}
