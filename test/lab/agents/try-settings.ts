import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { readManifest } from "../../../model/cilium/manifest";
import { configOf } from "../../../model/cilium/proofs/anatomy";
import { chartTools } from "../../../lab/charts/record";
import { renderChart } from "../../../lab/charts/render";
import { CiliumTrial, trialTools } from "../../../lab/nodes/trial";
import { ensureTools, showProgress } from "../../../lab/toolchain";
import { recordedCilium } from "../../../lab/toolchain/tools";
import { agentCases, ciliumOf } from "../../fixtures/agent-settings";

// The program of agents.test.ts for the inside of a network namespace: it tries the cases of one Cilium minor whose names
// are its further arguments, and prints one JSON line for each.

/** How a case ended; `chart` where the chart itself refuses the values, so that no agent ever starts. */
export type Tried =
  | Awaited<ReturnType<CiliumTrial["attempt"]>>
  | { readonly kind: "chart"; readonly lastWords: readonly string[] };

async function main(minor: string, names: readonly string[]): Promise<void> {
  const version = recordedCilium(minor);
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "metal-agents-"));
  try {
    const tools = await ensureTools([...chartTools, ...trialTools(version)], showProgress(process.stderr));
    const usual = readManifest(renderChart(tools, version).rendered);
    const trial = await CiliumTrial.start(directory, version, tools, usual.objects);
    for (const name of names) {
      const outcome = await tried(trial, name, (cilium) => renderChart(tools, version, cilium).rendered);
      process.stdout.write(`${JSON.stringify({ name, outcome })}\n`);
    }
    await trial.stop();
  } finally {
    if (process.env["METAL_KEEP_TRIALS"] === undefined)
      fs.rmSync(directory, { recursive: true, force: true });
    else process.stderr.write(`kept: ${directory}\n`);
  }
}

async function tried(
  trial: CiliumTrial,
  name: string,
  render: (cilium: ReturnType<typeof ciliumOf>) => string,
): Promise<Tried> {
  const wanted = agentCases[name];
  if (wanted === undefined) throw new Error(`no case is called ${JSON.stringify(name)}`);
  let rendered;
  try {
    rendered = render(ciliumOf(wanted));
  } catch (error) {
    return { kind: "chart", lastWords: [(error as Error).message.slice(-600)] };
  }
  const data = configOf(readManifest(rendered)) ?? {};
  const settings = Object.fromEntries(Object.entries(data).map(([key, value]) => [key, String(value)]));
  return trial.attempt(wanted.program ?? "cilium-agent", settings);
}

const [minor = "", ...names] = process.argv.slice(2);
main(minor, names).then(
  () => process.exit(),
  (error: Error) => {
    console.error(error);
    // The API server would keep this process alive.
    process.exit(1);
  },
);
