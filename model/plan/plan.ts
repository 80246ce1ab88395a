import type { SecretPath } from "../config/secrets";
import type { KubernetesObject } from "../kubernetes/object";
import type { BgpReadinessPlan, ClusterReadinessPlan } from "../readiness/plan";

/** A Secret without its secret values: those are named by their place in the stack file and put in by a component. */
export interface PlannedSecret {
  readonly manifest: KubernetesObject;
  readonly text: Readonly<Record<string, string>>;
  readonly secret: Readonly<Record<string, SecretPath>>;
}

/** An object as it will be sent; a template stays when its successor takes over, because old machines still refer to it. */
export interface PlannedObject {
  readonly manifest: KubernetesObject;
  readonly retainOnDelete: boolean;
}

/** What the Cilium CLI is asked to render. */
export interface CiliumPlan {
  readonly version: string;
  readonly chartDirectory?: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly lifecycle: "bootstrap-only" | "pulumi";
  readonly endpoint: { readonly host: string; readonly port: number };
  readonly kubeProxyReplacement: boolean;
}

/** How the rendered manifest reaches the cluster: which ConfigMap, which ClusterResourceSet. */
export interface ResourceSetPlan {
  readonly payload: KubernetesObject;
  readonly resourceSet: KubernetesObject;
}

/** The inventory: logins, per-host networks, hosts. */
export interface HostsPlan {
  readonly secrets: readonly PlannedSecret[];
  readonly hosts: readonly KubernetesObject[];
}

/** The Cluster API objects; `cluster` is created last and deleted first. */
export interface WorkloadClusterPlan {
  readonly objects: readonly PlannedObject[];
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
