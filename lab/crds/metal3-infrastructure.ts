import {
  type Fields,
  type Kind,
  type Schema,
  atomic,
  boolean,
  conditions,
  dateTime,
  filled,
  integer,
  listBy,
  listOf,
  mapOf,
  object,
  oneOf,
  setOf,
  string,
  withDefault,
} from "./schema";

const source = oneOf("machine", "metal3machine", "baremetalhost");
const annotation = object({ "object!": source, "annotation!": filled });
const poolRef = object({
  apiGroup: withDefault(filled, "ipam.metal3.io"),
  kind: withDefault(filled, "IPPool"),
  "name!": filled,
});

const fromPool = listBy(
  "key",
  object({
    "key!": filled,
    "name!": filled,
    apiGroup: withDefault(filled, "ipam.metal3.io"),
    kind: withDefault(filled, "IPPool"),
  }),
);

const metaData: Schema = object({
  strings: listBy("key", object({ "key!": filled, "value!": filled })),
  objectNames: listBy("key", object({ "key!": filled, "object!": source })),
  indexes: listBy(
    "key",
    object({
      "key!": filled,
      offset: integer(0),
      step: withDefault(integer(1), 1),
      prefix: filled,
      suffix: filled,
    }),
  ),
  fromLabels: listBy("key", object({ "key!": filled, "object!": source, "label!": filled })),
  fromAnnotations: listBy("key", object({ "key!": filled, "object!": source, "annotation!": filled })),
  fromHostInterfaces: listBy("key", object({ "key!": filled, interface: filled, fromBootMAC: boolean })),
  namespaces: listBy("key", object({ "key!": filled })),
  ipAddressesFromPool: fromPool,
  prefixesFromPool: fromPool,
  gatewaysFromPool: fromPool,
  dnsServersFromPool: fromPool,
});

const macAddress = object({ string: filled, fromHostInterface: filled, fromAnnotation: annotation });
const mtu = withDefault(integer(1280, 9000), 1500);
const linkName: Schema = { ...filled, maxLength: 15, pattern: "^[a-zA-Z][a-zA-Z0-9._-]*$" };

const links: Schema = object({
  ethernets: listBy(
    "id",
    object({
      "id!": filled,
      name: linkName,
      mtu,
      "macAddress!": macAddress,
      "type!": oneOf("bridge", "dvs", "hw_veb", "hyperv", "ovs", "tap", "vhostuser", "vif", "phy"),
    }),
  ),
  bonds: listBy(
    "id",
    object({
      "id!": filled,
      name: linkName,
      mtu,
      "macAddress!": macAddress,
      bondLinks: setOf(filled),
      "bondMode!": oneOf(
        "balance-rr",
        "active-backup",
        "balance-xor",
        "broadcast",
        "balance-tlb",
        "balance-alb",
        "802.3ad",
      ),
      bondXmitHashPolicy: oneOf("layer2", "layer3+4", "layer2+3"),
      // Upstream also has a free-form `value`; the program names parameters only, and nothing free-form is served here.
      "parameters!": listBy("name", object({ "name!": filled })),
    }),
  ),
  vlans: listBy(
    "vlanID",
    object({
      "id!": filled,
      name: linkName,
      mtu,
      "macAddress!": macAddress,
      "vlanID!": integer(0, 4096),
      "vlanLink!": filled,
    }),
  ),
});

const services = object({ dns: setOf(string), dnsFromIPPool: filled });
const gateway = object({
  string,
  fromIPPool: filled,
  fromPoolRef: poolRef,
  fromPoolAnnotation: annotation,
});
const routes = (longestPrefix: number) =>
  listBy(
    "network",
    object({ "network!": string, prefix: integer(0, longestPrefix), "gateway!": gateway, services }),
  );
const fixed = (longestPrefix: number) =>
  listBy(
    "id",
    object({
      "id!": filled,
      "link!": filled,
      ipAddressFromIPPool: filled,
      fromPoolRef: poolRef,
      fromPoolAnnotation: annotation,
      routes: routes(longestPrefix),
    }),
  );
const dynamic = (longestPrefix: number) =>
  listBy("id", object({ "id!": filled, "link!": filled, routes: routes(longestPrefix) }));

const networks: Schema = object({
  ipv4: fixed(32),
  ipv4DHCP: dynamic(32),
  ipv6: fixed(128),
  ipv6DHCP: dynamic(128),
  ipv6SLAAC: dynamic(128),
});

/** `Metal3DataTemplate.spec`: what cloud-init gets as metadata and network data. `clusterName` is required as in CAPM3 1.13, though 1.14 needs none. */
const metal3DataTemplateSpec: Schema = object({
  "clusterName!": filled,
  metaData,
  networkData: object({ links, networks, services }),
});

/** Our own definitions of what the program uses of Metal3's Cluster API provider (CAPM3 v1beta2). */
const infrastructure = {
  group: "infrastructure.cluster.x-k8s.io",
  version: "v1beta2",
  older: "v1beta1",
  contracts: { v1beta1: "v1beta1", v1beta2: "v1beta2" },
  provider: "infrastructure-metal3",
};

