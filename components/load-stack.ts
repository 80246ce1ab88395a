import fs from "node:fs";
import { isDeepStrictEqual } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { readStack } from "../model/stack/read-stack";
import type { Stack } from "../model/stack/schema";
import type { StackFile } from "../model/stack/source/stack-file";
import { type SecretPath, misplacedSecrets, plainTextSecret, separateSecrets } from "../model/stack/secrets";
import type { Finding } from "../model/findings/finding";
import { isError } from "../model/live/preflight/check-result";
import { prettyReport } from "../model/findings/formats";
import type { Report } from "../model/findings/report";
import { type ClusterPlan, PlanRefused } from "../model/plan/plan";
import { planCluster } from "../model/plan/plan-cluster";
import { stackReport } from "../model/checks/accept";
import { deepestNesting, openBrackets } from "../model/text/nesting";
import { keyPairReader } from "../ops/stack/key-pairs";
import { openStackFile } from "../ops/stack/read-stack-file";
import { stackFileOf } from "../ops/stack/stack-files";
import { inform, runError, warn } from "./messages";

/** A stack that has passed every check, and its secrets, which stay Pulumi secrets from here on. */
export interface LoadedStack {
  readonly stack: Stack;
  readonly plan: ClusterPlan;
  /** Throws for a path that holds no secret: that would be a mistake of the plan. */
  secret(path: SecretPath): pulumi.Output<string>;
  /** The value of a secret path, for what a program needs before anything is registered; undefined for any other text. */
  reveal(path: SecretPath): string | undefined;
}

/** Reads the stack's configuration, runs all checks and plans it. Throws one RunError with everything that is wrong. */
export function loadStack(): LoadedStack {
  const name = pulumi.getStack();
  const { raw, values } = separateSecrets(rawConfiguration());
  const source = sourceOf(name, raw);
  const reading = readStack(raw, name, (at) => source?.written(at));
  const inForm = [
    ...plainTextSecrets([...values.keys()]),
    ...(source === undefined ? [] : misplacedSecrets(source)),
    ...(reading.findings ?? []),
  ];
  const now = new Date();
  const report: Report = {
    ...stackReport(name, reading.stack ?? reading.partial, inForm, now, values, keyPairReader(now)),
    ...(source === undefined ? {} : { source }),
  };
  const { findings, accepted = [] } = report;
  if (findings.some(isError) || reading.stack === undefined) {
    throw runError(`stack ${name} is refused\n${prettyReport(report)}`);
  }
  if (findings.length > 0) void warn(prettyReport(report));
  else if (accepted.length > 0) void inform(prettyReport(report));
  return {
    stack: reading.stack,
    plan: planOf(reading.stack),
    secret: (path) => {
      const value = values.get(path);
      if (value === undefined)
        throw new Error(`the plan refers to the secret ${path}, which the stack does not contain`);
      return pulumi.secret(value);
    },
    reveal: (path) => values.get(path),
  };
}

function planOf(stack: Stack): ClusterPlan {
  try {
    return planCluster(stack);
  } catch (error) {
    throw error instanceof PlanRefused ? runError(error.message) : error;
  }
}

/**
 * The stack's file in the working directory, for the places of findings. Configuration may also come from elsewhere
 * (`--config-file`, `--config`, the Automation API): a key whose value differs from the file's has no place in it.
 */
function sourceOf(name: string, raw: unknown): StackFile | undefined {
  if (!fs.existsSync(stackFileOf(process.cwd(), name))) return undefined;
  const file = openStackFile(process.cwd(), name);
  if (file.findings.length > 0) return undefined;
  const inFile = separateSecrets(file.raw).raw as Record<string, unknown>;
  const configured = raw as Record<string, unknown>;
  const isFromFile = (at: string): boolean => {
    const key = at.split(/[.[]/, 1)[0] ?? "";
    return isDeepStrictEqual(inFile[key], configured[key]);
  };
  return {
    ...file,
    place: (at, aspect) => (isFromFile(at) ? file.place(at, aspect) : undefined),
    written: (at) => (isFromFile(at) ? file.written(at) : undefined),
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
  if (!/^([[{]|true$|false$)/.test(value) || openBrackets(value) > deepestNesting) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value; // a text that only begins like a list or a map
  }
}

function plainTextSecrets(paths: readonly SecretPath[]): readonly Finding[] {
  // The engine's own list of encrypted keys; the SDK has no public reader for it.
  const encrypted = JSON.parse(process.env["PULUMI_CONFIG_SECRET_KEYS"] ?? "[]") as readonly string[];
  return paths
    .filter((path) => !encrypted.includes(`${pulumi.getProject()}:${path.split(/[.[]/)[0] ?? ""}`))
    .map(plainTextSecret);
}
