import assert from "node:assert";
import fc from "fast-check";
import { stringify } from "yaml";
import { checkStack } from "../../model/checks";
import { readStack } from "../../model/stack/read-stack";
import { separateSecrets } from "../../model/stack/secrets";
import { parseStackFile } from "../../model/stack/source/stack-file";
import type { Finding } from "../../model/findings/finding";
import { githubReport, jsonReport, prettyReport, shortReport } from "../../model/findings/formats";
import { exampleText } from "../ops/command-line";

/** From a text to its findings, and to every format of a report about them. */
function findingsIn(text: string): readonly Finding[] {
  const source = parseStackFile({ name: "Pulumi.a.yaml", text });
  const findings = source.findings.length > 0 ? source.findings : formAndChecks(source.raw, source.written);
  for (const format of [prettyReport, shortReport, jsonReport, githubReport]) {
    assert.ok(format({ subject: "a", findings, source }).length > 0);
  }
  return findings;
}

function formAndChecks(raw: unknown, written: (at: string) => string | undefined): readonly Finding[] {
  const reading = readStack(separateSecrets(raw).raw, "a", written);
  return [...(reading.findings ?? []), ...checkStack(reading.stack ?? reading.partial)];
}

/** An example that is quickly read, with a part of everything. */
const small = exampleText
  .replace(/^#.*\n/gm, "")
  .replace(/ {4}- name: capi-1-cp-2[^]*?(?= {4}- name: capi-1-w-1)/, "");

const smallRaw = parseStackFile({ name: "Pulumi.a.yaml", text: small }).raw;

const keys = fc.constantFrom(
  "hosts",
  "bgp",
  "network",
  "cilium",
  "kubernetes",
  "bmc",
  "accept",
  "__proto__",
  "constructor",
);

describe("any input whatsoever gives findings or a stack", () => {
  it("any text", () =>
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => void findingsIn(text))));

  it("any text below config:", () =>
    fc.assert(
      fc.property(
        keys,
        fc.string({ unit: "grapheme", maxLength: 100 }),
        (key, text) => void findingsIn(`config:\n  metal:${key}: ${text}`),
      ),
    ));

  it("any JSON value", () =>
    fc.assert(fc.property(fc.jsonValue(), (value) => void formAndChecks(value, () => undefined))));

  it("any JSON value in place of a first key, in a file", () =>
    fc.assert(
      fc.property(keys, fc.jsonValue({ maxDepth: 5 }), (key, value) => {
        findingsIn(stringify({ config: { [`metal:${key}`]: value } }));
      }),
      { numRuns: 50 },
    ));

  it("the example with any stretch replaced by any text", () =>
    fc.assert(
      fc.property(fc.nat(small.length), fc.nat(40), fc.string({ maxLength: 12 }), (start, length, text) => {
        findingsIn(small.slice(0, start) + text + small.slice(start + length));
      }),
      { numRuns: 60 },
    ));

  it("the example with any value replaced by any JSON value", () =>
    fc.assert(
      fc.property(fc.nat(), fc.jsonValue({ maxDepth: 2 }), (which, value) => {
        const raw = structuredClone(smallRaw);
        const places = holders(raw);
        const [holder, key] = places[which % places.length] ?? [raw, "hosts"];
        (holder as Record<string, unknown>)[key] = value;
        formAndChecks(raw, () => undefined);
      }),
      { numRuns: 100 },
    ));
});

/** Every map and list of a value, with each of its keys. */
function holders(value: unknown): (readonly [object, string])[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [[value, key] as const, ...holders(inner)]);
}
