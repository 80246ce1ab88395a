import childProcess from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { parse, stringify } from "yaml";
import { readStack } from "../../model/config/read-stack";
import { separateSecrets } from "../../model/config/secrets";
import { planCluster } from "../../model/plan/plan-cluster";
import type { CiliumPlan } from "../../model/plan/plan";
import type { Toolchain } from "../toolchain/index";
import type { CiliumVersion } from "../toolchain/tools";

/** A plan of capi-1's Cilium, and the bytes that the program would get for it. */
export interface ChartRender {
  readonly plan: CiliumPlan;
  readonly rendered: string;
}

/** Renders capi-1 by the toolchain's own chart of one version, with further Helm values of the stack file. */
export function renderChart(
  tools: Pick<Toolchain, "tool" | "folder">,
  version: CiliumVersion,
  values: Readonly<Record<string, unknown>> = {},
): ChartRender {
  const file = path.resolve(__dirname, "../../Pulumi.capi-1.yaml");
  const { config } = parse(fs.readFileSync(file, "utf8")) as { config: Record<string, unknown> };
  const raw = Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace("metal:", ""), value]),
  );
  const cilium = { ...(raw["cilium"] as object), version, values };
  const { stack, findings } = readStack(separateSecrets({ ...raw, bmc: undefined, cilium }).raw, "capi-1");
  if (stack === undefined) throw new Error(JSON.stringify(findings));
  const plan = planCluster(stack).cilium;
  // By folder, so that a Cilium CLI on PATH reads the same chart as the shim.
  const chart = tools.folder(`cilium-chart-${version}`);
  const rendered = childProcess.execFileSync(
    tools.tool("cilium"),
    ["install", "--dry-run", "--chart-directory", chart, "--values", "/dev/stdin"],
    {
      input: stringify(plan.values, { sortMapEntries: true }),
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: "/nonexistent", KUBECONFIG: "/dev/null" },
    },
  );
  return { plan, rendered };
}
