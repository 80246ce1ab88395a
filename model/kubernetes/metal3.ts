import type { LabelSelector, ObjectOf } from "./object";

/*
 * The fields of Metal3's kinds that this project reads and writes: baremetal-operator v1alpha1, Cluster API Provider Metal3
 * v1beta2, ip-address-manager v1alpha1. `resources` names the versions that are in use.
 */

/** When a step of the bare metal operator began and ended. */
interface Operation {
  readonly start?: string | null;
  readonly end?: string | null;
}

/** A step of the bare metal operator. */
export type HostStep = "register" | "inspect" | "provision" | "deprovision";

/** What the inspection found in a server. */
export interface Hardware {
  readonly systemVendor?: { readonly serialNumber?: string };
  readonly cpu?: { readonly count?: number };
  readonly ramMebibytes?: number;
  readonly nics?: readonly { readonly name?: string; readonly mac?: string }[];
  readonly storage?: readonly Disk[];
}

/** A disk that the inspection found. */
export interface Disk {
  readonly name?: string;
  readonly alternateNames?: readonly string[];
  readonly serialNumber?: string;
  readonly sizeBytes?: number;
  readonly rotational?: boolean;
  readonly vendor?: string;
  readonly model?: string;
  readonly wwn?: string;
  readonly wwnWithExtension?: string;
  readonly wwnVendorExtension?: string;
  readonly hctl?: string;
}

/** A BareMetalHost. */
export type BareMetalHost = ObjectOf<"metal3.io/v1alpha1", "BareMetalHost"> & {
  readonly spec?: {
    readonly online?: boolean;
    readonly bootMACAddress?: string;
    readonly bootMode?: string;
    readonly automatedCleaningMode?: string;
    readonly bmc?: {
      readonly address?: string;
      readonly credentialsName?: string;
      readonly disableCertificateVerification?: boolean;
    };
    readonly rootDeviceHints?: Readonly<Record<string, string | number | boolean | undefined>>;
    readonly raid?: object;
    readonly architecture?: string;
    readonly description?: string;
    readonly networkData?: { readonly name?: string; readonly namespace?: string };
    readonly preprovisioningNetworkDataName?: string;
    readonly image?: { readonly url?: string };
    readonly customDeploy?: { readonly method?: string };
    readonly externallyProvisioned?: boolean;
    readonly consumerRef?: { readonly kind?: string; readonly name?: string; readonly namespace?: string };
  };
  readonly status?: {
    readonly provisioning?: { readonly state?: string };
    readonly operationalStatus?: string;
    readonly operationHistory?: Readonly<Partial<Record<HostStep, Operation>>>;
    readonly poweredOn?: boolean;
    readonly errorType?: string;
    readonly errorMessage?: string;
    readonly errorCount?: number;
    readonly provisioningFailCount?: number;
    readonly triedCredentials?: { readonly credentialsVersion?: string };
    readonly hardware?: Hardware;
  };
};

/** A HardwareData. */
export type HardwareData = ObjectOf<"metal3.io/v1alpha1", "HardwareData"> & {
  readonly spec?: { readonly hardware?: Hardware };
};

/** A Metal3Cluster. */
export type Metal3Cluster = ObjectOf<"infrastructure.cluster.x-k8s.io/v1beta2", "Metal3Cluster"> & {
  readonly spec?: {
    readonly controlPlaneEndpoint: { readonly host: string; readonly port: number };
    readonly cloudProviderEnabled: boolean;
    readonly failureDomains?: readonly { readonly name: string; readonly controlPlane: boolean }[];
  };
};

interface Metal3MachineSpec {
  readonly image?: {
    readonly url: string;
    readonly checksum: string;
    readonly checksumType?: string;
    readonly diskFormat?: string;
  };
  readonly dataTemplate?: { readonly name: string };
  readonly hostSelector?: LabelSelector;
}

/** A Metal3Machine. */
export type Metal3Machine = ObjectOf<"infrastructure.cluster.x-k8s.io/v1beta2", "Metal3Machine"> & {
  readonly spec?: Metal3MachineSpec & { readonly providerID?: string };
};

/** A Metal3MachineTemplate. */
export type Metal3MachineTemplate = ObjectOf<
  "infrastructure.cluster.x-k8s.io/v1beta2",
  "Metal3MachineTemplate"
> & {
  readonly spec?: { readonly nodeReuse?: boolean; readonly template?: { readonly spec?: Metal3MachineSpec } };
};

/** An entry of a machine's metadata. */
type MetaDataItem<Fields extends string> = Readonly<Record<"key" | Fields, string>>;

/** A link of templated network data; `bondLinks` and `vlanLink` name those below it. */
interface NetworkLink {
  readonly id: string;
  readonly name?: string;
  readonly type?: string;
  readonly mtu?: number;
  readonly vlanID?: number;
  readonly vlanLink?: string;
  readonly bondLinks?: readonly string[];
  readonly macAddress?: object;
}

/** A Metal3DataTemplate. */
export type Metal3DataTemplate = ObjectOf<"infrastructure.cluster.x-k8s.io/v1beta2", "Metal3DataTemplate"> & {
  readonly spec?: {
    readonly clusterName: string;
    readonly metaData: {
      readonly objectNames: readonly MetaDataItem<"object">[];
      readonly fromAnnotations?: readonly MetaDataItem<"object" | "annotation">[];
      readonly fromLabels?: readonly MetaDataItem<"object" | "label">[];
      readonly ipAddressesFromPool?: readonly MetaDataItem<"name" | "apiGroup" | "kind">[];
    };
    readonly networkData?: {
      readonly links: Readonly<Partial<Record<"ethernets" | "bonds" | "vlans", readonly NetworkLink[]>>>;
      readonly networks: object;
      readonly services?: { readonly dnsFromIPPool: string };
    };
  };
};

/** A Metal3Data. */
export type Metal3Data = ObjectOf<"infrastructure.cluster.x-k8s.io/v1beta2", "Metal3Data"> & {
  readonly spec?: { readonly pool?: { readonly name?: string } };
  readonly status?: { readonly errorMessage?: string };
};

/** A Metal3Remediation. */
export type Metal3Remediation = ObjectOf<"infrastructure.cluster.x-k8s.io/v1beta2", "Metal3Remediation"> & {
  readonly status?: { readonly phase?: string };
};

/** A Metal3RemediationTemplate. */
export type Metal3RemediationTemplate = ObjectOf<
  "infrastructure.cluster.x-k8s.io/v1beta2",
  "Metal3RemediationTemplate"
> & {
  readonly spec?: {
    readonly template: {
      readonly spec: {
        readonly strategy: {
          readonly type: "Reboot";
          readonly retryLimit: number;
          readonly timeoutSeconds: number;
        };
      };
    };
  };
};

/** An IPPool. */
export type IPPool = ObjectOf<"ipam.metal3.io/v1alpha1", "IPPool"> & {
  readonly spec?: {
    readonly clusterName: string;
    readonly namePrefix: string;
    readonly pools: readonly { readonly start: string; readonly end: string }[];
    readonly prefix: number;
    readonly gateway?: string;
    readonly dnsServers?: readonly string[];
  };
};

/** An IPClaim. */
export type IPClaim = ObjectOf<"ipam.metal3.io/v1alpha1", "IPClaim"> & {
  readonly spec?: { readonly pool?: { readonly name?: string } };
  readonly status?: { readonly errorMessage?: string };
};

/** An IPAddress. */
export type IPAddress = ObjectOf<"ipam.metal3.io/v1alpha1", "IPAddress"> & {
  readonly spec?: { readonly address?: string; readonly pool?: { readonly name?: string } };
};
