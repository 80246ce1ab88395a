import assert from "node:assert/strict";
import { secretKeys } from "../../model/stack/secrets";
import { findingText } from "../../model/findings/finding";
import type { KubernetesObject } from "../../model/kubernetes/object";
import { plainText } from "../../model/redaction/shown";
import { namesSecret } from "../../model/redaction/names";
import { redacted } from "../../model/redaction/objects";
import { scrubbed, withoutSecrets } from "../../model/redaction/text";
import { githubReport, jsonReport, prettyReport, shortReport } from "../../model/findings/formats";
import type { Report } from "../../model/findings/report";
import { shownLines } from "../../model/change/fields";
import { innocentNames, innocentTexts } from "./innocents";
import { nameless, planted, secretNames, spellings } from "./spellings";

const texts = [...secretNames.flatMap((name) => spellings.map((spelt) => spelt(name, planted))), ...nameless];

const finding = (text: string) => ({
  id: "area/rule",
  severity: "error" as const,
  at: "a",
  problem: `before ${JSON.stringify(text)}`,
  fix: text,
});
const report = (text: string): Report => ({ subject: "a", findings: [finding(text)], checksRun: 1 });
const event = (message: string): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Event",
  metadata: { name: "a", annotations: { note: message } },
  message,
});

/** Every exit of the model that shows a text from elsewhere. */
const exits: Readonly<Record<string, (text: string) => string>> = {
  "the comment and scrub": (text) => scrubbed(text).text,
  "logs and other texts of a bundle": withoutSecrets,
  "objects of a bundle": (text) => JSON.stringify(redacted(event(text))),
  "wait, status, diagnosis": plainText,
  "findings as text": (text) => findingText(finding(text)),
  "a pretty report": (text) => prettyReport(report(text)),
  "a short report": (text) => shortReport(report(text)),
  "a JSON report": (text) => jsonReport(report(text)),
  "GitHub annotations": (text) => githubReport(report(text)),
  "a diff's lines": (text) => shownLines("content", text).join("\n"),
};

describe("one redaction at every exit", () => {
  for (const [exit, show] of Object.entries(exits)) {
    it(`${exit}: no spelling of a secret is left`, () => {
      const left = texts.filter((text) => show(text).includes(planted));
      assert.deepEqual(left, []);
    });
  }

  it("names: every one of the list counts, and none that only sounds alike", () => {
    assert.deepEqual(
      [...secretNames.filter((name) => !namesSecret(name)), ...innocentNames.filter(namesSecret)],
      [],
    );
  });

  it("names: whatever the schema marks as a secret counts", () => {
    assert.ok(secretKeys().size > 0);
    assert.deepEqual(
      [...secretKeys()].filter((name) => !namesSecret(name)),
      [],
    );
  });

  it("leaves the lines, and says how much was taken out", () => {
    for (const text of texts) {
      const { text: rest, removed } = scrubbed(`before\n${text}\nafter`);
      assert.equal(rest.split("\n").length, text.split("\n").length + 2, text);
      assert.ok(rest.startsWith("before\n") && rest.endsWith("\nafter"), rest);
      assert.ok(removed.size > 0, text);
      assert.equal(scrubbed(rest).text, rest, "a second time something else is taken out");
    }
  });

  it("leaves what only looks like a secret", () => {
    for (const text of innocentTexts) assert.equal(withoutSecrets(text), text);
  });

  it("takes secrets out of objects by the name, whatever holds the value", () => {
    for (const name of secretNames) {
      const spec = {
        [name]: planted,
        map: { [name]: [planted] },
        list: [{ name, value: planted }],
        args: [`--${name}`, planted],
        deep: { [name]: { any: { deep: [planted, { er: planted }] }, name: "a" } },
        lists: { [name]: [[planted], { any: planted }] },
        before: [{ value: planted, name }],
        spelt: [
          { Key: name, Val: planted },
          { ParameterKey: name, ParameterValue: { any: planted } },
        ],
      };
      const shown = JSON.stringify(redacted({ ...event("a"), spec }));
      assert.ok(!shown.includes(planted), shown);
    }
  });
});
