import * as pulumi from "@pulumi/pulumi";
import { checkStack } from "../model/checks";
import { readStack } from "../model/config/read-stack";
import type { Stack } from "../model/config/schema";
import { type SecretPath, plainTextSecret, separateSecrets } from "../model/config/secrets";
import { type Finding, reportText } from "../model/findings";

/** A stack that has passed every check, and its secrets, which stay Pulumi secrets from here on. */
export interface LoadedStack {
  readonly stack: Stack;
  /** Throws for a path that holds no secret: that would be a mistake of the plan. */
  secret(path: SecretPath): pulumi.Output<string>;
  /** The value of a secret path, for what must be told to a program before anything is registered; undefined for any other text. */
  reveal(path: SecretPath): string | undefined;
}

/** Reads the stack's configuration and runs all checks. Throws one RunError with everything that is wrong. */
export function loadStack(): LoadedStack {
  const name = pulumi.getStack();
  const { raw, values } = separateSecrets(rawConfiguration());
  const reading = readStack(raw, name);
  const findings: readonly Finding[] = [
    ...plainTextSecrets([...values.keys()]),
    ...(reading.findings ?? checkStack(reading.stack, values)),
  ];
  const errors = findings.filter((finding) => finding.severity === "error");
  if (errors.length > 0 || reading.stack === undefined) {
    throw new pulumi.RunError(
      `stack ${name} is refused; nothing was changed\n${reportText(findings, `Pulumi.${name}.yaml`)}` +
        (reading.stack === undefined ? "; the checks run once its form is right" : ""),
    );
  }
  if (findings.length > 0) void pulumi.log.warn(reportText(findings, `Pulumi.${name}.yaml`));
  return {
    stack: reading.stack,
    secret: (path) => {
      const value = values.get(path);
      if (value === undefined)
        throw new Error(`the plan asks for the secret ${path}, which the stack does not hold`);
      return pulumi.secret(value);
    },
    reveal: (path) => values.get(path),
  };
}

/** All keys of the project's configuration; Pulumi hands objects over as JSON, everything else as text. */
function rawConfiguration(): Record<string, unknown> {
  const prefix = `${pulumi.getProject()}:`;
  return Object.fromEntries(
    Object.entries(pulumi.runtime.allConfig())
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), decoded(value)]),
  );
}

function decoded(value: string): unknown {
  return /^([[{]|true$|false$)/.test(value) ? (JSON.parse(value) as unknown) : value;
}

function plainTextSecrets(paths: readonly SecretPath[]): readonly Finding[] {
  // The engine's own list of encrypted keys; the SDK has no public reader for it.
  const encrypted = JSON.parse(process.env["PULUMI_CONFIG_SECRET_KEYS"] ?? "[]") as readonly string[];
  return paths
    .filter((path) => !encrypted.includes(`${pulumi.getProject()}:${path.split(/[.[]/)[0] ?? ""}`))
    .map(plainTextSecret);
}
