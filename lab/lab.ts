import { spawnSync } from "node:child_process";
import fs from "node:fs";
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
function shell(rehearsal: RunningRehearsal, command: readonly string[], node?: string): number {
  const { insidePid, userNamespace, directory } = rehearsal;
  const environment = path.join(directory, "shell.env");
  const project = path.join(directory, "project");
  const program = command.length === 0 ? 'exec "${SHELL:-/bin/sh}"' : 'exec "$@"';
  // Paths are arguments of the script: a quote in one would end a text of it.
  const script = `cd "$1"; if [ -e "$2" ]; then set -a; . "$2"; set +a; fi; shift 2; ${program}`;
  const call =
    node === undefined
      ? ["sh", "-c", script, "sh", project, environment, ...command]
      : onNode(directory, node, command);
  const flags = userNamespace ? ["--user", "--preserve-credentials"] : [];
  const argv = ["--target", String(insidePid), ...flags, "--mount", "--net", "--pid"];
  const done = spawnSync("nsenter", [...argv, ...call], { stdio: "inherit" });
  if (done.error !== undefined) throw new Error("nsenter (util-linux) is not installed; install it");
  return done.status ?? 1;
}

/** The command that runs another one, or a shell, in the namespaces of a node, with Cilium's programs on its path. */
function onNode(directory: string, node: string, command: readonly string[]): readonly string[] {
  const folder = path.join(directory, "nodes");
  const nodes = fs.existsSync(folder) ? fs.readdirSync(folder).sort() : [];
  const file = path.join(folder, node, "pid");
  if (!fs.existsSync(file)) {
    const there = nodes.length === 0 ? "there are none without --cilium real" : nodes.join(", ");
    throw new Error(`no node is called ${JSON.stringify(node)}: ${there}`);
  }
  const images = fs
    .readdirSync(path.join(directory, "images"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `/opt/node/${name}/usr/bin`);
  const searchPath = [...images, "/usr/local/sbin", "/usr/sbin", "/usr/bin"].join(":");
  const namespaces = ["--mount", "--net", "--pid", "--uts", "--ipc", "--cgroup"];
  const environment = [
    "/usr/bin/env",
    "-i",
    "HOME=/root",
    `TERM=${process.env["TERM"] ?? "dumb"}`,
    `PATH=${searchPath}`,
  ];
  const target = ["nsenter", "--target", fs.readFileSync(file, "utf8").trim(), ...namespaces, "--"];
  return [...target, ...environment, ...(command.length === 0 ? ["bash"] : command)];
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
    .option("--node <name>", "on a node of a rehearsal with --cilium real, for instance: cilium-dbg status")
    .argument("[command...]", "a command and its options, instead of the shell")
    .passThroughOptions()
    .action((command: string[], options: { stack?: string; node?: string }) => {
      process.exitCode = shell(theOne(options.stack), command, options.node);
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
