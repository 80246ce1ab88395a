import { z } from "zod";
import { plainVersion } from "./primitives";

/** Cilium: version, datapath, and who owns it later. */
export const cilium = z.strictObject({
  version: plainVersion("1.19.5").default("1.19.5"),
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
