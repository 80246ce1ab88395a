import { z } from "zod";
import { address, cidr, filled, objectName, stringMap } from "./primitives";

/** A label selector, empty when left out. */
export const labelSelector = () =>
  z
    .strictObject({
      matchLabels: stringMap().default({}).describe("Labels that must all be there."),
      matchExpressions: z
        .array(
          z.strictObject({
            key: filled("label key", "example.com/rack").describe("Key of the label."),
            operator: z
              .enum(["In", "NotIn", "Exists", "DoesNotExist"])
              .describe("How the label is compared."),
            values: z.array(z.string()).default([]).describe("Values for In and NotIn."),
          }),
        )
        .default([])
        .describe("Conditions on labels that must all hold."),
    })
    .prefault({});

/** Which nodes are meant, by what their pools and hosts give them; empty: all nodes. */
export const nodeSelection = () =>
  z
    .strictObject({
      pools: z.array(objectName()).default([]).describe("control-plane, or names of worker pools."),
      failureDomains: z.array(objectName()).default([]).describe("Of the hosts, such as racks."),
      labels: stringMap().default({}).describe("Labels of the nodes."),
    })
    .prefault({});

const block = z.union([
  cidr(),
  z.strictObject({
    start: address().describe("First address."),
    stop: address().describe("Last address."),
  }),
]);

/** Addresses for services of type LoadBalancer, a CiliumLoadBalancerIPPool. */
export const addressBlocks = z.strictObject({
  name: objectName().describe("Name of the pool."),
  blocks: z.array(block).min(1).describe("Networks or ranges whose addresses are handed out."),
  serviceSelector: labelSelector().describe("Labels of the services served; empty: all."),
  allowFirstLastIPs: z.boolean().default(true).describe("Also hand out a network's first and last address."),
});

const l2Announcement = z.strictObject({
  name: objectName().describe("Name of the CiliumL2AnnouncementPolicy."),
  interfaces: z
    .array(z.string().min(1))
    .default([])
    .describe("Regular expressions of the interfaces that answer, such as ^bond0$; empty: all of them."),
  nodes: nodeSelection().describe("Which nodes may answer: all of these must hold; empty: all nodes."),
  serviceSelector: labelSelector().describe("Labels of the services announced; empty: all."),
  addresses: z
    .array(z.enum(["LoadBalancerIP", "ExternalIP"]))
    .min(1)
    .default(["LoadBalancerIP"])
    .describe("Which addresses of the services."),
});

/** LoadBalancer services without BGP: their addresses, and the nodes that answer for them in their own network. */
export const loadBalancer = z.strictObject({
  pools: z
    .array(addressBlocks)
    .min(1)
    .describe("Addresses for services, free ones of a network of the nodes."),
  l2Announcements: z
    .array(l2Announcement)
    .default([])
    .describe(
      "Which nodes answer ARP and neighbour discovery for them; each service costs its node an API request every 2 seconds (k8sClientRateLimit).",
    ),
});
