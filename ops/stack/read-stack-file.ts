import fs from "node:fs";
import path from "node:path";
import { stackReport } from "../../model/checks/accept";
import type { Finding } from "../../model/findings/finding";
import type { Report } from "../../model/findings/report";
import type { FleetStack } from "../../model/fleet/ranges";
import { planCluster } from "../../model/plan/plan-cluster";
import type { ClusterPlan } from "../../model/plan/plan";
import { readStack } from "../../model/stack/read-stack";
import type { Stack } from "../../model/stack/schema";
import { misplacedSecrets, plainTextSecret, separateSecrets } from "../../model/stack/secrets";
import { type StackFile, parseStackFile } from "../../model/stack/source/stack-file";
import { type FileText, fileTooLarge, largestFileBytes } from "../../model/stack/source/yaml-file";
import { keyPairReader } from "./key-pairs";
import { readRegularFile } from "./project-files";
import { stackFileOf, stackNames } from "./stack-files";

/** A stack file as a command sees it, without Pulumi and without any secret. */
export interface StackFileReading {
  /** Absent when the file does not have the form of a stack; `findings` then holds the reasons. */
  readonly stack?: Stack;
  /** The valid part of a malformed stack; absent when the file is not YAML. */
  readonly partial?: Stack;
  /** Knows the place of every path in the file. */
  readonly source: StackFile;
  /** What is wrong with the file's form and with its secrets; the checks have not run yet. */
  readonly findings: readonly Finding[];
}

/**
 * Reads Pulumi.<name>.yaml and the defaults of Pulumi.yaml as the program would see them. Encrypted values are never
 * decrypted: in the stack each secret is its path, exactly as in the program. Throws only when the file cannot be opened.
 */
export function readStackFile(directory: string, name: string): StackFileReading {
  const source = openStackFile(directory, name);
  if (source.findings.length > 0) return { source, findings: source.findings };
  const { raw, values } = separateSecrets(source.raw);
  const plain = [...values.keys()].filter((at) => !source.encrypted.has(at)).map(plainTextSecret);
  const ofSecrets = [...plain, ...misplacedSecrets(source)];
  const reading = readStack(raw, name, (at) => source.written(at));
  if (reading.stack === undefined) {
    return { partial: reading.partial, source, findings: [...ofSecrets, ...reading.findings] };
  }
  return { stack: reading.stack, source, findings: ofSecrets };
}

/** The places of Pulumi.<name>.yaml, and what keeps it from being read. Throws only when it cannot be opened. */
export function openStackFile(directory: string, name: string): StackFile {
  const file = stackFileOf(directory, name);
  const shown = path.basename(file);
  const bytes = readRegularFile(file, largestFileBytes);
  if (bytes.length > largestFileBytes) {
    return {
      ...parseStackFile({ name: shown, text: "" }),
      findings: [fileTooLarge(shown, fs.statSync(file).size)],
    };
  }
  return parseStackFile({ name: shown, text: bytes.toString("utf8") }, projectFile(directory));
}

function projectFile(directory: string): FileText | undefined {
  const file = path.join(directory, "Pulumi.yaml");
  if (!fs.existsSync(file)) return undefined;
  return { name: "Pulumi.yaml", text: readRegularFile(file, largestFileBytes).toString("utf8") };
}

/** A stack file with the findings about its form and of all checks. */
export type JudgedStackFile = StackFileReading & Report;

/** Reads a stack file and runs all checks on its valid part. */
export function judgeStackFile(directory: string, name: string, now: Date): JudgedStackFile {
  const reading = readStackFile(directory, name);
  const { findings, stack = reading.partial } = reading;
  return { ...reading, ...stackReport(name, stack, findings, now, undefined, keyPairReader(now)) };
}

/** Every stack of a project whose file has the form of one, and the names of the others. */
export interface FleetReading {
  readonly stacks: readonly FleetStack[];
  readonly unreadable: readonly string[];
}

/** Reads every Pulumi.<name>.yaml of a project. Keeps the stacks without their texts, because a fleet may have thousands. */
export function readFleet(directory: string): FleetReading {
  const read = stackNames(directory).map((name) => ({ name, stack: readStackFile(directory, name).stack }));
  return {
    stacks: read.flatMap(({ name, stack }) => (stack === undefined ? [] : [{ name, stack }])),
    unreadable: read.flatMap(({ name, stack }) => (stack === undefined ? [name] : [])),
  };
}

/** The plan, with the kubeconfig's path as seen from the project's directory. */
export function planFrom(directory: string, stack: Stack): ClusterPlan {
  const plan = planCluster(stack);
  const { kubeconfig } = plan.management;
  if (kubeconfig === undefined) return plan;
  return { ...plan, management: { ...plan.management, kubeconfig: path.resolve(directory, kubeconfig) } };
}
