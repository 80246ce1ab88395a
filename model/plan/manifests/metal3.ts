import { type Family, familyOf, parseCidr } from "../../net/addresses";
import type { Stack } from "../../stack/schema";
import { contentHash } from "../../kubernetes/content";
import type {
  IPPool,
  Metal3Cluster,
  Metal3DataTemplate,
  Metal3MachineTemplate,
  Metal3RemediationTemplate,
} from "../../kubernetes/metal3";
import { contracts } from "../../kubernetes/resources";
import { addressingOf, apiHost, hasSecondaryAddresses, hostsOf } from "../../stack/addressing";
import { additionalParts, familiesOf } from "../../stack/host-networks";
import { hasFailureDomains } from "../../bgp/nodes";
import { imageOf } from "../images";
import { machineDeploymentName } from "../machines";
import { nodeLinkOf, portsBelow, withNetworkVlans } from "../node-link";
import {
  bootMacAnnotation,
  clusterLabel,
  hostFailureDomainLabel,
  nodeAddressAnnotation,
  poolLabel,
  portMacAnnotation,
  secondaryAddressAnnotation,
} from "../../kubernetes/labels";
import { managementMetadata } from "./metadata";

/** The infrastructure half of the Cluster: the endpoint and the failure domains that hosts name. */
export function metal3Cluster(stack: Stack): Metal3Cluster {
  const { port } = stack.kubernetes.endpoint;
  const domains = [...new Set(stack.hosts.flatMap(({ failureDomain }) => failureDomain ?? []))].sort();
  return {
    apiVersion: contracts.infrastructure,
    kind: "Metal3Cluster",
    metadata: managementMetadata(stack, stack.name),
    spec: {
      controlPlaneEndpoint: { host: apiHost(stack), port },
      cloudProviderEnabled: false,
      ...(domains.length === 0
        ? {}
        : { failureDomains: domains.map((name) => ({ name, controlPlane: true })) }),
    },
  };
}

/** The addresses for hosts without a fixed one, a pool for each network and family; none without address pools. */
export function addressPools(stack: Stack): readonly IPPool[] {
  const { nodes, gateway, addressPool, secondary, dns, additional } = stack.network;
  return [
    ...ipPool(stack, addressPoolName(stack), { nodes, gateway, addressPool, dns }),
    ...(secondary === undefined ? [] : ipPool(stack, secondaryPoolName(stack), { ...secondary, dns })),
    ...additional.flatMap(familiesOf).flatMap(({ id, cidr, gateway: own, addressPool: range }) =>
      ipPool(stack, additionalPoolName(stack, id), {
        nodes: cidr,
        gateway: own,
        addressPool: range,
        dns: [],
      }),
    ),
  ];
}

interface PoolRange {
  readonly nodes: string;
  readonly gateway?: string | undefined;
  readonly addressPool?: Stack["network"]["addressPool"];
  readonly dns: readonly string[];
}

function ipPool(
  stack: Stack,
  name: string,
  { nodes, gateway, addressPool: range, dns }: PoolRange,
): IPPool[] {
  if (range === undefined) return [];
  return [
    {
      apiVersion: contracts.ipam,
      kind: "IPPool",
      metadata: managementMetadata(stack, name),
      spec: {
        clusterName: stack.name,
        namePrefix: name,
        pools: [{ start: range.start, end: range.end }],
        prefix: parseCidr(nodes)?.prefix ?? 24,
        ...(gateway === undefined ? {} : { gateway }),
        ...(dns.length === 0 ? {} : { dnsServers: dns }),
      },
    },
  ];
}

