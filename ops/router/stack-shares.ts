import childProcess from "node:child_process";
import type { RouterShare } from "../../model/bgp/router/router-share";
import { planCluster } from "../../model/plan/plan-cluster";
import type { SecretPath } from "../../model/stack/secrets";
import { findingLines } from "../commands/options";
import { Refusal } from "../commands/terminal";
import { judgeStackFile } from "../stack/read-stack-file";

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
