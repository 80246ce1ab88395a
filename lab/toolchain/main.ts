import { Command, Option } from "commander";

import { allTools, ensureTools, showProgress, type ToolchainEntry, usualNames } from "./index";
import { cacheRoot, removeBuilds, staleBuilds, staleText } from "./cache";
import { imageTools } from "../nodes/image";
import { CILIUM_VERSIONS, type CiliumVersion, folderSpecs, type FolderName } from "./tools";
import type { ToolName } from "./index";
import { exitCodes } from "../../ops/exit-codes";

async function main(): Promise<void> {
  const command = new Command("tools")
    .description("prepare the lab's tools and print where each one is")
    .argument("[names...]", "tools and data folders to prepare (default: all)")
    .addOption(
      new Option("--cilium <version>", "also what a rehearsal with --cilium real runs").choices(
        CILIUM_VERSIONS,
      ),
    )
    .option("--json", "print the table as JSON")
    .option("--prune", "remove builds of other versions from the cache")
    .parse();
  try {
    const { cilium, json, prune } = command.opts<{
      cilium?: CiliumVersion;
      json?: boolean;
      prune?: boolean;
    }>();
    const named = wanted(command.args);
    const programs = cilium === undefined ? [] : imageTools(cilium);
    const names = named === "all" ? usualNames : named;
    const toolchain = await ensureTools([...names, ...programs], showProgress(process.stderr));
    process.stdout.write(
      json === true ? `${JSON.stringify(toolchain.entries, undefined, 2)}\n` : table(toolchain.entries),
    );
    tidy(prune === true);
  } catch (error) {
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = exitCodes.undecided;
  }
}

/** Prints what other versions occupy in the cache, or removes them on request: another checkout may use them. */
function tidy(prune: boolean): void {
  const stale = staleBuilds(cacheRoot(process.env), __dirname);
  const text = staleText(stale);
  if (text === undefined) return;
  if (prune) removeBuilds(stale);
  const hint = prune ? "removed" : "remove them with: npm run tools -- --prune";
  process.stderr.write(`the cache holds ${text}; ${hint}\n`);
}

function wanted(names: readonly string[]): "all" | (ToolName | FolderName)[] {
  if (names.length === 0) return "all";
  const known: readonly (ToolName | FolderName)[] = [...allTools, ...folderSpecs.keys()];
  return names.map((name) => {
    const match = known.find((each) => each === name);
    if (match === undefined)
      throw new Error(`no tool is called ${JSON.stringify(name)}: known are ${known.join(", ")}`);
    return match;
  });
}

function table(entries: readonly ToolchainEntry[]): string {
  const rows = [
    ["tool", "version", "from", "seconds", "path"],
    ...entries.map(({ name, version, from, seconds, path }) => [
      name,
      version,
      from,
      seconds.toFixed(1),
      path,
    ]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

void main();
