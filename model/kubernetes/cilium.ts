import type { LabelSelector, ObjectOf } from "./object";

/* The fields of Cilium's kinds (cilium.io/v2, and v2alpha1 for L2) that this project reads and writes. `resources` names the version in use. */

/** A CiliumNode. */
export type CiliumNode = ObjectOf<"cilium.io/v2", "CiliumNode"> & {
  readonly spec?: {
    readonly podCIDRs?: readonly string[];
    readonly ipam?: { readonly podCIDRs?: readonly string[] };
  };
  readonly status?: { readonly ipam?: { readonly "operator-status"?: { readonly error?: string } } };
};

/** A CiliumBGPClusterConfig. */
export type CiliumBGPClusterConfig = ObjectOf<"cilium.io/v2", "CiliumBGPClusterConfig"> & {
  readonly spec?: {
    readonly nodeSelector?: LabelSelector;
    readonly bgpInstances: readonly {
      readonly name: string;
      readonly localASN: number;
      readonly localPort?: number;
      readonly peers: readonly {
        readonly name: string;
        readonly peerAddress: string;
        readonly peerASN: number;
        readonly peerConfigRef: { readonly name: string };
      }[];
    }[];
  };
};

/** A CiliumBGPPeerConfig. */
export type CiliumBGPPeerConfig = ObjectOf<"cilium.io/v2", "CiliumBGPPeerConfig"> & {
  readonly spec?: {
    readonly timers: {
      readonly connectRetryTimeSeconds: number;
      readonly holdTimeSeconds: number;
      readonly keepAliveTimeSeconds: number;
    };
    readonly authSecretRef?: string;
    readonly gracefulRestart: { readonly enabled: boolean; readonly restartTimeSeconds?: number };
    readonly ebgpMultihop: number;
    readonly transport: { readonly peerPort: number };
    readonly families?: readonly {
      readonly afi: string;
      readonly safi: "unicast";
      readonly advertisements?: LabelSelector;
    }[];
  };
};

/** A CiliumBGPAdvertisement. */
export type CiliumBGPAdvertisement = ObjectOf<"cilium.io/v2", "CiliumBGPAdvertisement"> & {
  readonly spec?: { readonly advertisements?: readonly Advertisement[] };
};

/** One kind of route that is announced. */
export interface Advertisement {
  /** `PodCIDR`, `Service`, or what newer versions add. */
  readonly advertisementType: string;
  readonly service?: {
    readonly addresses?: readonly string[];
    readonly aggregationLengthIPv4?: number;
    readonly aggregationLengthIPv6?: number;
  };
  readonly selector?: LabelSelector;
  readonly attributes?: {
    readonly communities?: Readonly<Record<string, readonly string[]>>;
    readonly localPreference?: number;
  };
}

/** A BGP instance of one node, as its settings say. */
interface NodeInstance {
  readonly name: string;
  readonly routerID?: string;
  readonly localPort?: number;
  readonly localASN?: number;
  readonly peers?: readonly { readonly name: string; readonly localAddress?: string }[];
}

/** A session as the node's agent reports it. */
interface ReportedPeer {
  readonly name: string;
  readonly peerAddress?: string;
  readonly peerASN?: number;
  readonly peeringState?: string;
  readonly establishedTime?: string;
  readonly routeCount?: readonly { readonly afi: string; readonly advertised?: number }[];
}

/** A CiliumBGPNodeConfig. */
export type CiliumBGPNodeConfig = ObjectOf<"cilium.io/v2", "CiliumBGPNodeConfig"> & {
  readonly spec?: { readonly bgpInstances?: readonly NodeInstance[] };
  readonly status?: {
    readonly bgpInstances?: readonly { readonly name: string; readonly peers?: readonly ReportedPeer[] }[];
  };
};

/** A CiliumBGPNodeConfigOverride. */
export type CiliumBGPNodeConfigOverride = ObjectOf<"cilium.io/v2", "CiliumBGPNodeConfigOverride"> & {
  readonly spec?: { readonly bgpInstances: readonly NodeInstance[] };
};

/** A CiliumLoadBalancerIPPool. */
export type CiliumLoadBalancerIPPool = ObjectOf<"cilium.io/v2", "CiliumLoadBalancerIPPool"> & {
  readonly spec?: {
    readonly blocks: readonly { readonly cidr?: string; readonly start?: string; readonly stop?: string }[];
    readonly allowFirstLastIPs?: "Yes" | "No";
    readonly serviceSelector?: LabelSelector;
  };
};

/** A CiliumL2AnnouncementPolicy; there is no v2 of it up to Cilium 1.20. */
export type CiliumL2AnnouncementPolicy = ObjectOf<"cilium.io/v2alpha1", "CiliumL2AnnouncementPolicy"> & {
  readonly spec?: {
    readonly interfaces?: readonly string[];
    readonly nodeSelector?: LabelSelector;
    readonly serviceSelector?: LabelSelector;
    readonly loadBalancerIPs?: boolean;
    readonly externalIPs?: boolean;
  };
};
