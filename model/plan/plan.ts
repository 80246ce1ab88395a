import type { SecretPath } from "../config/secrets";
import type { KubernetesObject } from "../kubernetes/object";
import type { BgpReadinessPlan, ClusterReadinessPlan } from "../readiness/plan";

/** A Secret without its secret values: those are named by their place in the stack file and put in by a component. */
export interface PlannedSecret {
  readonly manifest: KubernetesObject;
  readonly text: Readonly<Record<string, string>>;
  readonly secret: Readonly<Record<string, SecretPath>>;
}

/** An object whose name changes with its content, while its place in the program stays the same. */
export interface PlannedTemplate {
  /** Name without the content hash. */
  readonly key: string;
  readonly manifest: KubernetesObject;
  /** Stays when its successor takes over, because old machines still refer to it; goes with the Cluster, which owns it. */
  readonly retainOnDelete: boolean;
}

/** What the Cilium CLI is asked to render. */
export interface CiliumPlan {
  readonly version: string;
  readonly chartDirectory?: string;
  /** Private keys are named by their place in the stack file; a component puts them in. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly lifecycle: "bootstrap-only" | "pulumi";
  readonly endpoint: { readonly host: string; readonly port: number };
  readonly kubeProxyReplacement: boolean;
}

/** How the rendered manifest reaches the cluster: which ConfigMap, which Secret if any, which ClusterResourceSet. */
export interface ResourceSetPlan {
  readonly payload: KubernetesObject;
  /** Made only when the render holds Secrets. */
  readonly secretPayload: KubernetesObject;
  readonly resourceSet: KubernetesObject;
}

/** The inventory: logins, per-host networks, hosts. */
export interface HostsPlan {
  readonly secrets: readonly PlannedSecret[];
  readonly hosts: readonly KubernetesObject[];
}

/** The Cluster API objects: templates before the objects that refer to them, `cluster` last (and deleted first). */
export interface WorkloadClusterPlan {
  readonly templates: readonly PlannedTemplate[];
  readonly objects: readonly KubernetesObject[];
  readonly cluster: KubernetesObject;
}

/** BGP in the workload cluster. */
export interface BgpPlan {
  readonly secrets: readonly PlannedSecret[];
  readonly objects: readonly KubernetesObject[];
  readonly readiness: BgpReadinessPlan;
}

/** Everything that is decided about a stack, as plain data. */
export interface ClusterPlan {
  readonly name: string;
  readonly namespace: string;
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
  readonly bgp?: BgpPlan;
  /** Router address to FRR configuration; passwords are placeholders. */
  readonly routers: Readonly<Record<string, string>>;
  readonly timeouts: {
    readonly ready: number;
    readonly rollout: number;
    readonly bgp: number;
    readonly delete: number;
  };
}
