import { addressText, parseCidr } from "../net/addresses";
import { contentHash } from "../kubernetes/content";
import type { Stack } from "../stack/schema";
import { stackFileText } from "../stack/stack-file-text";
import { supportedVersions } from "../stack/supported-versions";
import { NothingFree, placeholderHost } from "./new-stack";
import type { Proposal } from "./proposal";

/** What a new stack of a shape is made from. */
export interface ShapedStack {
  readonly name: string;
  readonly controlPlanes: number;
  readonly workers: number;
  /** The stack whose management cluster and image it shares; placeholders without one. */
  readonly like: Pick<Stack, "management" | "image" | "kubernetes"> | undefined;
  /** What is free in the fleet. */
  readonly proposal: Proposal;
}

/** A kind of site, with the stack file that it begins with. */
export interface Shape {
  readonly name: string;
  /** One line, for the help text and the question. */
  readonly what: string;
  readonly controlPlanes: number;
  readonly workers: number;
  /** The keys in which shapes differ. */
  readonly parts: (wanted: ShapedStack, site: Site) => Readonly<Record<string, unknown>>;
  /** What its owner has to look at, by key, where it is not the same for every shape. */
  readonly comments: Readonly<Record<string, string>>;
}

/** Addresses of a new site. */
interface Site {
  /** Free networks of 256 addresses each. */
  readonly networks: readonly string[];
  /** A /48 of unique local addresses (RFC 4193) that only this name has. */
  readonly local: string;
}

const port = "eno1";
const ownNetwork =
  "yours: nodes, gateway and dns are placeholders in a free network; pods: the next free pod network of the fleet";
const byArp =
  "yours: addresses of LoadBalancer services in the nodes' network, which nodes announce by ARP; keep them out of DHCP";

