import path from "node:path";
import { Command, CommanderError } from "commander";
import { getSystemErrorMap } from "node:util";
import { plainText, visibleArgument } from "../../model/redaction/shown";
import { affectedCommand } from "./affected";
import { bgpCommand } from "./bgp";
import { checkCommand } from "./check";
import { diagnoseCommand } from "./diagnose";
import { commentCommand } from "./comment";
import { diffCommand } from "./diff";
import { destroyPlanCommand, detachCommand } from "./teardown";
import { explainCommand, schemaCommand } from "./reference";
import { fleetCommand } from "./fleet";
import { gateCommand } from "./gate";
import { importCommand } from "./import";
import { newCommand } from "./new";
import { preflightCommand } from "./preflight";
import { rbacCommand } from "./rbac";
import { renderCommand } from "./render";
import { gitopsCommand } from "./gitops";
import { kubeconfigCommand } from "./kubeconfig";
import { recoverCommand } from "./recover";
import { scrubCommand } from "./scrub";
import { routerCommand } from "./router";
import { statusCommand } from "./status";
import { sysdumpCommand } from "./sysdump";
import { verifyCommand } from "./verify";
import { PlanRefused } from "../../model/plan/plan";
import { UnfitFile } from "../stack/project-files";
import { type Surroundings, type Terminal, Refusal, terminalOf } from "./terminal";
import { type ExitCode, exitCodes, exitCodesText } from "../exit-codes";

/**
 * Runs one command line (without `node` and the script) and returns its exit code. Bad input, and a file, disk or cluster that
 * fails, become a message and an exit code; only a defect of this program throws.
 */
export async function runMetal(argv: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  let code: ExitCode = exitCodes.holds;
  const terminal = terminalOf(surroundings, (ended) => (code = ended));
  const program = programFor(terminal);
  try {
    await program.parseAsync(argv.map(visibleArgument), { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.holds : exitCodes.undecided;
    if (error instanceof Refusal) {
      terminal.err(`error: ${error.message}\n`);
      return error.code;
    }
    const text = await failureText(error, terminal.directory);
    if (text === undefined) throw error;
    terminal.err(`error: ${text}\n`);
    return exitCodes.undecided;
  }
}

/**
 * Every command of `npm run metal -- <command>`, in the order of the help text. A command's file imports nothing heavy at
 * the top (the Kubernetes client takes 0.3 s to load): its action does.
 */
export const commands: readonly ((terminal: Terminal) => Command)[] = [
  checkCommand,
  diffCommand,
  preflightCommand,
  fleetCommand,
  newCommand,
  importCommand,
  statusCommand,
  diagnoseCommand,
  explainCommand,
  schemaCommand,
  renderCommand,
  routerCommand,
  bgpCommand,
  verifyCommand,
  recoverCommand,
  kubeconfigCommand,
  rbacCommand,
  gitopsCommand,
  sysdumpCommand,
  destroyPlanCommand,
  detachCommand,
  affectedCommand,
  gateCommand,
  commentCommand,
  scrubCommand,
];

function programFor(terminal: Terminal): Command {
  const program = new Command("npm run metal --")
    .description(
      "Checks, explains and operates the clusters of this project. The description of a command states what it changes.",
    )
    .addHelpText(
      "after",
      "\nExamples:\n  npm run metal -- check --stack capi-1\n  npm run metal -- check --help",
    );
  for (const command of commands) program.addCommand(command(terminal));
  for (const command of [program, ...program.commands.flatMap(withInner)]) {
    command
      .addHelpText("after", `\n${exitCodesText}`)
      .exitOverride()
      .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.err(text) })
      .showSuggestionAfterError()
      .helpOption("-h, --help", "show this help");
  }
  return program;
}

/** A command and those below it, such as `bgp verify`. */
function withInner(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withInner)];
}

/** What failed around a command, in one line: a file, a disk, a kubeconfig or a cluster; undefined for a defect of this program. */
async function failureText(error: unknown, directory: string): Promise<string | undefined> {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof UnfitFile || error instanceof PlanRefused) return plainText(error.message);
  const system = systemErrorText(error, directory);
  if (system !== undefined) return system;
  const [{ ApiError, UnreachableError }, { KubeconfigError }, { ClusterUnreadable }] = await Promise.all([
    import("../kubernetes/api.js"),
    import("../kubernetes/kubeconfig.js"),
    import("../live/clusters.js"),
  ]);
  const known = [ApiError, UnreachableError, KubeconfigError, ClusterUnreadable];
  return known.some((kind) => error instanceof kind) ? plainText(error.message) : undefined;
}

/** `Pulumi.x.yaml cannot be read: illegal operation on a directory (EISDIR)`; undefined for any other error. */
export function systemErrorText(error: Error, directory: string): string | undefined {
  const { code, errno, syscall, path: file } = error as NodeJS.ErrnoException;
  if (code === undefined || errno === undefined || syscall === undefined) return undefined;
  const [, reason = "failed"] = getSystemErrorMap().get(-Math.abs(errno)) ?? [];
  if (file === undefined) return plainText(`${syscall}: ${reason} (${code})`);
  const relative = path.relative(directory, file);
  const shown = relative === "" || relative.startsWith("..") ? file : relative;
  return plainText(`${shown} cannot be ${actionOf(syscall)}: ${reason} (${code})`);
}

function actionOf(syscall: string): string {
  if (/^(read|scandir|l?stat|access|readlink)$/.test(syscall)) return "read";
  if (/^(write|mkdir|mkdtemp|rename|copyfile|chmod|link|symlink|ftruncate)$/.test(syscall)) return "written";
  return /^(unlink|rm|rmdir)$/.test(syscall) ? "removed" : "opened";
}
