import childProcess from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import type { Toolchain } from "../toolchain";
import type { CiliumVersion } from "../toolchain/tools";
import { renderCall } from "../../model/cilium/cli";
import type { KeyNode, KeyTree, KnownKeys } from "../../model/cilium/keys/judge-values";
import { planCluster } from "../../model/plan/plan-cluster";
import type { CiliumPlan } from "../../model/plan/plan";
import { readStack } from "../../model/stack/read-stack";
import { separateSecrets } from "../../model/stack/secrets";

/** A plan of capi-1's Cilium, and the bytes that the program would get for it. */
export interface ChartRender {
  readonly plan: CiliumPlan;
  readonly rendered: string;
}

/** Renders capi-1 by the toolchain's own chart of one version, with other settings below `cilium` of the stack file. */
export function renderChart(
  tools: Pick<Toolchain, "tool" | "folder">,
  version: CiliumVersion,
  settings: Readonly<Record<string, unknown>> = {},
): ChartRender {
  const file = path.resolve(__dirname, "../../Pulumi.capi-1.yaml");
  const { config } = parse(fs.readFileSync(file, "utf8")) as { config: Record<string, unknown> };
  const raw = Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace("metal:", ""), value]),
  );
  const cilium = { ...(raw["cilium"] as object), version, ...settings };
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

/** The text of model/cilium/keys/recorded-keys.json: what all minors share, and what each has besides; one line per key. */
export function knownKeysFile(trees: ReadonlyMap<string, KeyTree>): string {
  const [first, ...others] = [...trees.values()];
  const shared = others.reduce((common, tree) => intersection(common, tree), first ?? {});
  const minors = Object.fromEntries(
    [...trees].map(([minor, tree]) => [minor, difference(tree, shared)] as const),
  );
  const file: KnownKeys = { shared, minors };
  const lines = (tree: KeyTree) =>
    Object.entries(tree)
      .map(([key, node]) => `  ${JSON.stringify(key)}: ${JSON.stringify(node)}`)
      .join(",\n");
  const own = Object.entries(file.minors).map(([minor, tree]) => `"${minor}": {\n${lines(tree)}\n}`);
  return `{\n"shared": {\n${lines(file.shared)}\n},\n"minors": {\n${own.join(",\n")}\n}\n}\n`;
}

function intersection(a: KeyTree, b: KeyTree): KeyTree {
  return Object.fromEntries(
    Object.entries(a).flatMap(([key, node]): [string, KeyNode][] => {
      const other = b[key];
      if (typeof node === "object" && typeof other === "object") return [[key, intersection(node, other)]];
      return node === other ? [[key, node]] : [];
    }),
  );
}

function difference(tree: KeyTree, shared: KeyTree): KeyTree {
  return Object.fromEntries(
    Object.entries(tree).flatMap(([key, node]): [string, KeyNode][] => {
      const other = shared[key];
      if (typeof node !== "object" || typeof other !== "object") return node === other ? [] : [[key, node]];
      const rest = difference(node, other);
      return Object.keys(rest).length === 0 ? [] : [[key, rest]];
    }),
  );
}
