import fs from "node:fs";
import path from "node:path";
import { Command } from "commander";
import { plain } from "../../model/findings/formats";
import type { Diagnosis } from "../../model/live/diagnosis/diagnose";
import type { Snapshot } from "../../model/live/snapshot";
import type { ClusterPlan } from "../../model/plan/plan";
import { shownField } from "../../model/redaction/objects";
import type { StackClusters } from "../live/clusters";
import { refuseLinkOn } from "../stack/project-files";
import { chosenPlan, stackOption } from "./options";
import { Refusal, type Terminal } from "./terminal";
import { type ExitCode, exitCodes } from "../exit-codes";

/** Options of `diagnose`. */
interface DiagnoseOptions {
  readonly stack?: string;
  readonly json?: true;
  readonly bundle?: string;
}

/** `diagnose`: why a cluster is not ready. Changes nothing. */
export function diagnoseCommand(terminal: Terminal): Command {
  return new Command("diagnose")
    .description(
      "show why a cluster is not ready: the first cause, its evidence, the next command; changes nothing",
    )
    .addOption(stackOption())
    .option("--json", "print JSON")
    .option("--bundle <file>", "also write objects, events and logs, without secrets, to this .tar.gz")
    .addHelpText(
      "after",
      "\nExits with 0 when the cluster is ready, 1 when it is not, 2 when that cannot be determined.\n" +
        "Examples:\n  npm run metal -- diagnose --stack capi-1\n  npm run metal -- diagnose --bundle capi-1.tar.gz\n" +
        "  npm run metal -- explain hosts/none-matches    (the page of a cause)",
    )
    .action(async (options: DiagnoseOptions) => {
      terminal.end(await diagnoseAction(terminal, options));
    });
}

/** Reads both clusters, names the first cause, and packs what was read where that is wanted. Returns the exit code. */
async function diagnoseAction(terminal: Terminal, options: DiagnoseOptions): Promise<ExitCode> {
  const { plan } = chosenPlan(terminal, options.stack);
  const file = options.bundle === undefined ? undefined : path.resolve(terminal.directory, options.bundle);
  if (file !== undefined) refuseLinkOn(terminal.directory, path.dirname(file));
  if (file !== undefined && fs.existsSync(file)) {
    throw new Refusal(`--bundle ${options.bundle ?? ""} already exists; choose another name`);
  }
  const [{ StackClusters }, { readSnapshot }, { withAgentLogs }, { diagnose, diagnosisLines }] =
    await Promise.all([
      import("../live/clusters.js"),
      import("../live/snapshot.js"),
      import("../live/session-evidence.js"),
      import("../../model/live/diagnosis/diagnose.js"),
    ]);
  await using clusters = new StackClusters(plan, terminal.directory);
  await refuseUnusable(clusters);
  const read = await readSnapshot(plan, clusters, () => terminal.now().getTime());
  const snapshot = await withAgentLogs(read, clusters);
  const found = diagnose(plan, snapshot, terminal.now().getTime());
  if (options.json === true) terminal.json(found, 2);
  else terminal.out(diagnosisLines(found, terminal.paint).join("\n"));
  if (file !== undefined) await writeBundle(terminal, file, plan, snapshot, found, clusters);
  return exitCodeOf(found);
}

/** An unusable kubeconfig is a problem of this machine and gives no information about the cluster. */
async function refuseUnusable(clusters: StackClusters): Promise<void> {
  const { KubeconfigError } = await import("../kubernetes/kubeconfig.js");
  await clusters.management().catch((error: Error) => {
    if (error.cause instanceof KubeconfigError) throw new Refusal(error.message);
  });
}

function exitCodeOf({ verdict }: Diagnosis): ExitCode {
  if (verdict === "healthy") return exitCodes.holds;
  return verdict === "unknown" ? exitCodes.undecided : exitCodes.findings;
}

async function writeBundle(
  terminal: Terminal,
  file: string,
  plan: ClusterPlan,
  snapshot: Snapshot,
  found: Diagnosis,
  clusters: StackClusters,
): Promise<void> {
  const [{ bundleOf }, { diagnosisLines }, { statusLines }, { statusTree }] = await Promise.all([
    import("../bundle/bundle.js"),
    import("../../model/live/diagnosis/diagnose.js"),
    import("../../model/live/status/lines.js"),
    import("../../model/live/status/tree.js"),
  ]);
  const now = terminal.now();
  const style = { drawn: false, paint: plain, width: Infinity };
  const status = statusLines(statusTree(plan, snapshot, now.getTime()), now.getTime(), style);
  const texts = [
    { name: "diagnosis.txt", text: diagnosisLines(found, plain).join("\n") },
    { name: "diagnosis.json", text: JSON.stringify(shownField("", found), undefined, 2) },
    { name: "status.txt", text: status.join("\n") },
  ];
  const { bytes, files, notes } = await bundleOf({
    snapshot,
    clusters,
    texts,
    directory: terminal.directory,
    now,
  });
  fs.writeFileSync(file, bytes, { mode: 0o600, flag: "wx" });
  const size = `${Math.ceil(bytes.length / 1024)} KiB`;
  terminal.err(
    `wrote ${file}: ${files} files, ${size}, secrets redacted${notes.length === 0 ? "" : `; ${notes.length} notes in its README.txt`}\n`,
  );
}
