import { z } from "zod";
import { plainVersion } from "./primitives";
import { supportedVersions } from "./supported-versions";

/** Cilium: version, datapath, and who owns it later. */
export const cilium = z.strictObject({
  version: plainVersion(supportedVersions.cilium.default)
    .default(supportedVersions.cilium.default)
    .describe("Version of Cilium, without a v."),
  installedVersion: plainVersion("1.18.4")
    .describe(
      "Version that the cluster was first installed with, where that was an older minor: its defaults stay (Helm's upgradeCompatibility).",
    )
    .optional(),
  chartDirectory: z
    .string()
    .describe("Unpacked chart to render instead of the one in the Cilium CLI.")
    .optional(),
  routingMode: z
    .enum(["native", "tunnel"])
    .default("native")
    .describe("native: the network routes pod addresses; tunnel: nodes wrap them."),
  tunnelProtocol: z
    .enum(["vxlan", "geneve"])
    .default("vxlan")
    .describe(
      "What packets are wrapped in: all between pods when routingMode is tunnel; with native routing those of the egress gateway and of direct server return by geneve.",
    ),
  autoDirectNodeRoutes: z
    .boolean()
    .default(true)
    .describe("Native routing: nodes of one L2 network install routes to each other's pods."),
  values: z.record(z.string(), z.unknown()).default({}).describe("Further Helm values; they win over ours."),
  lifecycle: z
    .enum(["bootstrap-only", "pulumi", "resource-set", "gitops"])
    .default("pulumi")
    .describe(
      "Who owns Cilium once the cluster is ready: none (bootstrap-only), this stack, the resource set, or Argo CD or Flux.",
    ),
});
