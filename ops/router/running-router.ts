import childProcess from "node:child_process";
import fs from "node:fs";
import { sshTargetForm } from "../../model/checks/bgp/routers";

/** A router's configuration or state could not be read; the message is meant for the operator. */
export class RouterUnreadable extends Error {}

/** `show running-config` of a router, from a file or over ssh; changes nothing. */
export function runningConfiguration(place: string, env: NodeJS.ProcessEnv): string {
  if (!place.startsWith("ssh://")) return fileText(place);
  if (!sshTargetForm.test(place)) {
    throw new RouterUnreadable(`"${place}" is not an ssh address; write it as ssh://admin@192.168.254.1`);
  }
  // -- ends ssh's options; BatchMode prevents a password prompt.
  const args = [
    "-o",
    "BatchMode=yes",
    "-o",
    "ConnectTimeout=10",
    "--",
    place,
    "vtysh -c 'show running-config'",
  ];
  return answerOf("ssh", args, place, env);
}

/** The output of the operator's own command, run by the shell. */
export function commandOutput(command: string, env: NodeJS.ProcessEnv): string {
  return answerOf("/bin/bash", ["--norc", "-euo", "pipefail", "-c", command], "the router command", env);
}

/** A file's text; `-` is standard input. */
export function fileText(place: string): string {
  try {
    return fs.readFileSync(place === "-" ? 0 : place, "utf8");
  } catch (error) {
    throw new RouterUnreadable(`${place} cannot be read: ${(error as Error).message}`);
  }
}

function answerOf(command: string, args: readonly string[], what: string, env: NodeJS.ProcessEnv): string {
  const run = childProcess.spawnSync(command, [...args], {
    env,
    encoding: "utf8",
    timeout: 60_000,
    maxBuffer: 256 * 1024 * 1024,
  });
  if (run.status === 0) return run.stdout;
  const words = run.error?.message ?? run.stderr.trim().split("\n").at(-1) ?? "";
  throw new RouterUnreadable(
    `${what} did not answer: ${words === "" ? `exit code ${run.status ?? "?"}` : words}`,
  );
}
