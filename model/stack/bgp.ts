import { z } from "zod";
import { addressBlocks, labelSelector, nodeSelection } from "./load-balancer";
import { address, cidr, objectName, secretText, whole } from "./primitives";

const asn = () => whole(1, 4_294_967_295);
const families = () => z.array(z.enum(["ipv4", "ipv6"])).min(1);

const acceptedPrefix = z.strictObject({
  prefix: cidr().describe("The accepted network."),
  ge: whole(0, 128).describe("Shortest accepted prefix length; the prefix's own when left out.").optional(),
  le: whole(0, 128).describe("Longest accepted prefix length; ge, or the prefix's own.").optional(),
});

const router = z.strictObject({
  name: objectName().describe("Stacks that share a router give it the same name and addresses."),
  description: z.string().describe("Shown in the router's configuration.").optional(),
  asn: asn().describe("The router's ASN."),
  addresses: z
    .array(address())
    .min(1)
    .describe("Where the nodes reach it: one IPv4 address, one IPv6 address, or both."),
  port: whole(1, 65_535).default(179).describe("Where its BGP daemon listens."),
  routerId: address().describe("BGP identifier; its IPv4 address when left out.").optional(),
  routeReflector: z
    .boolean()
    .default(false)
    .describe("iBGP: the router has the cluster's own ASN and reflects between the nodes."),
  clusterId: address().describe("Route reflectors that back each other up share one.").optional(),
  announceDefaultRoute: z
    .boolean()
    .default(false)
    .describe(
      "true: the router announces a default route, which Cilium rejects: nodes take theirs from network.gateway or DHCP.",
    ),
  maximumPrefixes: whole(1, 4_294_967_295)
    .describe("Accepted routes per session before the router cuts it; as many as are possible when left out.")
    .optional(),
  acceptedPrefixes: z
    .array(acceptedPrefix)
    .default([])
    .describe(
      "Accepted besides the pod networks and load balancer pools, such as the external IPs of services.",
    ),
  listenRanges: z
    .array(cidr())
    .default([])
    .describe(
      "Networks from which any node may open a session, so that scaling out changes nothing; without one each host has its own line.",
    ),
  management: z
    .string()
    .describe("Where its configuration is read for a comparison, such as ssh://admin@192.168.254.1.")
    .optional(),
});

const attributes = () =>
  z
    .strictObject({
      communities: z
        .strictObject({
          standard: z.array(z.string()).default([]).describe("Such as 65010:100."),
          large: z.array(z.string()).default([]).describe("Such as 65010:100:1."),
          wellKnown: z
            .array(z.enum(["internet", "no-export", "no-advertise", "no-export-subconfed", "no-peer"]))
            .default([])
            .describe("Communities by their well-known names."),
        })
        .prefault({})
        .describe("BGP communities of the routes."),
      localPreference: whole(1, 4_294_967_295).describe("iBGP only.").optional(),
    })
    .prefault({});

const services = z.strictObject({
  addresses: z
    .array(z.enum(["LoadBalancerIP", "ExternalIP", "ClusterIP"]))
    .min(1)
    .default(["LoadBalancerIP"])
    .describe(
      "Which addresses of the services; ClusterIP needs bpf.lbExternalClusterIP: true in cilium.values.",
    ),
  selector: labelSelector().describe("Labels of the services; empty: all services."),
  aggregationLength: z
    .strictObject({
      ipv4: whole(0, 31).describe("Prefix length for IPv4.").optional(),
      ipv6: whole(0, 127).describe("Prefix length for IPv6.").optional(),
    })
    .prefault({})
    .describe("Announce the network of this length around each address instead of the address."),
  attributes: attributes().describe("Path attributes of these addresses."),
});

const advertise = z.strictObject({
  podCIDRs: z.boolean().default(true).describe("Each node announces its share of the pod networks."),
  services: z
    .array(services)
    .default(() => [services.parse({})])
    .describe("Which service addresses are announced; LoadBalancer addresses of all services when left out."),
  attributes: attributes().describe("Of the pod networks."),
});

