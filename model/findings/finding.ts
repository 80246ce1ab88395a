import { shownOnOneLine } from "../redaction/shown";
import { counted } from "../text/wording";

/** How bad a finding is; only errors stop a run. */
export type Severity = "error" | "warning";

/** One thing that is wrong with a stack, or with what was found on a live cluster, worded for the person who has to fix it. */
export interface Finding {
  /** Stable id, `area/what-must-hold`. */
  readonly id: string;
  readonly severity: Severity;
  /** Place in the stack file, spelt `hosts[2].bmc.address`; empty when it concerns the whole. */
  readonly at: string;
  /** What is wrong, with the offending value quoted. Never holds a secret's value. */
  readonly problem: string;
  /** What to write or do instead. */
  readonly fix: string;
  /** The corrected value, where exactly one is right; as YAML. */
  readonly write?: string;
  /** Other places that play a part, with a few words each, such as "first used by cp1". */
  readonly related?: readonly { readonly at: string; readonly note: string }[];
  /** What of `at` is wrong, when it is the key and not its value. */
  readonly on?: Aspect;
  /** Where it is, when `at` cannot express it: a text that is not YAML has no paths. */
  readonly place?: Place;
}

/** What a rule finds: where, what is wrong, what to write instead; and what else is involved. */
export type RuleResult = Pick<Finding, "at" | "problem" | "fix"> &
  Partial<Pick<Finding, "write" | "related" | "on">>;

/** One thing that must hold. Its run is pure and never throws; no result is a pass. */
export interface Rule<Input extends readonly unknown[]> extends Explained {
  readonly summary: string;
  readonly severity: Severity;
  run(...input: Input): readonly RuleResult[];
}

/** Results as a rule may write them: one alone, or lists within lists. */
export type Results<T> = T | readonly Results<T>[];

/** Results as one list. */
export function listed<T extends object>(results: Results<T>): readonly T[] {
  return Array.isArray(results) ? (results as readonly Results<T>[]).flatMap(listed) : [results as T];
}

/** What a rule finds, under its id and with its severity. */
export function findingsOf<Input extends readonly unknown[]>(
  rule: Rule<Input>,
  ...input: Input
): readonly Finding[] {
  return rule.run(...input).map((result) => ({ id: rule.id, severity: rule.severity, ...result }));
}

/**
 * A finding as every text, annotation and JSON document shows it: what it quotes from a file or from an object holds no secret
 * and nothing that acts, and stays on its line.
 */
export function shownFinding<F extends Pick<Finding, "at" | "problem" | "fix">>(finding: F): F {
  return {
    ...finding,
    at: shownOnOneLine(finding.at),
    problem: shownOnOneLine(finding.problem),
    fix: shownOnOneLine(finding.fix),
  };
}

/** A finding as the terminal shows it: three lines, each standing alone. */
export function findingText(given: Finding): string {
  const finding = shownFinding(given);
  const head = [finding.severity.padEnd(8), finding.id, finding.at].filter((part) => part !== "").join(" ");
  return `${head}\n         ${finding.problem}\n         fix: ${finding.fix}`;
}

/** All findings and a count, errors first; the same text in a terminal, a log and a test. */
export function reportText(findings: readonly Finding[], subject: string): string {
  const errors = findings.filter((finding) => finding.severity === "error");
  const warnings = findings.filter((finding) => finding.severity === "warning");
  const lines = [...errors, ...warnings].map(findingText);
  return [
    ...lines,
    `${subject}: ${counted(errors.length, "error")}, ${counted(warnings.length, "warning")}`,
  ].join("\n");
}

/** Anything that a finding or a diagnosis can be: an id with a page that `explain` prints and docs/checks/ holds. */
export interface Explained {
  /** `area/what-must-hold`. */
  readonly id: string;
  /** What is checked, as one sentence in the present tense: "Every host has a distinct name." */
  readonly summary?: string;
  /** Why it matters: the effect when it does not hold, as a clause. */
  readonly why: string;
  /** What to do about it, where one answer holds for every case. */
  readonly fix?: string;
}

/** A stretch of one line in a file. Lines and columns count from 1, columns in UTF-16 units as editors do. */
export interface Place {
  /** The file as the reader knows it, such as `Pulumi.capi-1.yaml`. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** How many columns it covers; at least 1. */
  readonly length: number;
}

/** What of a key and its value a finding is about. */
export type Aspect = "key" | "value";

/** Spells a path as `hosts[2].bmc.address`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((step, i) => (typeof step === "number" ? `[${step}]` : `${i === 0 ? "" : "."}${String(step)}`))
    .join("");
}