/** What a machine learns about itself: its names, and its addresses where we know them. Immutable, so named by content. */
export function dataTemplate(stack: Stack, pool: string): Metal3DataTemplate {
  const addressing = addressingOf(stack, pool);
  const secondary = hasSecondaryAddresses(stack, pool);
  const fromPool = (key: string, name: string) => ({ key, name, apiGroup: "ipam.metal3.io", kind: "IPPool" });
  const fromHost = (key: string, annotation: string) => ({ key, object: "baremetalhost", annotation });
  const spec = {
    metaData: {
      objectNames: ["name", "local-hostname", "local_hostname"].map((key) => ({ key, object: "machine" })),
      ...(addressing === "fixed"
        ? {
            fromAnnotations: [
              fromHost("nodeIP", nodeAddressAnnotation),
              ...(secondary ? [fromHost("secondaryNodeIP", secondaryAddressAnnotation)] : []),
            ],
          }
        : {}),
      ...(hasFailureDomains(stack, pool)
        ? { fromLabels: [{ key: "failureDomain", object: "baremetalhost", label: hostFailureDomainLabel }] }
        : {}),
      ...(addressing === "pool"
        ? {
            ipAddressesFromPool: [
              fromPool("nodeIP", addressPoolName(stack)),
              ...(secondary ? [fromPool("secondaryNodeIP", secondaryPoolName(stack))] : []),
            ],
          }
        : {}),
    },
    ...(addressing === "pool" ? { networkData: pooledNetwork(stack, pool) } : {}),
  };
  return {
    apiVersion: contracts.infrastructure,
    kind: "Metal3DataTemplate",
    metadata: managementMetadata(stack, `${stack.name}-${pool}-${contentHash(spec)}`),
    // Required by CAPM3 1.13, unused by 1.14; outside the hash, so that an older stack keeps its machines.
    spec: { clusterName: stack.name, ...spec },
  };
}

type PooledNetwork = NonNullable<NonNullable<Metal3DataTemplate["spec"]>["networkData"]>;

/**
 * The network of machines whose addresses come from a pool. All of them are made from one template, so the links are
 * those that every host of the pool names alike (metal3/pool-links-uniform); only the MAC addresses are each host's own.
 */
function pooledNetwork(stack: Stack, pool: string): PooledNetwork {
  const { nodes, gateway, secondary, dns, routes } = stack.network;
  const [first] = hostsOf(stack, pool);
  const host = first === undefined ? undefined : withNetworkVlans(stack, first);
  const named = host !== undefined && host.links.length > 0;
  const mac = (annotation: string) => ({ fromAnnotation: { object: "baremetalhost", annotation } });
  const link = (named ? nodeLinkOf(host) : undefined) ?? "nodes";
  const networks = [
    pooledAddress("nodes", link, { network: nodes, gateway, routes, from: addressPoolName(stack) }),
    ...(secondary === undefined || !hasSecondaryAddresses(stack, pool)
      ? []
      : [
          pooledAddress("nodes-secondary", link, {
            network: secondary.nodes,
            gateway: secondary.gateway,
            routes,
            from: secondaryPoolName(stack),
          }),
        ]),
    ...(first === undefined ? [] : additionalParts(stack, first)).flatMap((part) =>
      familiesOf(part.network)
        .filter(({ addressPool }) => addressPool !== undefined)
        .map((family) =>
          pooledAddress(family.id, part.link ?? link, {
            network: family.cidr,
            gateway: family.gateway,
            routes: family.routes,
            from: additionalPoolName(stack, family.id),
          }),
        ),
    ),
  ];
  return {
    links: {
      ethernets: named
        ? host.links.map(({ name, mtu }) => ({
            id: name,
            name,
            type: "phy",
            ...(mtu === undefined ? {} : { mtu }),
            macAddress: mac(portMacAnnotation(name)),
          }))
        : [{ id: "nodes", type: "phy", macAddress: mac(bootMacAnnotation) }],
      ...(host === undefined || host.vlans.length === 0
        ? {}
        : {
            vlans: host.vlans.map(({ name, id, link: below, mtu }) => ({
              id: name,
              name,
              vlanID: id,
              vlanLink: below,
              ...(mtu === undefined ? {} : { mtu }),
              macAddress: mac(portMacAnnotation(portsBelow(host, below)[0] ?? below)),
            })),
          }),
    },
    networks: byFamily(networks),
    ...(dns.length === 0 ? {} : { services: { dnsFromIPPool: addressPoolName(stack) } }),
  };
}

