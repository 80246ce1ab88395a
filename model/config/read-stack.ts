import type { z } from "zod";
import type { Finding } from "../findings";
import { nearest } from "../nearest";
import { pathText } from "./path";
import { type Stack, stackSchema } from "./schema";

/** Either a stack that obeys the schema, or everything that the schema finds wrong with it. */
export type StackReading =
  | { readonly stack: Stack; readonly findings?: undefined }
  | { readonly stack?: undefined; readonly findings: readonly Finding[] };

/** Validates a raw configuration (secrets already taken out) and fills in the defaults; never throws. */
export function readStack(raw: unknown, stackName: string): StackReading {
  const result = stackSchema.safeParse(raw);
  if (result.success) return { stack: { ...result.data, name: result.data.name ?? stackName } };
  return { findings: result.error.issues.flatMap((issue) => findingsOf(issue, raw)) };
}

function findingsOf(issue: z.core.$ZodIssue, raw: unknown): Finding[] {
  const at = pathText(issue.path);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => unknownKey(key, issue.path));
  }
  const missing = valueAt(raw, issue.path) === undefined;
  return [
    {
      id: missing ? "config/key-present" : "config/value-accepted",
      severity: "error",
      at,
      problem: missing ? `"${at}" is missing` : lowerFirst(issue.message),
      fix: missing ? `add ${at}; docs/configuration.md says what it holds` : `correct ${at}`,
    },
  ];
}

function unknownKey(key: string, path: readonly PropertyKey[]): Finding {
  const at = pathText([...path, key]);
  const guess = nearest(key, knownKeys(path));
  return {
    id: "config/key-known",
    severity: "error",
    at,
    problem: `unknown key "${key}"`,
    fix: guess === undefined ? `remove it` : `did you mean "${guess}"?`,
    on: "key",
  };
}

/** The keys that the schema knows at a path; empty where it cannot be told. */
function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  let here: unknown = stackSchema;
  for (const step of path) {
    here = unwrap(here);
    const shape = (here as { shape?: Record<string, unknown> }).shape;
    here = typeof step === "number" ? (here as { element?: unknown }).element : shape?.[String(step)];
    if (here === undefined) return [];
  }
  return Object.keys((unwrap(here) as { shape?: object }).shape ?? {});
}

function unwrap(schema: unknown): unknown {
  let here = schema;
  for (;;) {
    const inner = (here as { def?: { innerType?: unknown } }).def?.innerType;
    if (inner === undefined) return here;
    here = inner;
  }
}

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  let here = raw;
  for (const step of path) {
    if (typeof here !== "object" || here === null) return undefined;
    here = (here as Record<PropertyKey, unknown>)[step];
  }
  return here;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