const reference = atomic({ name: filled, namespace: filled });
const secret = atomic({ name: string, namespace: string });

const failureDomains = listBy(
  "name",
  object({ "name!": filled, controlPlane: boolean, attributes: mapOf(string) }),
);

const metal3Cluster: Kind = {
  ...infrastructure,
  kind: "Metal3Cluster",
  plural: "metal3clusters",
  shortName: "m3c",
  spec: object({
    controlPlaneEndpoint: object({ host: filled, port: integer(1, 65535) }),
    cloudProviderEnabled: boolean,
    failureDomains,
  }),
  status: object({
    initialization: object({ provisioned: boolean }),
    conditions,
    failureDomains,
    lastUpdated: dateTime,
  }),
};

/** What a machine template and a machine share. */
const machine: Fields = {
  automatedCleaningMode: oneOf("metadata", "disabled"),
  customDeploy: object({ "method!": filled }),
  dataTemplate: reference,
  failureDomain: filled,
  hostSelector: object({
    matchLabels: mapOf(string),
    matchExpressions: listBy(
      "key",
      object({ "key!": filled, "operator!": string, "values!": setOf(filled) }),
    ),
  }),
  image: object({
    "url!": { ...filled, format: "uri" },
    "checksum!": string,
    checksumType: oneOf("md5", "sha256", "sha512"),
    diskFormat: oneOf("raw", "qcow2", "vdi", "vmdk", "live-iso"),
  }),
  metaData: secret,
  networkData: secret,
  userData: secret,
  providerID: filled,
};

const metal3Machine: Kind = {
  ...infrastructure,
  kind: "Metal3Machine",
  plural: "metal3machines",
  shortName: "m3m",
  spec: object(machine),
  status: object({
    initialization: object({ provisioned: boolean }),
    addresses: listOf(
      object({
        "type!": oneOf("Hostname", "ExternalIP", "InternalIP", "ExternalDNS", "InternalDNS"),
        "address!": filled,
      }),
    ),
    conditions,
    lastUpdated: dateTime,
    metaData: secret,
    networkData: secret,
    userData: secret,
    renderedData: reference,
  }),
};

const metal3MachineTemplate: Kind = {
  ...infrastructure,
  kind: "Metal3MachineTemplate",
  plural: "metal3machinetemplates",
  shortName: "m3mt",
  spec: object({
    nodeReuse: withDefault(boolean, false),
    "template!": object({
      metadata: object({ labels: mapOf(string), annotations: mapOf(string) }),
      "spec!": object(machine),
    }),
  }),
};

const metal3DataTemplate: Kind = {
  ...infrastructure,
  kind: "Metal3DataTemplate",
  plural: "metal3datatemplates",
  shortName: "m3dt",
  spec: metal3DataTemplateSpec,
  status: object({
    indexes: listBy("index", object({ "index!": integer(0), "name!": filled })),
    lastUpdated: dateTime,
  }),
};

const metal3Data: Kind = {
  ...infrastructure,
  kind: "Metal3Data",
  plural: "metal3datas",
  shortName: "m3d",
  spec: object({
    index: integer(0),
    claim: reference,
    template: reference,
    metaData: secret,
    networkData: secret,
  }),
  status: object({ ready: boolean, errorMessage: filled }),
};

const metal3DataClaim: Kind = {
  ...infrastructure,
  kind: "Metal3DataClaim",
  plural: "metal3dataclaims",
  shortName: "m3dc",
  spec: object({ template: reference }),
  status: object({ renderedData: reference, errorMessage: filled }),
};

const strategy: Schema = object({
  type: oneOf("Reboot"),
  retryLimit: withDefault(integer(1), 1),
  timeoutSeconds: withDefault(integer(100), 600),
});

const remediationStatus = object({
  phase: oneOf("Running", "Waiting", "Deleting machine", "Failed"),
  retryCount: integer(1),
  lastRemediated: dateTime,
});

const metal3Remediation: Kind = {
  ...infrastructure,
  kind: "Metal3Remediation",
  plural: "metal3remediations",
  shortName: "m3r",
  spec: object({ strategy }),
  status: remediationStatus,
};

const metal3RemediationTemplate: Kind = {
  ...infrastructure,
  kind: "Metal3RemediationTemplate",
  plural: "metal3remediationtemplates",
  shortName: "m3rt",
  spec: object({ "template!": object({ "spec!": object({ strategy }) }) }),
  status: object({ status: remediationStatus }),
};

/** All kinds of the infrastructure provider that the program or the simulated Metal3 uses. */
export const infrastructureKinds: readonly Kind[] = [
  metal3Cluster,
  metal3Machine,
  metal3MachineTemplate,
  metal3DataTemplate,
  metal3Data,
  metal3DataClaim,
  metal3Remediation,
  metal3RemediationTemplate,
];