const peer = z.strictObject({
  name: objectName().describe("Name of the peering."),
  routers: z
    .array(objectName())
    .min(1)
    .describe("Names of the routers; one session to each of their addresses."),
  holdTimeSeconds: whole(3, 65_535)
    .default(90)
    .describe("Seconds without a word after which the session is down."),
  keepAliveTimeSeconds: whole(1, 65_535).default(30).describe("Seconds between two signs of life."),
  connectRetryTimeSeconds: whole(1, 65_535).default(5).describe("Seconds between two attempts to connect."),
  multihop: whole(1, 255).default(1).describe("Hops to the router (eBGP TTL)."),
  gracefulRestartSeconds: whole(0, 4095).default(120).describe("0 turns graceful restart off."),
  password: secretText().describe("TCP MD5 password; encrypted in the stack file.").optional(),
  families: families()
    .describe("IPv4 routes go over the router's IPv4 address, IPv6 routes over its IPv6 address.")
    .optional(),
  advertise: advertise.prefault({}).describe("What is announced to these routers."),
});

const instance = z.strictObject({
  name: objectName().default("default").describe("Name of the instance."),
  localASN: asn().describe("ASN of the nodes."),
  localPort: whole(1, 65_535)
    .describe("Nodes listen here and the routers may dial too; left out: only the nodes dial.")
    .optional(),
  nodes: nodeSelection().describe("Which nodes peer: all of these must hold; empty: all nodes."),
  peers: z.array(peer).min(1).describe("Whom these nodes peer with."),
});

const endpointPeer = z.strictObject({
  name: objectName().describe("Name of the peering."),
  failureDomains: z
    .array(z.string().min(1))
    .default([])
    .describe(
      "Control plane machines of which racks; empty: all of them. Each belongs to exactly one entry.",
    ),
  localASN: asn().describe("ASN of these machines."),
  routers: z
    .array(objectName())
    .min(1)
    .describe("Names of the routers, which need an address of the endpoint's family and port 179."),
  holdTimeSeconds: whole(3, 65_535)
    .default(30)
    .describe("Seconds without a word after which the session is down, and the router drops the endpoint."),
  keepAliveTimeSeconds: whole(1, 65_535).default(10).describe("Seconds between two signs of life."),
  multihop: whole(1, 255).default(1).describe("Hops to the router (eBGP TTL)."),
  password: secretText()
    .describe("TCP MD5 password; encrypted in the stack file, and kept in a Secret.")
    .optional(),
});

const localAddress = z.union([
  address(),
  z.strictObject({
    router: objectName().describe("Name of the router."),
    address: address().describe("Address of the node from which it reaches that router."),
  }),
]);

const nodeOverride = z.strictObject({
  host: objectName().describe("Name of the host; follows it to whichever node it becomes."),
  routerId: address().describe("BGP identifier of the node; its IPv4 address when left out.").optional(),
  localASN: asn().describe("ASN of this node.").optional(),
  localPort: whole(1, 65_535).describe("Port on which this node listens.").optional(),
  localAddresses: z
    .array(localAddress)
    .default([])
    .describe(
      "Addresses of the node where its sessions start from: one per family, or one per router over a link of its own; its node address when left out.",
    ),
});

/** BGP, both sides: the routers, which nodes peer with them, and the addresses of LoadBalancer services. */
export const bgp = z.strictObject({
  routers: z.array(router).min(1).describe("The routers, as the nodes see them."),
  instances: z
    .array(instance)
    .default([])
    .describe("Which nodes peer with which routers; Cilium has these sessions."),
  endpoint: z
    .array(endpointPeer)
    .default([])
    .describe(
      "kube-vip announces the control plane endpoint to these routers, in place of ARP: an address outside every node network, for control planes in several racks.",
    ),
  nodeOverrides: z.array(nodeOverride).default([]).describe("What differs on single nodes."),
  loadBalancerPools: z
    .array(addressBlocks)
    .default([])
    .describe("Addresses for services of type LoadBalancer."),
  lifecycle: z
    .enum(["pulumi", "gitops"])
    .default("pulumi")
    .describe("Who writes BGP's objects: this stack, or Argo CD or Flux; passwords stay with the stack."),
});
