import type { LabelSelector, ObjectMeta, ObjectOf } from "./object";

/*
 * The fields of Cluster API's kinds that this project reads and writes, of contract v1beta2 (api/core/v1beta2 and its
 * siblings). `resources` names the contract that is in use: another one does not compile until these types are of it.
 */

/** Names an object of the same namespace. */
export interface ContractReference {
  readonly apiGroup?: string;
  readonly kind: string;
  readonly name: string;
}

/** A Cluster. */
export type Cluster = ObjectOf<"cluster.x-k8s.io/v1beta2", "Cluster"> & {
  readonly spec?: {
    readonly paused?: boolean;
    readonly clusterNetwork?: {
      readonly pods?: { readonly cidrBlocks: readonly string[] };
      readonly services?: { readonly cidrBlocks: readonly string[] };
      readonly serviceDomain?: string;
    };
    readonly controlPlaneEndpoint?: { readonly host?: string; readonly port?: number };
    readonly infrastructureRef?: ContractReference;
    readonly controlPlaneRef?: ContractReference;
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly initialization?: { readonly controlPlaneInitialized?: boolean };
    readonly controlPlane?: ReplicaCounts;
    readonly workers?: ReplicaCounts;
  };
};

/** How many machines of a set are how far. */
interface ReplicaCounts {
  readonly observedGeneration?: number;
  readonly replicas?: number;
  readonly desiredReplicas?: number;
  readonly readyReplicas?: number;
  readonly upToDateReplicas?: number;
}

/** What a machine is made of. */
export interface MachineSpec {
  readonly clusterName?: string;
  readonly version?: string;
  readonly providerID?: string;
  readonly bootstrap?: { readonly configRef?: ContractReference; readonly dataSecretName?: string };
  readonly infrastructureRef?: ContractReference;
  readonly failureDomain?: string;
  readonly deletion?: MachineDeletion;
}

/** How long the steps of a deletion may take. */
export interface MachineDeletion {
  readonly nodeDrainTimeoutSeconds?: number;
  readonly nodeVolumeDetachTimeoutSeconds?: number;
  readonly nodeDeletionTimeoutSeconds?: number;
}

/** A Machine. */
export type Machine = ObjectOf<"cluster.x-k8s.io/v1beta2", "Machine"> & {
  readonly spec?: MachineSpec;
  readonly status?: {
    readonly phase?: string;
    readonly nodeRef?: { readonly name?: string };
    readonly certificatesExpiryDate?: string;
  };
};

type TemplateMeta = Pick<ObjectMeta, "labels" | "annotations">;

/** A MachineDeployment. */
export type MachineDeployment = ObjectOf<"cluster.x-k8s.io/v1beta2", "MachineDeployment"> & {
  readonly spec?: {
    readonly clusterName: string;
    readonly replicas?: number;
    readonly selector: LabelSelector;
    readonly rollout?: {
      readonly strategy?: {
        readonly type: "RollingUpdate";
        readonly rollingUpdate?: { readonly maxSurge: number; readonly maxUnavailable: number };
      };
    };
    readonly remediation: { readonly maxInFlight: number };
    readonly template?: { readonly metadata?: TemplateMeta; readonly spec?: MachineSpec };
  };
  readonly status?: ReplicaCounts;
};

/** A MachineHealthCheck. */
export type MachineHealthCheck = ObjectOf<"cluster.x-k8s.io/v1beta2", "MachineHealthCheck"> & {
  readonly spec?: {
    readonly clusterName: string;
    readonly selector: LabelSelector;
    readonly checks?: {
      readonly nodeStartupTimeoutSeconds: number;
      readonly unhealthyNodeConditions: readonly {
        readonly type: string;
        readonly status: string;
        readonly timeoutSeconds: number;
      }[];
    };
    readonly remediation: {
      readonly triggerIf: { readonly unhealthyLessThanOrEqualTo: string | number };
      readonly templateRef?: { readonly apiVersion: string; readonly kind: string; readonly name: string };
    };
  };
};

/** What kubeadm and cloud-init do on a machine. */
export interface KubeadmConfigSpec {
  readonly clusterConfiguration?: object;
  readonly initConfiguration?: object;
  readonly joinConfiguration?: object;
  readonly files?: readonly {
    readonly path: string;
    readonly content?: string;
    readonly contentFrom?: { readonly secret: { readonly name: string; readonly key: string } };
  }[];
  readonly preKubeadmCommands?: readonly string[];
  readonly postKubeadmCommands?: readonly string[];
  readonly users?: readonly object[];
  readonly ntp?: { readonly enabled: boolean; readonly servers: readonly string[] };
}

/** A KubeadmControlPlane. */
export type KubeadmControlPlane = ObjectOf<"controlplane.cluster.x-k8s.io/v1beta2", "KubeadmControlPlane"> & {
  readonly spec?: {
    readonly replicas?: number;
    readonly version?: string;
    readonly rollout?: {
      readonly before?: { readonly certificatesExpiryDays: number };
      readonly strategy?: {
        readonly type: "RollingUpdate";
        readonly rollingUpdate?: { readonly maxSurge: number };
      };
    };
    readonly machineTemplate?: {
      readonly metadata?: TemplateMeta;
      readonly spec?: Pick<MachineSpec, "infrastructureRef" | "deletion">;
    };
    readonly kubeadmConfigSpec?: KubeadmConfigSpec;
  };
  readonly status?: ReplicaCounts;
};

/** A KubeadmConfigTemplate. */
export type KubeadmConfigTemplate = ObjectOf<
  "bootstrap.cluster.x-k8s.io/v1beta2",
  "KubeadmConfigTemplate"
> & { readonly spec?: { readonly template?: { readonly spec?: KubeadmConfigSpec } } };

/** A ClusterResourceSet. */
export type ClusterResourceSet = ObjectOf<"addons.cluster.x-k8s.io/v1beta2", "ClusterResourceSet"> & {
  readonly spec?: {
    readonly strategy: "ApplyOnce" | "Reconcile";
    readonly clusterSelector: LabelSelector;
    readonly resources: readonly { readonly kind: "ConfigMap" | "Secret"; readonly name: string }[];
  };
};

/** What a resource set has applied of one payload. */
export interface AppliedResource {
  readonly kind: string;
  readonly name: string;
  readonly applied?: boolean;
  readonly hash?: string;
  readonly lastAppliedTime?: string | null;
}

/** A ClusterResourceSetBinding. */
export type ClusterResourceSetBinding = ObjectOf<
  "addons.cluster.x-k8s.io/v1beta2",
  "ClusterResourceSetBinding"
> & {
  readonly spec?: {
    readonly bindings?: readonly {
      readonly clusterResourceSetName: string;
      readonly resources?: readonly AppliedResource[];
    }[];
  };
};

/** A control plane, or a pool of workers. */
export type MachineSet = KubeadmControlPlane | MachineDeployment;
