import type { ObjectOf } from "./object";

/*
 * The fields of Kubernetes' own kinds that this project reads. An API server holds nothing that its schema refuses, but any
 * field may be absent, and a time that was never set may be null.
 */

/** A Node. */
export type Node = ObjectOf<"v1", "Node"> & {
  readonly spec?: {
    readonly podCIDR?: string;
    readonly podCIDRs?: readonly string[];
    readonly providerID?: string;
    readonly taints?: readonly { readonly key: string }[];
  };
  readonly status?: {
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
    readonly nodeInfo?: { readonly kubeletVersion?: string };
  };
};

/** A container of a pod's spec. */
export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
}

/** What a kubelet reports of a container. */
export interface ContainerStatus {
  readonly name: string;
  readonly image?: string;
  readonly ready?: boolean;
  readonly restartCount?: number;
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
}

interface ContainerState {
  readonly running?: object;
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly terminated?: Terminated;
}

/** How a container has ended. */
export interface Terminated {
  readonly exitCode?: number;
  readonly reason?: string;
  readonly message?: string;
}

interface PodSpec {
  readonly nodeName?: string;
  readonly initContainers?: readonly Container[];
  readonly containers?: readonly Container[];
}

/** The pods that a workload makes. */
export interface PodTemplate {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: PodSpec;
}

/** A Pod. */
export type Pod = ObjectOf<"v1", "Pod"> & {
  readonly spec?: PodSpec;
  readonly status?: {
    readonly phase?: string;
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
};

/** A DaemonSet. */
export type DaemonSet = ObjectOf<"apps/v1", "DaemonSet"> & {
  readonly spec?: { readonly template?: PodTemplate };
  readonly status?: {
    readonly desiredNumberScheduled?: number;
    readonly numberReady?: number;
    readonly updatedNumberScheduled?: number;
    readonly numberUnavailable?: number;
  };
};

/** A Deployment. */
export type Deployment = ObjectOf<"apps/v1", "Deployment"> & {
  readonly spec?: { readonly replicas?: number; readonly template?: PodTemplate };
  readonly status?: {
    readonly replicas?: number;
    readonly readyReplicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
  };
};

/** A ConfigMap. */
export type ConfigMap = ObjectOf<"v1", "ConfigMap"> & { readonly data?: Readonly<Record<string, string>> };

/** A Service. */
export type Service = ObjectOf<"v1", "Service"> & {
  readonly spec?: {
    readonly type?: string;
    readonly loadBalancerClass?: string;
    readonly externalTrafficPolicy?: string;
    readonly internalTrafficPolicy?: string;
    readonly externalIPs?: readonly string[];
    readonly clusterIPs?: readonly string[];
  };
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] } };
};

/** A Lease. */
export type Lease = ObjectOf<"coordination.k8s.io/v1", "Lease"> & {
  readonly spec?: { readonly holderIdentity?: string; readonly renewTime?: string };
};

/** An Event. */
export type Event = ObjectOf<"v1", "Event"> & {
  readonly involvedObject?: { readonly kind?: string; readonly name?: string };
  readonly reason?: string;
  readonly message?: string;
  readonly count?: number;
  readonly firstTimestamp?: string | null;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
};
