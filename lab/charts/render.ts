import childProcess from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { renderCall } from "../../model/cilium/cli";
import { readStack } from "../../model/stack/read-stack";
import { separateSecrets } from "../../model/stack/secrets";
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
  const chartDirectory = tools.folder(`cilium-chart-${version}`);
  const searchPath = [path.dirname(tools.tool("cilium")), process.env["PATH"]].join(path.delimiter);
  const { script, environment, stdin } = renderCall({ ...plan, chartDirectory }, () => undefined);
  const rendered = childProcess.execFileSync("/bin/bash", ["--norc", "-euo", "pipefail", "-c", script], {
    input: stdin,
    encoding: "utf8",
    stdio: "pipe",
    env: { PATH: searchPath, HOME: "/nonexistent", ...environment },
  });
  return { plan, rendered };
}
