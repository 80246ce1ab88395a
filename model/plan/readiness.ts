import type { Family } from "../net/addresses";
import type { LabelSelector } from "../kubernetes/object";

/** A server that will become a machine of the cluster. */
export interface ExpectedHost {
  readonly name: string;
  /** `control-plane`, or the name of a worker pool. */
  readonly pool: string;
  /** Where its pool is spread over failure domains: its own. */
  readonly failureDomain?: string;
}

/** The workers of one MachineDeployment. */
export interface ExpectedPool {
  /** Name of the pool. */
  readonly name: string;
  /** Where the pool is spread over failure domains: the one of these workers. */
  readonly failureDomain?: string;
  readonly machineDeployment: string;
  readonly replicas: number;
  /** Where an autoscaler decides between `replicas` and this. */
  readonly most?: number;
}

/**
 * What must be true before a cluster counts as ready; decided once, in the plan, and handed to the waiting program. With
 * the subject `control-plane` only that part is waited for: its hosts alone are named then, and no workers.
 */
export interface ClusterReadinessPlan {
  readonly subject: "cluster" | "control-plane";
  /** Name of the Cluster, the KubeadmControlPlane, the Metal3Cluster and the ClusterResourceSetBinding. */
  readonly cluster: string;
  readonly namespace: string;
  readonly endpoint: { readonly host: string; readonly port: number };
  /** The hosts of this stack's inventory that are in service; those that no machine needs may stay `available`. */
  readonly hosts: readonly ExpectedHost[];
  readonly controlPlane: { readonly replicas: number };
  readonly workerPools: readonly ExpectedPool[];
  readonly resourceSet: {
    readonly name: string;
    readonly resources: readonly { readonly kind: "ConfigMap" | "Secret"; readonly name: string }[];
  };
  /** Workloads of the rendered manifest that must have rolled out, in the workload cluster. */
  readonly workloads: readonly {
    readonly kind: "DaemonSet" | "Deployment";
    readonly namespace: string;
    readonly name: string;
  }[];
  /** Names of the CustomResourceDefinitions that must be Established in the workload cluster (Cilium's BGP and LB kinds). */
  readonly customResourceDefinitions: readonly string[];
  /** The endpoint must answer this long without a miss, because the workload provider decides reachability once. */
  readonly steadySeconds: number;
  /** Our own deadline, earlier than Pulumi's customTimeouts. */
  readonly timeoutSeconds: number;
}

/** One session that every selected node must have; it carries the routes of one family. */
export interface ExpectedPeer {
  /** Name of the peer in CiliumBGPClusterConfig and CiliumBGPNodeConfig. */
  readonly name: string;
  readonly router: string;
  readonly address: string;
  readonly port: number;
  readonly asn: number;
  readonly peerConfig: string;
  readonly family: Family;
  /** Routes that each node announces: its share of the pod networks at once, services as they come. */
  readonly advertised: { readonly least: number; readonly most: number };
  /**
   * 1 where an agent's count may include the End-of-RIB marker: Cilium 1.18 with graceful restart, if the router has it
   * too (cilium/gobgp v3.0.0-20250717193620, `getBestFromLocal`; later versions leave the marker out).
   */
  readonly endOfRibCounted: 0 | 1;
  /**
   * Whether an agent's count follows what it announces. Agents of 1.20 count when a session changes and when the router sends
   * routes, and not when they announce others themselves (Cilium v1.20 pkg/bgp/gobgp/server.go).
   */
  readonly countFollows: boolean;
  /** What the router's side cuts the session at. */
  readonly maximumPrefixes: number;
  /** Whether the session has a TCP MD5 password. */
  readonly password: boolean;
  readonly multihop: number;
  /** Empty: the router has one line per host. */
  readonly listenRanges: readonly string[];
}

/** BGP sessions that must be established, seen from the cluster's side (CiliumBGPNodeConfig). */
export interface BgpReadinessPlan {
  readonly subject: "bgp";
  readonly cluster: string;
  readonly namespace: string;
  /** Per instance: its node selector, and the peers every selected node must have. */
  readonly instances: readonly {
    readonly clusterConfig: string;
    readonly instance: string;
    readonly localASN: number;
    readonly nodeSelector: LabelSelector;
    readonly peers: readonly ExpectedPeer[];
  }[];
  /** Names of all CiliumBGPPeerConfigs and CiliumBGPAdvertisements that the plan creates, for naming dangling references. */
  readonly peerConfigs: readonly string[];
  /**
   * A session must be seen established for this long: an agent's status lags behind, and a router that cuts sessions at
   * a limit lets them come up first.
   */
  readonly steadySeconds: number;
  readonly timeoutSeconds: number;
}

/** What tells the pods of one render from those of another: images by container, and annotations such as a hash of settings. */
export interface Release {
  readonly images: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The workloads of an adopted or changed Cilium must have rolled out again. */
export interface RolloutReadinessPlan {
  readonly subject: "rollout";
  readonly cluster: string;
  readonly namespace: string;
  /** With `release`, the workload must first request it: another owner may still have to apply the change. */
  readonly workloads: readonly (ClusterReadinessPlan["workloads"][number] & { readonly release?: Release })[];
  readonly timeoutSeconds: number;
}

/** What the waiting program reads from its standard input, as JSON. */
export interface WaitOrder {
  readonly plan: ClusterReadinessPlan | BgpReadinessPlan | RolloutReadinessPlan;
  /** How to reach the management cluster; the workload cluster's kubeconfig is read from there. */
  readonly management: { readonly kubeconfigFile?: string; readonly context?: string };
  /** JSON lines of all events are appended here. */
  readonly eventsFile: string;
  /** For tests only: how fast the program's own clocks run. A stack never sets it. */
  readonly pace?: {
    /** Between two heartbeats; 60 by default. */
    readonly heartbeatSeconds?: number;
    /** Multiplies every grace period of the causes; 1 by default. */
    readonly graceScale?: number;
  };
}
