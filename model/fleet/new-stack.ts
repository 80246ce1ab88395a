import { ciliumBgp } from "../bgp/endpoint";
import { contentHash } from "../kubernetes/content";
import type { Bgp, Stack } from "../stack/schema";
import { stackFileText } from "../stack/stack-file-text";
import type { Proposal } from "./proposal";

/** What a person decides about a new stack; everything else is copied or proposed. */
export interface NewStack {
  readonly name: string;
  /** The stack whose surroundings it shares: management cluster, network, image, routers. */
  readonly like: Stack;
  readonly controlPlanes: number;
  readonly workers: number;
}

/** A proposal that lacks something a new stack needs, worded for the person. */
export class NothingFree extends Error {}

/** The text of a new stack file. Throws {@link NothingFree} when the proposal has no room for it. */
export function newStackFile(wanted: NewStack, proposal: Proposal): string {
  const { name, like } = wanted;
  return stackFileText({
    header: [
      `${name}: a stack file written by npm run metal -- new, from the surroundings of ${like.name} and what is free in the fleet.`,
      `Replace what is marked "yours", then: npm run metal -- check --stack ${name}, npm run rehearse -- --stack ${name}`,
    ],
    config: configOf(wanted, proposal),
    comments,
  });
}

function configOf(wanted: NewStack, proposal: Proposal): Record<string, unknown> {
  const { name, like, workers } = wanted;
  const { endpoint, addresses } = addressesFor(wanted, proposal);
  const ofCilium = ciliumBgp(like);
  const bgp = ofCilium === undefined ? undefined : bgpOf(ofCilium, proposal, like);
  return {
    "metal:management": { ...like.management, namespace: name },
    "metal:kubernetes": {
      version: like.kubernetes.version,
      endpoint: {
        host: endpoint,
        port: like.kubernetes.endpoint.port,
        provider: like.kubernetes.endpoint.provider,
        ...given("interface", like.kubernetes.endpoint.interface),
      },
    },
    "metal:network": {
      nodes: like.network.nodes,
      ...given("gateway", like.network.gateway),
      ...given("installer", like.network.installer),
      dns: like.network.dns,
      ntp: like.network.ntp,
      pods: [needed(proposal.pods, "pod network")],
      podPrefixPerNode: { ipv4: like.network.podPrefixPerNode.ipv4 },
      services: like.network.services.filter((cidr) => !cidr.includes(":")),
      ...(like.network.routingDomain === "default" ? {} : { routingDomain: like.network.routingDomain }),
    },
    "metal:image": like.image,
    "metal:bmc": { existingSecret: `${name}-bmc` },
    "metal:hosts": hostsOf(wanted, addresses),
    "metal:controlPlane": { replicas: wanted.controlPlanes },
    ...(workers === 0 ? {} : { "metal:workers": [{ name: "workers", replicas: workers }] }),
    "metal:cilium": {
      version: like.cilium.version,
      routingMode: like.cilium.routingMode,
      lifecycle: like.cilium.lifecycle,
    },
    ...(bgp === undefined ? {} : { "metal:bgp": bgp }),
  };
}

function addressesFor({ controlPlanes, workers }: NewStack, { nodes }: Proposal) {
  const count = controlPlanes + workers;
  if (nodes?.endpoint === undefined || nodes.hosts.length < count) {
    throw new NothingFree(
      `the node network ${nodes?.network ?? ""} has no room for an endpoint and ${count} hosts`,
    );
  }
  return { endpoint: nodes.endpoint, addresses: nodes.hosts.slice(0, count) };
}

function hostsOf({ name, like, controlPlanes }: NewStack, addresses: readonly string[]): readonly object[] {
  const port = like.kubernetes.endpoint.interface ?? like.hosts[0]?.links[0]?.name ?? "eno1";
  return addresses.map((address, i) => placeholderHost({ name, controlPlanes, port }, i, { address }));
}

/** A host of a new stack: the control plane's first. Its MAC and BMC addresses and its disk are placeholders. */
export function placeholderHost(
  { name, controlPlanes, port }: { name: string; controlPlanes: number; port: string },
  index: number,
  own: Readonly<Record<string, unknown>>,
): object {
  const isControlPlane = index < controlPlanes;
  const host = isControlPlane ? `${name}-cp-${index + 1}` : `${name}-w-${index - controlPlanes + 1}`;
  const mac = placeholderMac(name, index);
  return {
    name: host,
    pool: isControlPlane ? "control-plane" : "workers",
    mac,
    ...own,
    // A name under .invalid never resolves (RFC 6761), so nothing is switched on by a forgotten placeholder.
    bmc: { address: `redfish-virtualmedia://${host}.invalid/redfish/v1/Systems/1` },
    links: [{ name: port, mac }],
    rootDeviceHints: { serialNumber: `REPLACE-${host}` },
  };
}

/** A locally administered address that no vendor gives away, another for each stack and host. */
export function placeholderMac(name: string, index: number): string {
  const pairs = contentHash(name).match(/../g) ?? [];
  return ["02", ...pairs, index.toString(16).padStart(2, "0")].join(":");
}

/** The same routers and peers, with an ASN of its own; passwords are never copied. */
function bgpOf(bgp: Bgp, proposal: Proposal, like: Stack): object {
  const used = new Set(bgp.instances.flatMap(({ peers }) => peers.flatMap(({ routers }) => routers)));
  const [instance] = bgp.instances;
  const localASN = needed(proposal.asn, "ASN");
  return {
    routers: bgp.routers
      .filter(({ name }) => used.has(name))
      .map(({ name, asn, addresses, port, routerId, clusterId, announceDefaultRoute }) => ({
        name,
        asn,
        addresses,
        ...(port === 179 ? {} : { port }),
        ...given("routerId", routerId),
        ...given("clusterId", clusterId),
        announceDefaultRoute,
      })),
    instances: [
      {
        name: "default",
        localASN: isInternal(bgp) ? instance?.localASN : localASN,
        peers: (instance?.peers ?? []).map(
          ({ name, routers, holdTimeSeconds, keepAliveTimeSeconds, multihop, gracefulRestartSeconds }) => ({
            name,
            routers,
            holdTimeSeconds,
            keepAliveTimeSeconds,
            multihop,
            gracefulRestartSeconds,
          }),
        ),
      },
    ],
    ...(like.bgp?.loadBalancerPools.length === 0
      ? {}
      : {
          loadBalancerPools: [
            { name: "default", blocks: [needed(proposal.loadBalancer, "block of load balancer addresses")] },
          ],
        }),
  };
}

/** iBGP: the clusters have the ASN of their route reflectors. */
function isInternal(bgp: Bgp): boolean {
  return bgp.routers.some(({ asn }) => asn === bgp.instances[0]?.localASN);
}

function needed<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new NothingFree(`no ${what} is free in the private networks`);
  return value;
}

function given<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, V>);
}

/** Comments at the keys that a person must look at. */
const comments: Readonly<Record<string, string>> = {
  "metal:network": "pods: the next free pod network of the fleet",
  "metal:bmc":
    "yours: a Secret with username and password in the namespace; or username here, and pulumi config set --secret --path 'metal:bmc.password'",
  "metal:hosts": "yours: MAC and BMC addresses and serial numbers are placeholders; the addresses are free",
  "metal:bgp": "localASN and the pool are the next free ones; the router's half: npm run metal -- router",
};
