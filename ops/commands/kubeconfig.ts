import fs from "node:fs";
import path from "node:path";
import { Command } from "commander";
import { refuseLinkOn } from "../stack/project-files";
import { chosenPlan, stackOption } from "./options";
import { Refusal, type Terminal } from "./terminal";
import { type ExitCode, exitCodes } from "../exit-codes";

interface KubeconfigOptions {
  readonly stack?: string;
  readonly output?: string;
  readonly force?: true;
}

/** `kubeconfig`: administrator's access to a workload cluster, as Cluster API keeps and renews it. */
export function kubeconfigCommand(terminal: Terminal): Command {
  return new Command("kubeconfig")
    .description("write the administrator's kubeconfig of a cluster into a file that only you can read")
    .addOption(stackOption())
    .option("--output <file>", "the file to write; - prints it (default: .metal/kubeconfig/STACK)")
    .option("--force", "overwrite an existing file")
    .addHelpText(
      "after",
      "\nIts certificate is valid for a year. Cluster API renews it six months before it expires; run this command again then.\n" +
        "Examples:\n  npm run metal -- kubeconfig --stack capi-1\n  npm run metal -- kubeconfig --output ~/.kube/capi-1\n" +
        "  npm run metal -- kubeconfig --output - | kubectl --kubeconfig /dev/stdin get nodes",
    )
    .action(async (options: KubeconfigOptions) => terminal.end(await kubeconfig(terminal, options)));
}

async function kubeconfig(terminal: Terminal, options: KubeconfigOptions): Promise<ExitCode> {
  const { name, plan } = chosenPlan(terminal, options.stack);
  const target = options.output ?? path.join(".metal", "kubeconfig", name);
  const file = path.resolve(terminal.directory, target);
  if (target === "-" && terminal.interactive && options.force !== true) {
    throw new Refusal(
      "this would show an administrator's key on the terminal; write --output FILE, or --force",
      exitCodes.confirmationRequired,
    );
  }
  if (target !== "-") refuseLinkOn(terminal.directory, path.dirname(target));
  const { value, ends } = await current(terminal, plan);
  if (target === "-") terminal.document(value);
  else write(file, target, value, options.force === true);
  terminal.err(target === "-" ? `${ends}\n` : `${target}: ${ends}\n`);
  if (target !== "-") terminal.out(target);
  return exitCodes.holds;
}

async function current(
  terminal: Terminal,
  plan: ConstructorParameters<typeof import("../live/clusters.js").StackClusters>[0],
): Promise<{ readonly value: string; readonly ends: string }> {
  const { ClusterUnreadable, StackClusters } = await import("../live/clusters.js");
  const { credentialsOf } = await import("../live/snapshot.js");
  await using clusters = new StackClusters(plan, terminal.directory);
  try {
    const value = await clusters.kubeconfig();
    if (value === undefined) {
      throw new Refusal(
        `Secret ${plan.namespace}/${clusters.kubeconfigSecret} does not exist: the cluster has not been created yet`,
      );
    }
    const end = credentialsOf(value, clusters.kubeconfigSecret).find(
      ({ name }) => name === "kubeconfig",
    )?.notAfter;
    return { value, ends: endText(end, terminal.now().getTime()) };
  } catch (error) {
    if (error instanceof ClusterUnreadable) throw new Refusal(error.message);
    throw error;
  }
}

function endText(end: number | undefined, now: number): string {
  if (end === undefined) return "it holds no certificate whose end could be read";
  const day = new Date(end).toISOString().slice(0, 10);
  const days = Math.floor((end - now) / 86_400_000);
  return days < 0 ? `its certificate ended on ${day}` : `its certificate ends on ${day}, in ${days} days`;
}

/** Replaces an identical file; any other file may belong to the user. A failed write keeps the existing file. */
function write(file: string, shown: string, value: string, force: boolean): void {
  if (fs.statSync(file, { throwIfNoEntry: false })?.isDirectory() === true)
    throw new Refusal(`${shown} is a folder; write --output FILE`);
  const before = fs.existsSync(file) ? fs.readFileSync(file, "utf8") : undefined;
  if (before !== undefined && before !== value && !force) {
    throw new Refusal(
      `${shown} is there and holds something else; write over it with --force`,
      exitCodes.confirmationRequired,
    );
  }
  fs.mkdirSync(path.dirname(file), { recursive: true });
  // Renamed, because a file that is there keeps its mode when it is written over, and a link would be followed.
  const partial = `${file}.${process.pid}.partial`;
  try {
    fs.writeFileSync(partial, value, { mode: 0o600, flag: "wx" });
    fs.renameSync(partial, file);
  } catch (error) {
    fs.rmSync(partial, { force: true });
    throw error;
  }
}
