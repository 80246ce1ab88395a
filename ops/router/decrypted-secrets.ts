import childProcess from "node:child_process";
import type { SecretPath } from "../../model/stack/secrets";

/** A secret that Pulumi did not hand out. */
export class SecretUnavailable extends Error {}

/** Asks Pulumi for a secret of a stack file, `bgp.instances[0].peers[0].password`. It never asks: the passphrase comes from the environment. */
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
    throw new SecretUnavailable(`pulumi did not give ${secret} of ${stack}: ${words}`);
  }
  return run.stdout.replace(/\r?\n$/, "");
}
