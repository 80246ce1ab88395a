import { z } from "zod";
import { address, cidr, objectName, secretText, stringMap, whole } from "./primitives";

/** Cilium: version, datapath, and who owns it later. */
export const cilium = z.strictObject({
  version: z
    .string({ error: 'write the version as a quoted string, such as "1.19.5"' })
    .regex(/^\d+\.\d+\.\d+$/, {
      error: (issue) => `${JSON.stringify(issue.input)} is no version; write one such as 1.19.5`,
    })
    .default("1.19.5"),
  chartDirectory: z
    .string()
    .describe("Unpacked chart to render instead of the one in the Cilium CLI.")
    .optional(),
  routingMode: z.enum(["native", "tunnel"]).default("native"),
  tunnelProtocol: z.enum(["vxlan", "geneve"]).default("vxlan"),
  autoDirectNodeRoutes: z
    .boolean()
    .default(true)
    .describe("Native routing: nodes of one L2 network install routes to each other's pods."),
  values: z.record(z.string(), z.unknown()).default({}).describe("Further Helm values; they win over ours."),
  lifecycle: z
    .enum(["bootstrap-only", "pulumi"])
    .default("pulumi")
    .describe("Who owns Cilium once the cluster is ready; see docs/architecture.md."),
});

const advertisements = z.strictObject({
  podCIDRs: z.boolean().default(true),
  services: z
    .array(z.enum(["LoadBalancerIP", "ExternalIP", "ClusterIP"]))
    .default(["LoadBalancerIP"])
    .describe("Which service addresses are announced."),
});

const peer = z.strictObject({
  name: objectName(),
  address: address().describe("The router's address."),
  asn: whole(1, 4_294_967_295),
  holdTimeSeconds: whole(3, 65_535).default(90),
  keepAliveTimeSeconds: whole(1, 21_845).default(30),
  connectRetryTimeSeconds: whole(1, 65_535).default(5),
  multihop: whole(1, 255).default(1).describe("Hops to the router (eBGP TTL)."),
  gracefulRestartSeconds: whole(0, 4095).default(120).describe("0 turns graceful restart off."),
  port: whole(1, 65_535).default(179),
  password: secretText().describe("TCP MD5 password; encrypted in the stack file.").optional(),
  families: z
    .array(z.enum(["ipv4", "ipv6"]))
    .min(1)
    .default(["ipv4"]),
  advertise: advertisements.prefault({}),
});

const instance = z.strictObject({
  name: objectName().default("default"),
  localASN: whole(1, 4_294_967_295),
  nodeSelector: stringMap().default({}).describe("Labels of the nodes that peer; empty: all nodes."),
  peers: z.array(peer).min(1),
});

const pool = z.strictObject({
  name: objectName(),
  blocks: z.array(cidr()).min(1),
  serviceSelector: stringMap().default({}).describe("Labels of the services served; empty: all."),
});

/** BGP from the cluster's side. */
export const bgp = z.strictObject({
  instances: z.array(instance).min(1),
  loadBalancerPools: z.array(pool).default([]),
  router: z
    .strictObject({
      announceDefaultRoute: z
        .boolean()
        .default(false)
        .describe("false: the router only receives routes; true: it gives the nodes a default route."),
      maximumPrefixes: whole(1, 1_000_000).default(1000),
    })
    .prefault({})
    .describe("The router's side."),
});
