import childProcess from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { parse, stringify } from "yaml";
import { readStack } from "../../model/config/read-stack";
import { separateSecrets } from "../../model/config/secrets";
import { planCluster } from "../../model/plan/plan-cluster";
import type { Toolchain } from "../toolchain/index";
import type { CiliumVersion } from "../toolchain/tools";

/** The bytes that the program gets for capi-1 with one version of Cilium, by the toolchain's own chart. */
export function renderChart(tools: Toolchain, version: CiliumVersion): string {
  const file = path.resolve(__dirname, "../../Pulumi.capi-1.yaml");
  const { config } = parse(fs.readFileSync(file, "utf8")) as { config: Record<string, unknown> };
  const raw = Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace("metal:", ""), value]),
  );
  const { stack, findings } = readStack(separateSecrets({ ...raw, bmc: undefined }).raw, "capi-1");
  if (stack === undefined) throw new Error(JSON.stringify(findings));
  // By folder, so that a Cilium CLI on PATH reads the same chart as the shim.
  const chart = tools.folder(`cilium-chart-${version}`);
  return childProcess.execFileSync(
    tools.tool("cilium"),
    ["install", "--dry-run", "--chart-directory", chart, "--values", "/dev/stdin"],
    {
      input: stringify(planCluster(stack).cilium.values, { sortMapEntries: true }),
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: "/nonexistent", KUBECONFIG: "/dev/null" },
    },
  );
}