/** The shapes that a new stack can have, the simplest first. */
export const shapes: readonly Shape[] = [
  {
    name: "single-node",
    what: "one machine for everything, with a static address; services announced by ARP",
    controlPlanes: 1,
    workers: 0,
    parts: (wanted, { networks: [nodes = ""] }) => ({
      "metal:network": { ...network(wanted, nodes), installer: "static" },
      "metal:hosts": hosts(wanted, (i) => ({ address: at(nodes, 10 + i) })),
      "metal:loadBalancer": announcedIn(nodes),
    }),
    comments: { "metal:network": ownNetwork, "metal:loadBalancer": byArp },
  },
  {
    name: "workers",
    what: "three control plane machines and workers; the installer uses DHCP; services announced by ARP",
    controlPlanes: 3,
    workers: 2,
    parts: (wanted, { networks: [nodes = ""] }) => ({
      "metal:network": {
        ...network(wanted, nodes),
        installer: "dhcp",
        dhcpRange: { start: at(nodes, 100), end: at(nodes, 199) },
      },
      "metal:hosts": hosts(wanted, (i) => ({ address: at(nodes, 10 + i) })),
      "metal:loadBalancer": announcedIn(nodes),
    }),
    comments: {
      "metal:network": `${ownNetwork}\nyours: dhcpRange is what your DHCP server hands out`,
      "metal:loadBalancer": byArp,
    },
  },
  {
    name: "racks",
    what: "a node network per rack, each top-of-rack router a gateway and BGP peer, a load balancer as endpoint",
    controlPlanes: 3,
    workers: 3,
    parts: (wanted, { networks }) => {
      const [first = "", ...others] = networks.slice(0, rackCount);
      return {
        "metal:network": {
          ...network(wanted, first),
          installer: "static",
          racks: others.map((nodes, i) => ({
            failureDomain: `rack-${i + 2}`,
            nodes,
            gateway: at(nodes, 1),
            dns: [at(nodes, 1)],
          })),
        },
        "metal:hosts": hosts(wanted, (i) => ({
          failureDomain: `rack-${(i % rackCount) + 1}`,
          address: at(networks[i % rackCount] ?? "", 10 + Math.floor(i / rackCount)),
        })),
        "metal:cilium": { autoDirectNodeRoutes: false },
        "metal:bgp": racksBgp(wanted, [first, ...others]),
      };
    },
    comments: {
      "metal:kubernetes":
        "yours: endpoint.host is the address of your load balancer for the API servers; without one, see bgp.endpoint",
      "metal:network": `${ownNetwork}\nyours: racks, a network for each; nodes, gateway and dns above are those of rack-1`,
      "metal:bgp":
        "yours: addresses and ASNs of the routers; the pool is the next free one. The routers' half: npm run metal -- router",
    },
  },
  {
    name: "no-dhcp",
    what: "three control plane machines and workers without any DHCP: static addresses for the installer, too",
    controlPlanes: 3,
    workers: 2,
    parts: (wanted, { networks: [nodes = ""] }) => ({
      "metal:network": { ...network(wanted, nodes), installer: "static" },
      "metal:hosts": hosts(wanted, (i) => ({ address: at(nodes, 10 + i) })),
      "metal:loadBalancer": announcedIn(nodes),
    }),
    comments: {
      "metal:network": `${ownNetwork}\ninstaller: static needs BMCs that boot by virtual media`,
      "metal:loadBalancer": byArp,
    },
  },
  {
    name: "dual-stack",
    what: "IPv4 and IPv6 for nodes, pods and services, with one BGP router",
    controlPlanes: 3,
    workers: 2,
    parts: (wanted, { networks: [nodes = ""], local }) => {
      const second = `${local}:1::/64`;
      const router = `${wanted.name}-router`;
      return {
        "metal:network": {
          ...network(wanted, nodes),
          secondary: { nodes: second, gateway: at(second, 1) },
          installer: "static",
          pods: [needed(wanted.proposal.pods, "pod network"), `${local}:100::/56`],
          services: ["10.96.0.0/12", `${local}:2::/112`],
        },
        "metal:hosts": hosts(wanted, (i) => ({
          address: at(nodes, 10 + i),
          secondaryAddress: at(second, 16 + i),
        })),
        "metal:bgp": {
          routers: [{ name: router, asn: routerAsn, addresses: [at(nodes, 1), at(second, 1)] }],
          instances: [
            { name: "default", localASN: clusterAsn(wanted), peers: [{ name: router, routers: [router] }] },
          ],
          loadBalancerPools: [{ name: "default", blocks: [poolOf(wanted), `${local}:3::/112`] }],
        },
      };
    },
    comments: {
      "metal:network": `${ownNetwork}\nyours: secondary; the IPv6 networks are unique local ones`,
      "metal:bgp":
        "yours: the router's addresses and ASN; localASN and the pools are free. The router's half: npm run metal -- router",
    },
  },
];

const rackCount = 3;
const routerAsn = 65_000;
/** Hosts have the addresses from .10 on, below a DHCP range that begins at .100. */
const mostHosts = 90;

/** The text of a new stack file of a shape. Throws {@link NothingFree} when the fleet has no room for it. */
export function shapedStackFile(shape: Shape, wanted: ShapedStack): string {
  const { name, like, controlPlanes, workers, proposal } = wanted;
  const site: Site = { networks: proposal.nodeNetworks, local: localNetwork(name) };
  const racks = shape.name === "racks";
  const [nodes] = site.networks;
  const outside = site.networks[rackCount];
  if (nodes === undefined || (racks && outside === undefined)) {
    throw new NothingFree("no network of 256 addresses is free in the private networks");
  }
  if (controlPlanes + workers > (racks ? rackCount : 1) * mostHosts) {
    throw new NothingFree(`the shape ${shape.name} has no room for ${controlPlanes + workers} hosts`);
  }
  return stackFileText({
    header: [
      `${name}: a stack file of the shape ${shape.name}, written by npm run metal -- new.`,
      `Replace what is marked "yours", then: npm run metal -- check --stack ${name}, npm run rehearse -- --stack ${name}`,
    ],
    config: inOrder({
      "metal:management": {
        context: like?.management.context ?? "management",
        ...kubeconfigOf(like),
        namespace: name,
      },
      "metal:kubernetes": {
        version: like?.kubernetes.version ?? `v1.${supportedVersions.kubernetes.newest}.3`,
        endpoint: racks
          ? { host: at(outside ?? "", 9), provider: "external" }
          : { host: at(nodes, 9), provider: "kube-vip", interface: port },
      },
      "metal:image": like?.image ?? {
        url: "http://images.invalid/machine.qcow2",
        checksum: "http://images.invalid/machine.qcow2.sha256sum",
      },
      "metal:bmc": { existingSecret: `${name}-bmc` },
      "metal:controlPlane": { replicas: controlPlanes },
      ...(workers === 0 ? {} : { "metal:workers": [{ name: "workers", replicas: workers }] }),
      ...shape.parts(wanted, site),
    }),
    comments: { ...commonComments(like), ...shape.comments },
  });
}

