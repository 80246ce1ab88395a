import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { parseAllDocuments } from "yaml";
import { hostError } from "../../model/live/readiness/host-state";
import { plainText, shown, shownOnOneLine, visible } from "../../model/redaction/shown";
import { githubReport, prettyReport, shortReport } from "../../model/findings/formats";
import type { Report } from "../../model/findings/report";
import { terminalOf } from "../../ops/commands/terminal";
import { metal, projectWith } from "../ops/command-line";

const hostile =
  "a\u001b[31m\u001b]0;title\u0007\u009b2J\r\n::error file=x::INJECTED\n ::stop-commands::tok\n##[error]x \u202eb";
/** What a terminal or a runner acts on. */
const acts =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]|^\s*::[a-z-]+[^\n]*::|##\[/m; // eslint-disable-line no-control-regex

function withHostile(value: unknown): unknown {
  if (typeof value === "string") return `${value} ${hostile}`;
  if (Array.isArray(value)) return value.map(withHostile);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withHostile(inner)]));
}

function texts(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(texts) : [];
}

const situations = path.join(__dirname, "../fixtures/situations");

describe("nothing from elsewhere acts on a terminal or on a runner", () => {
  it("every field of every recorded situation, by every way to the streams", () => {
    const written: string[] = [];
    const terminal = terminalOf(
      {
        out: (text) => written.push(text),
        err: (text) => written.push(text),
        interactive: false,
        colours: false,
        directory: ".",
        env: {},
        now: () => new Date(0),
      },
      () => undefined,
    );
    let fields = 0;
    for (const file of fs.readdirSync(situations)) {
      const data = parseAllDocuments(fs.readFileSync(path.join(situations, file), "utf8")).map(
        (document) => document.toJS() as unknown,
      );
      const planted = withHostile(data);
      terminal.json(planted);
      const all = texts(planted);
      fields += all.length;
      terminal.out(all.join("\n"));
      terminal.err(all.join("\n"));
      terminal.document(all.join("\n"));
      for (const text of all.slice(0, 20)) written.push(plainText(text), shownOnOneLine(text));
    }
    assert.ok(fields > 400, String(fields));
    for (const text of written) assert.doesNotMatch(text, acts);
  });

  it("findings, their places and reasons, each on its own lines", () => {
    const finding = { id: "a/b", severity: "error" as const, at: hostile, problem: hostile, fix: hostile };
    const report: Report = {
      subject: hostile,
      findings: [finding],
      accepted: [{ finding, reason: hostile }],
      checksRun: 1,
    };
    assert.doesNotMatch(shortReport(report), acts);
    assert.equal(shortReport(report).split("\n").length, 3);
    assert.doesNotMatch(prettyReport(report), acts);
    const [own = "", ...rest] = githubReport(report).split("\n");
    assert.match(own, /^::error title=/);
    assert.doesNotMatch(own.slice(2), acts);
    assert.doesNotMatch(rest.join("\n"), acts);
  });

  it("a BMC's message, and the arguments of a command line", async () => {
    const host = {
      apiVersion: "metal3.io/v1alpha1" as const,
      kind: "BareMetalHost" as const,
      metadata: { name: "a" },
      status: { errorType: hostile, errorMessage: `${hostile} password=PLANTED https://root:PLANTED@h` },
    };
    const { type = "", message = "" } = hostError(host) ?? {};
    assert.doesNotMatch(`${type} ${message}`, acts);
    assert.doesNotMatch(`${type} ${message}`, /\n|PLANTED/);
    const directory = projectWith({});
    for (const argv of [
      ["explain", hostile],
      ["check", "--stack", hostile],
      [hostile],
      ["check", `--${hostile}`],
    ]) {
      const { out, err } = await metal(directory, argv);
      assert.doesNotMatch(out + err, acts);
    }
  });

  it("keeps the colours that the command adds, and no others", () => {
    let written = "";
    const terminal = terminalOf(
      {
        out: (text) => (written += text),
        err: () => undefined,
        interactive: true,
        colours: true,
        directory: ".",
        env: { FORCE_COLOR: "1" },
        now: () => new Date(0),
      },
      () => undefined,
    );
    terminal.out(terminal.paint("error", "bad \u001b[32m"));
    assert.ok(written.includes("bad \\u001b[32m"), written);
  });

  it("leaves what is only text", () => {
    const text = "::1 localhost\nfd00::1 a::b\n# title\n## [link]\tü 密码\n";
    assert.equal(visible(text), text);
    assert.equal(shown(text), text);
  });
});

describe("a report is linear", () => {
  it("reads each line and the hidden places a bounded number of times for a finding", () => {
    const readsFor = (count: number): number => {
      let reads = 0;
      const lines = Array.from({ length: count }, (_, i) => `name: BAD_${i}`);
      const hidden = Array.from({ length: count }, (_, i) => {
        const place = { file: "f", column: 1, length: 1 };
        return {
          ...place,
          get line() {
            reads++;
            return i + 1;
          },
        };
      });
      const source = {
        lines: () => (reads++, lines),
        place: (at: string) => ({ file: "f", line: Number(at) + 1, column: 7, length: 3 }),
        hidden,
      };
      const findings = lines.map((_, i) => ({
        id: "a/b",
        severity: "error" as const,
        at: String(i),
        problem: "p",
        fix: "f",
      }));
      prettyReport({ subject: "a", findings, source, checksRun: 1 });
      return reads;
    };
    assert.ok(readsFor(400) <= 4.2 * readsFor(100), `${readsFor(100)} ${readsFor(400)}`);
  });
});
