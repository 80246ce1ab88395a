import { spawnSync } from "node:child_process";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import { shown } from "../model/redaction/shown";
import { type RunningRehearsal, runningRehearsals } from "./rehearsal/workspace";
import { exitCodes } from "../ops/exit-codes";

/** The rehearsal that is meant; without a name there must be exactly one. */
function theOne(stack: string | undefined): RunningRehearsal {
  const running = runningRehearsals();
  const meant = running.filter((each) => stack === undefined || each.stack === stack);
  const [found, second] = meant;
  if (found === undefined) throw new Error("no rehearsal runs; start one with: npm run rehearse -- --keep");
  if (second !== undefined) {
    throw new Error(
      `several rehearsals run (${meant.map((each) => each.stack).join(", ")}): pass --stack NAME`,
    );
  }
  return found;
}

/** A shell, or one command, in the lab's namespaces, with the engine's environment. */
function shell(rehearsal: RunningRehearsal, command: readonly string[]): number {
  const { insidePid, userNamespace, directory } = rehearsal;
  const environment = path.join(directory, "shell.env");
  const project = path.join(directory, "project");
  const program = command.length === 0 ? 'exec "${SHELL:-/bin/sh}"' : 'exec "$@"';
  // Paths are arguments of the script: a quote in one would end a text of it.
  const script = `cd "$1"; if [ -e "$2" ]; then set -a; . "$2"; set +a; fi; shift 2; ${program}`;
  const flags = userNamespace ? ["--user", "--preserve-credentials"] : [];
  const argv = ["--target", String(insidePid), ...flags, "--mount", "--net", "--pid"];
  const call = ["sh", "-c", script, "sh", project, environment, ...command];
  const done = spawnSync("nsenter", [...argv, ...call], { stdio: "inherit" });
  if (done.error !== undefined) throw new Error("nsenter (util-linux) is not installed; install it");
  return done.status ?? 1;
}

function status(): number {
  const running = runningRehearsals();
  if (running.length === 0) process.stdout.write("no rehearsal runs\n");
  for (const { stack, startedAt, directory, insidePid } of running) {
    process.stdout.write(`${stack}  since ${startedAt}  process ${insidePid}  ${directory}\n`);
  }
  return 0;
}

async function stop(rehearsal: RunningRehearsal): Promise<number> {
  process.kill(rehearsal.outerPid, "SIGTERM");
  for (let waited = 0; waited < 30; waited += 0.2) {
    if (!runningRehearsals().some((each) => each.outerPid === rehearsal.outerPid)) return 0;
    await sleep(200);
  }
  throw new Error(`process ${rehearsal.outerPid} has not ended after 30 s`);
}

async function main(): Promise<void> {
  const program = new Command("lab").description("inspect a running rehearsal").enablePositionalOptions();
  const named = (name: string) =>
    program.command(name).option("--stack <name>", "the rehearsal, when several run");
  named("shell")
    .description("a shell, or one command, in the lab's network")
    .argument("[command...]", "a command and its options, instead of the shell")
    .passThroughOptions()
    .action((command: string[], options: { stack?: string }) => {
      process.exitCode = shell(theOne(options.stack), command);
    });
  program
    .command("status")
    .description("what runs")
    .action(() => {
      process.exitCode = status();
    });
  named("stop")
    .description("end a rehearsal")
    .action(async (options: { stack?: string }) => {
      process.exitCode = await stop(theOne(options.stack));
    });
  await program.parseAsync();
}

main().catch((error: Error) => {
  process.stderr.write(`error: ${shown(error.message)}\n`);
  process.exitCode = exitCodes.undecided;
});
