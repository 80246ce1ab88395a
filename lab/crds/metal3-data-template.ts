import {
  type Schema,
  boolean,
  filled,
  integer,
  listBy,
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
export const metal3DataTemplateSpec: Schema = object({
  "clusterName!": filled,
  metaData,
  networkData: object({ links, networks, services }),
});