interface Pooled {
  readonly network: string;
  readonly gateway: string | undefined;
  /** Those of both families. */
  readonly routes: readonly Stack["network"]["routes"][number][];
  /** Name of the IPPool. */
  readonly from: string;
}

interface PooledAddress {
  readonly family: Family;
  readonly entry: object;
}

function pooledAddress(
  id: string,
  link: string,
  { network, gateway, routes: all, from }: Pooled,
): PooledAddress {
  const family = familyOf(network);
  const routes = [
    ...(gateway === undefined
      ? []
      : [{ network: family === "ipv6" ? "::" : "0.0.0.0", prefix: 0, gateway: { fromIPPool: from } }]),
    ...all
      .filter(({ via }) => familyOf(via) === family)
      .map(({ to, via }) => ({
        network: to.split("/")[0],
        prefix: parseCidr(to)?.prefix ?? 0,
        gateway: { string: via },
      })),
  ];
  return {
    family,
    entry: { id, link, ipAddressFromIPPool: from, ...(routes.length === 0 ? {} : { routes }) },
  };
}

/** The networks as the template lists them: `ipv4` and `ipv6`. */
function byFamily(addresses: readonly PooledAddress[]): object {
  const families = [...new Set(addresses.map(({ family }) => family))];
  return Object.fromEntries(
    families.map((family) => [
      family,
      addresses.filter((each) => each.family === family).map(({ entry }) => entry),
    ]),
  );
}

/**
 * How a pool's machines are made from hosts. Metal3 accepts edits of it in place and rolls nothing, so it is named by
 * the content of its machines: a change is a new template, and the new name is what rolls them. nodeReuse is read when a
 * machine goes, from the template that it came from: it changes in place, in an update before the rollout that needs it.
 */
export function machineTemplate(
  stack: Stack,
  pool: string,
  nodeReuse: boolean,
  failureDomain?: string,
): Metal3MachineTemplate {
  const { url, checksum, checksumType, format } = imageOf(stack, pool);
  const template = {
    spec: {
      image: { url, checksum, checksumType, diskFormat: format },
      dataTemplate: { name: dataTemplate(stack, pool).metadata.name },
      hostSelector: {
        matchLabels: {
          [clusterLabel]: stack.name,
          [poolLabel]: pool,
          // A machine's failure domain alone is a preference: CAPM3 takes any other host when its own has none left.
          ...(failureDomain === undefined ? {} : { [hostFailureDomainLabel]: failureDomain }),
        },
      },
    },
  };
  const key = machineDeploymentName(stack, pool, failureDomain);
  return {
    apiVersion: contracts.infrastructure,
    kind: "Metal3MachineTemplate",
    metadata: managementMetadata(stack, `${key}-${contentHash(template)}`),
    spec: { nodeReuse, template },
  };
}

/**
 * Reboots an unhealthy machine. Metal3 counts repetitions: the first reboot is none of them, and its schema requires one at
 * least (CAPM3 controllers/metal3remediation_controller.go, api/v1beta2/metal3remediation_types.go).
 */
export function remediationTemplate(
  stack: Stack,
  pool: string,
  reboots: number,
  timeoutSeconds: number,
): Metal3RemediationTemplate {
  const strategy = { type: "Reboot" as const, retryLimit: Math.max(1, reboots - 1), timeoutSeconds };
  return {
    apiVersion: contracts.infrastructure,
    kind: "Metal3RemediationTemplate",
    metadata: managementMetadata(stack, `${stack.name}-${pool}-reboot`),
    spec: { template: { spec: { strategy } } },
  };
}

/** Name of the IPPool of a stack that has one. */
export function addressPoolName(stack: Stack): string {
  return `${stack.name}-nodes`;
}

function secondaryPoolName(stack: Stack): string {
  return `${stack.name}-nodes-secondary`;
}

/** Name of the IPPool of an additional network's family. */
function additionalPoolName(stack: Stack, id: string): string {
  return `${stack.name}-${id}`;
}
