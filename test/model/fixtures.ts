import fs from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { readStack } from "../../model/stack/read-stack";
import type { KeyPairReader } from "../../model/checks/check";
import { keyPairReader } from "../../ops/stack/key-pairs";
import { separateSecrets } from "../../model/stack/secrets";
import { checkStack } from "../../model/checks";
import type { Stack } from "../../model/stack/schema";
import type { Finding } from "../../model/findings/finding";
import { type RawStack, rawCapi1, rawStackFile } from "./stacks";

const folder = path.join(__dirname, "../fixtures");
const shapes = path.join(__dirname, "../stacks");

/** One mistake in a stack, and everything that must be found; test/fixtures/README.md has the form. */
export interface BadStack {
  /** Below test/fixtures/bad: `net/two-ipv4-pod-networks.yaml`. */
  readonly file: string;
  /** The mistake in words: the file's first line. */
  readonly mistake: string;
  readonly base?: string;
  readonly stack?: string;
  readonly change?: Readonly<Record<string, unknown>>;
  /** `id place`, in any order. */
  readonly finds: readonly string[];
}

/** Every file of test/fixtures/bad, with its folders. */
export function badStacks(): readonly BadStack[] {
  return filesOf("bad").map((file) => {
    const text = fs.readFileSync(path.join(folder, "bad", file), "utf8");
    const fault = (words: string) =>
      new Error(`test/fixtures/bad/${file}: ${words}; test/fixtures/README.md describes the form`);
    const mistake = /^# (.+)/.exec(text)?.[1];
    if (mistake === undefined) throw fault("the first line is not a comment with the mistake");
    const { finds, ...others } = parse(text) as Partial<BadStack>;
    if (!Array.isArray(finds)) throw fault("finds is not a list");
    const unknown = Object.keys(others).find((key) => !["base", "stack", "change"].includes(key));
    if (unknown !== undefined) throw fault(`"${unknown}" is not a key`);
    return { ...others, file, mistake, finds };
  });
}

/** Names of the files in test/fixtures/good, without their ending. */
export function goodStackNames(): readonly string[] {
  return filesOf("good").map((file) => file.replace(/\.yaml$/, ""));
}

/** A raw stack of test/fixtures/good, or of test/stacks. */
export function rawGoodStack(name: string): RawStack {
  const file = path.join(folder, "good", `${name}.yaml`);
  return fs.existsSync(file) ? rawStackFile(file) : rawShape(name);
}

/** A stack of test/fixtures/good. */
export function goodStack(name: string): Stack {
  const { stack, findings } = readStack(separateSecrets(rawGoodStack(name)).raw, name);
  if (stack === undefined) throw new Error(JSON.stringify(findings, undefined, 2));
  return stack;
}

/** Names of the stack files of test/stacks. */
export function shapeNames(): readonly string[] {
  return fs
    .readdirSync(shapes)
    .flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? [])
    .sort();
}

/** A raw stack of test/stacks, with an arbitrary value for every secret. */
export function rawShape(name: string): RawStack {
  return JSON.parse(
    JSON.stringify(rawStackFile(path.join(shapes, `Pulumi.${name}.yaml`)), (_, value: unknown) =>
      typeof value === "object" && value !== null && "secure" in value ? "dGVzdA==" : value,
    ),
  ) as RawStack;
}

/** A stack of test/stacks. */
export function shapeStack(name: string): Stack {
  const { stack, findings } = readStack(separateSecrets(rawShape(name)).raw, name);
  if (stack === undefined) throw new Error(JSON.stringify(findings, undefined, 2));
  return stack;
}

/** Everything that schema and checks find in a mistake. */
export function findingsOf(bad: BadStack): readonly Finding[] {
  return findingsOfRaw(rawBadStack(bad), bad.stack ?? bad.base ?? "capi-1");
}

/** The raw stack with the mistake in it. */
export function rawBadStack({ base, change = {} }: BadStack): RawStack {
  const raw = base === undefined ? rawCapi1() : rawGoodStack(base);
  for (const [at, value] of Object.entries(change)) setAt(raw, at, value);
  return raw;
}

/** Certificates of fixtures are read as on this day. */
const keyPairs = keyPairReader(new Date("2026-11-25T00:00:00Z"));

/** Everything that schema and checks find in a raw stack. */
export function findingsOfRaw(
  raw: RawStack,
  stack: string,
  read: KeyPairReader = keyPairs,
): readonly Finding[] {
  const { raw: withoutSecrets, values } = separateSecrets(raw);
  const reading = readStack(withoutSecrets, stack);
  return [...(reading.findings ?? []), ...checkStack(reading.stack ?? reading.partial, values, read)];
}

/** Writes a value at a place such as `hosts[3].bmc.address`; null removes what is there. */
function setAt(raw: RawStack, at: string, value: unknown): void {
  const steps = at.split(/[.[\]]+/).filter((step) => step !== "");
  const last = steps.pop() ?? "";
  let here: Record<string, unknown> = raw;
  for (const step of steps) here = (here[step] ??= {}) as Record<string, unknown>;
  if (value === null) delete here[last];
  else here[last] = value;
}

function filesOf(name: string): readonly string[] {
  return fs
    .readdirSync(path.join(folder, name), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".yaml"))
    .sort();
}