function kubeconfigOf(like: ShapedStack["like"]): object {
  const kubeconfig = like?.management.kubeconfig;
  return kubeconfig === undefined ? {} : { kubeconfig };
}

function commonComments(like: ShapedStack["like"]): Readonly<Record<string, string>> {
  const known = like !== undefined;
  return {
    ...(known
      ? {}
      : { "metal:management": "yours: the context of the management cluster in your kubeconfig" }),
    ...(known ? {} : { "metal:image": "yours: your machine image; docs/image.md lists what it must hold" }),
    "metal:bmc":
      "yours: a Secret with username and password in the namespace; or username here, and pulumi config set --secret --path 'metal:bmc.password'",
    "metal:hosts": "yours: MAC and BMC addresses, interface names and serial numbers are placeholders",
  };
}

/** The keys in the order in which the worked example has them. */
const order =
  "management kubernetes network image bmc hosts controlPlane workers cilium bgp loadBalancer".split(" ");

function inOrder(config: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    order.map((key) => `metal:${key}`).flatMap((key) => (key in config ? [[key, config[key]]] : [])),
  );
}

function network({ proposal }: ShapedStack, nodes: string): Readonly<Record<string, unknown>> {
  return {
    nodes,
    gateway: at(nodes, 1),
    dns: [at(nodes, 1)],
    ntp: [at(nodes, 1)],
    pods: [needed(proposal.pods, "pod network")],
  };
}

function hosts(
  wanted: ShapedStack,
  own: (index: number) => Readonly<Record<string, unknown>>,
): readonly object[] {
  const { name, controlPlanes, workers } = wanted;
  return Array.from({ length: controlPlanes + workers }, (_, i) =>
    placeholderHost({ name, controlPlanes, port }, i, own(i)),
  );
}

function announcedIn(nodes: string): object {
  return {
    pools: [{ name: "default", blocks: [{ start: at(nodes, 200), stop: at(nodes, 239) }] }],
    l2Announcements: [{ name: "default", interfaces: [`^${port}$`] }],
  };
}

function racksBgp(wanted: ShapedStack, networks: readonly string[]): object {
  const racks = networks.map((nodes, i) => ({
    nodes,
    rack: `rack-${i + 1}`,
    router: `${wanted.name}-tor-${i + 1}`,
    i,
  }));
  return {
    routers: racks.map(({ nodes, router, i }) => ({
      name: router,
      asn: routerAsn + 1 + i,
      addresses: [at(nodes, 1)],
    })),
    instances: racks.map(({ rack, router }) => ({
      name: rack,
      localASN: clusterAsn(wanted),
      nodes: { failureDomains: [rack] },
      peers: [{ name: router, routers: [router], holdTimeSeconds: 9, keepAliveTimeSeconds: 3 }],
    })),
    loadBalancerPools: [{ name: "default", blocks: [poolOf(wanted)] }],
  };
}

function clusterAsn({ proposal }: ShapedStack): number {
  return needed(proposal.asn, "ASN");
}

function poolOf({ proposal }: ShapedStack): string {
  return needed(proposal.loadBalancer, "block of load balancer addresses");
}

function needed<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new NothingFree(`no ${what} is free in the private networks`);
  return value;
}

/** The nth address of a network. */
function at(cidr: string, n: number): string {
  const range = parseCidr(cidr);
  return range === undefined ? "" : addressText(range.family, range.first + BigInt(n));
}

/** The first 48 bits of unique local addresses, from the name: `fd12:3456:7800`. */
function localNetwork(name: string): string {
  const digits = contentHash(name);
  return [`fd${digits.slice(0, 2)}`, digits.slice(2, 6), `${digits.slice(6, 8)}00`]
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":");
}
