import childProcess from "node:child_process";
import fs from "node:fs";
import type { RouterShare } from "../../model/bgp/router/router-share";
import { sshTargetForm } from "../../model/checks/bgp/routers";
import { planCluster } from "../../model/plan/plan-cluster";
import type { SecretPath } from "../../model/stack/secrets";
import { findingLines } from "../commands/options";
import { Refusal } from "../commands/terminal";
import { readRegularFile } from "../stack/project-files";
import { judgeStackFile } from "../stack/read-stack-file";

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

/** Larger than any router's configuration or state. */
const largestBytes = 256 * 1024 * 1024;

/** A regular file's text; `-` is standard input. */
export function fileText(place: string): string {
  try {
    if (place === "-") return fs.readFileSync(0, "utf8");
    const bytes = readRegularFile(place, largestBytes);
    if (bytes.length <= largestBytes) return bytes.toString("utf8");
    throw new RouterUnreadable(`${place} is larger than ${largestBytes / 1024 / 1024} MiB`);
  } catch (error) {
    if (error instanceof RouterUnreadable) throw error;
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

/** The stacks' shares of their routers' configuration. Throws a {@link Refusal} that lists the errors of invalid stacks. */
export function routerSharesOf(
  directory: string,
  names: readonly string[],
  now: Date,
): readonly RouterShare[] {
  const readings = names.map((name) => {
    const { stack, findings } = judgeStackFile(directory, name, now);
    return { name, stack, errors: findings.filter(({ severity }) => severity === "error") };
  });
  const broken = readings.filter(({ errors, stack }) => errors.length > 0 || stack === undefined);
  if (broken.length > 0) {
    throw new Refusal(
      broken
        .map(
          ({ name, errors }) =>
            `stack ${name} is refused; npm run metal -- check --stack ${name}\n${findingLines(errors)}`,
        )
        .join(""),
    );
  }
  return readings.flatMap(({ stack }) => (stack === undefined ? [] : planCluster(stack).routers));
}

/** Pulumi did not return a secret. */
export class SecretUnavailable extends Error {}

/** Decrypts a secret of a stack file, such as `bgp.instances[0].peers[0].password`, with Pulumi. There is no prompt: the passphrase comes from the environment. */
export function decryptedSecret(
  directory: string,
  env: NodeJS.ProcessEnv,
  stack: string,
  secret: SecretPath,
): string {
  const args = ["config", "get", "--non-interactive", "--stack", stack, "--path", `metal:${secret}`];
  const run = childProcess.spawnSync("pulumi", args, {
    cwd: directory,
    env,
    encoding: "utf8",
    timeout: 60_000,
  });
  if (run.error !== undefined) {
    throw new SecretUnavailable(
      `${secret} of ${stack} is encrypted, and only Pulumi can decrypt it: ${run.error.message}`,
    );
  }
  if (run.status !== 0) {
    const words = run.stderr.trim().split("\n").at(-1) ?? "";
    throw new SecretUnavailable(`pulumi did not return ${secret} of ${stack}: ${words}`);
  }
  return run.stdout.replace(/\r?\n$/, "");
}
