import { runChecks } from "../model/checks";
import { fieldChanges } from "../model/change/fields";
import { plainText, shownOnOneLine } from "../model/redaction/shown";
import { scrubbed } from "../model/redaction/text";
import { longLineReport, mistakes } from "../test/model/many-mistakes";
import { stackWith } from "../test/model/stacks";
import { metal, projectWith } from "../test/ops/command-line";
import { withBadHosts, withUnknownKeys } from "../test/ops/large-files";
import { longTexts } from "../test/redaction/long-texts";

/**
 * How the time of checks, of `metal check`, of comparisons and of the redaction grows with what they read: of a size, of twice
 * that size, and the ratio of both, which is 2 where the time is in proportion and 4 where everything is compared with everything.
 */
const rounds = 3;
/** Below it a ratio says more about the machine than about the program. */
const leastMilliseconds = 5;

/** What is measured, by the number of its entries; what is prepared before is not. */
type Case = (count: number) => () => unknown;

const cases: readonly (readonly [name: string, count: number, prepare: Case])[] = [
  ...Object.entries(mistakes).map(([kind, change]) => {
    const prepare: Case = (count) => {
      const stack = stackWith((raw) => Object.assign(raw, change(count)));
      return () => runChecks(stack);
    };
    return [`checks: ${kind}`, 1000, prepare] as const;
  }),
  ["report: findings on one long line", 2000, (count) => () => longLineReport(count)],
  ["check: hosts with a mistake", 400, (count) => check(withBadHosts(count))],
  ["check: unknown keys", 10_000, (count) => check(withUnknownKeys(count))],
  ["differences: entries that change in the same way", 20_000, differences],
  ["differences: a map below 90 levels", 20_000, deepDifferences],
  ...longTexts(1).map((_, i) => {
    const prepare: Case = (count) => {
      const text = longTexts(count)[i] ?? "";
      return () => [scrubbed(text), shownOnOneLine(text), plainText(text)];
    };
    const name = JSON.stringify((longTexts(8)[i] ?? "").slice(0, 24));
    return [`redaction: ${name} …`, 100_000, prepare] as const;
  }),
];

function check(text: string): () => unknown {
  const directory = projectWith({ "Pulumi.a.yaml": text });
  return () => metal(directory, ["check", "--format", "pretty"]);
}

function differences(count: number): () => unknown {
  const entries = (v: number) => Array.from({ length: count }, (_, i) => ({ name: `a${i}`, v }));
  const [before, after] = [entries(1), entries(2)];
  return () => fieldChanges(before, after);
}

function deepDifferences(count: number): () => unknown {
  const keys = Object.fromEntries(Array.from({ length: count }, (_, i) => [`key${i}`, i] as const));
  const nested = (last: number) =>
    Array.from({ length: 90 }).reduce<unknown>((inner) => ({ a: inner, b: 1 }), { ...keys, last });
  const [before, after] = [nested(1), nested(2)];
  return () => fieldChanges(before, after);
}

/** The least of some runs: other processes only ever add to it. */
async function milliseconds(run: () => unknown): Promise<number> {
  let least = Infinity;
  for (let round = 0; round < rounds; round++) {
    const started = performance.now();
    await run();
    least = Math.min(least, performance.now() - started);
  }
  return least;
}

async function main(): Promise<void> {
  for (const [name, count, prepare] of cases) {
    const [once, twice] = [await milliseconds(prepare(count)), await milliseconds(prepare(2 * count))];
    const ratio = twice < leastMilliseconds ? "" : `  x ${(twice / once).toFixed(1)}`;
    process.stdout.write(
      `${name.padEnd(64)} ${String(count).padStart(7)} ${once.toFixed(0).padStart(6)} ms  ` +
        `${String(2 * count).padStart(7)} ${twice.toFixed(0).padStart(6)} ms${ratio}\n`,
    );
  }
}

void main();
