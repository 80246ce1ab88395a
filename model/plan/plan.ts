import type { Stack } from "../stack/schema";
import type { SecretPath } from "../stack/secrets";
import type {
  Cluster,
  ClusterResourceSet,
  KubeadmConfigTemplate,
  KubeadmControlPlane,
  MachineDeployment,
  MachineHealthCheck,
} from "../kubernetes/cluster-api";
import type {
  BareMetalHost,
  IPPool,
  Metal3Cluster,
  Metal3DataTemplate,
  Metal3MachineTemplate,
  Metal3RemediationTemplate,
} from "../kubernetes/metal3";
import type { CiliumL2AnnouncementPolicy, CiliumLoadBalancerIPPool } from "../kubernetes/cilium";
import type { KubernetesObject } from "../kubernetes/object";
import type { BgpReadinessPlan, ClusterReadinessPlan } from "./readiness";
import type { RouterShare } from "../bgp/router/router-share";

/** A stack that no check refuses, and that cannot be planned nevertheless. */
export class PlanRefused extends Error {}

/** A text with secrets inside, each named by its place in the stack file. */
export type ComposedText = readonly (string | { readonly secret: SecretPath })[];

/** A Secret without its secret values: those are named by their place in the stack file and put in by a component. */
export interface PlannedSecret {
  readonly manifest: KubernetesObject;
  readonly text: Readonly<Record<string, string>>;
  readonly secret: Readonly<Record<string, SecretPath>>;
  /** Texts with secrets inside, by key. */
  readonly composed?: Readonly<Record<string, ComposedText>>;
  /** Name of a Secret of the same namespace that the keys username and password are copied from. */
  readonly copyOf?: string;
  /** Metal3 holds it with a finalizer until its host is deleted, and is its owner: it goes with the host, and not before. */
  readonly heldByHost?: true;
  /** Stays when it leaves the stack file, because the cluster cannot do without it; goes with the object that owns it. */
  readonly retainOnDelete?: true;
}

/** An object whose name changes with its content, while its place in the program stays the same. */
export interface PlannedTemplate {
  /** Name without the content hash. */
  readonly key: string;
  readonly manifest: Metal3DataTemplate | Metal3MachineTemplate | KubeadmConfigTemplate;
  /** Stays when its successor takes over, because old machines still refer to it; goes with the Cluster, which owns it. */
  readonly retainOnDelete: boolean;
}

/** The inputs of the Cilium CLI's render. */
export interface CiliumPlan {
  readonly version: string;
  readonly chartDirectory?: string;
  /** Private keys are named by their place in the stack file; a component puts them in. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly lifecycle: Stack["cilium"]["lifecycle"];
  readonly endpoint: { readonly host: string; readonly port: number };
  readonly kubeProxyReplacement: boolean;
  /** What the rest of the plan relies on; the proofs compare the render with it. */
  readonly clusterName: string;
  readonly network: {
    readonly nodes: string;
    readonly pods: readonly string[];
    readonly services: readonly string[];
  };
  readonly routing: {
    readonly mode: "native" | "tunnel";
    readonly tunnelProtocol: "vxlan" | "geneve";
    readonly autoDirectNodeRoutes: boolean;
  };
  readonly machines: {
    readonly controlPlane: number;
    readonly workers: number;
    /** Where an autoscaler decides between `workers` and this. */
    readonly mostWorkers?: number;
  };
  /** Keys of the taints with which nodes start. */
  readonly nodeTaints: readonly string[];
  /** Where the image's container runtime looks for CNI programs. */
  readonly cniBinaryPath: string;
  /** Absent without BGP. */
  readonly bgp?: { readonly secretsNamespace: string };
}

/** How the rendered manifest reaches the cluster: which ConfigMap, which Secret if any, which ClusterResourceSet. */
export interface ResourceSetPlan {
  readonly payload: KubernetesObject;
  /** Made only when the render holds Secrets. */
  readonly secretPayload: KubernetesObject;
  readonly resourceSet: ClusterResourceSet;
}

/** The inventory: logins, per-host networks, hosts. */
export interface HostsPlan {
  readonly secrets: readonly PlannedSecret[];
  readonly hosts: readonly BareMetalHost[];
}

/** The Cluster API objects: templates before the objects that refer to them, `cluster` last (and deleted first). */
export interface WorkloadClusterPlan {
  /** Contents of files of machines, which the bootstrap provider reads. */
  readonly secrets: readonly PlannedSecret[];
  /** Encryption at rest, its keys named by their place in the stack file; absent without it. */
  readonly encryption?: NonNullable<Stack["kubernetes"]["encryption"]>;
  readonly templates: readonly PlannedTemplate[];
  readonly objects: readonly (
    | IPPool
    | KubeadmControlPlane
    | MachineDeployment
    | MachineHealthCheck
    | Metal3Cluster
    | Metal3RemediationTemplate
  )[];
  readonly cluster: Cluster;
}

/** Settings of one node, found by its host: nodes are named after machines, whose names are not known in advance. */
export interface PlannedNodeOverride {
  readonly host: string;
  /** Without metadata.name, which is the node's. */
  readonly manifest: { readonly apiVersion: string; readonly kind: string; readonly spec: object };
}

/** BGP in the workload cluster. */
export interface BgpPlan {
  /** Who writes the objects; with `gitops` this stack leaves those that are there alone. */
  readonly lifecycle: "pulumi" | "gitops";
  readonly secrets: readonly PlannedSecret[];
  readonly objects: readonly KubernetesObject[];
  readonly nodeOverrides: readonly PlannedNodeOverride[];
  readonly readiness: BgpReadinessPlan;
}

/** Addresses of LoadBalancer services in the workload cluster that nodes announce in their own network. */
export interface LoadBalancerPlan {
  readonly objects: readonly (CiliumL2AnnouncementPolicy | CiliumLoadBalancerIPPool)[];
}

/** Everything that is decided about a stack, as plain data. */
export interface ClusterPlan {
  readonly name: string;
  readonly namespace: string;
  /** `https://10.250.250.29:6443`, with brackets around an IPv6 address. */
  readonly endpointUrl: string;
  readonly protect: boolean;
  readonly management: {
    readonly context: string;
    readonly kubeconfig?: string;
    readonly offlinePreview: boolean;
  };
  readonly cilium: CiliumPlan;
  readonly resourceSet: ResourceSetPlan;
  readonly hosts: HostsPlan;
  readonly cluster: WorkloadClusterPlan;
  /** Without the workloads of the manifest, which are known only after rendering. */
  readonly readiness: Omit<ClusterReadinessPlan, "workloads">;
  /** The control plane's part of it, which workers wait for when it changes. */
  readonly controlPlaneFirst: ClusterReadinessPlan;
  readonly bgp?: BgpPlan;
  readonly loadBalancer?: LoadBalancerPlan;
  /** The routers' side of BGP: what this stack requires of each router, and that alone as FRR configuration. */
  readonly routers: readonly RouterShare[];
  /** Router name to FRR configuration for this stack alone; passwords are placeholders. */
  readonly routerConfigurations: Readonly<Record<string, string>>;
  readonly timeouts: {
    readonly ready: number;
    readonly rollout: number;
    readonly bgp: number;
    readonly delete: number;
  };
}
