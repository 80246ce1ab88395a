import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { parseAllDocuments } from "yaml";
import { hostError } from "../../model/live/readiness/host-state";
import { plainText, shown, shownOnOneLine, visible } from "../../model/redaction/shown";
import { githubReport, prettyReport, shortReport } from "../../model/findings/formats";
import type { Report } from "../../model/findings/report";
import { terminalOf } from "../../ops/commands/terminal";
import { exampleText, metal, projectWith } from "../ops/command-line";

/** Everything that is white space to a reader: .NET trims it all, and takes some of it for the end of a line. */
const blanks = [
  ...["\t", "\v", "\f", " ", "\u0085", "\u00a0", "\u1680", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"],
  ...Array.from({ length: 11 }, (_, i) => String.fromCharCode(0x2000 + i)),
];
/** What shows nothing: characters of format, of no width, of direction, fillers. */
const nothing = [
  "\u00ad",
  "\u034f",
  "\u061c",
  "\u115f",
  "\u180e",
  "\u200b",
  "\u200d",
  "\u200f",
  "\u202e",
].concat([
  "\u2060",
  "\u2064",
  "\u2066",
  "\u206f",
  "\u3164",
  "\ufeff",
  "\uffa0",
  "\ufff9",
  "\u{e0041}",
  "\ud800",
]);
/** Commands of GitHub (new and old runners), Azure Pipelines, TeamCity and GitLab. */
const runnerCommands = [
  "::set-output name=a::b",
  "::error file=x::INJ",
  "::stop-commands::t",
  "::add-mask::a",
  "##[set-env name=a]b",
  "##[ERROR]x",
  "##vso[task.setvariable variable=a]b",
  "##VSO[a]b",
  "##teamcity[a]",
  "section_start:1560896352:a\r\u001b[0Kb",
  "\u001b[0Ksection_end:1:a\r\u001b[0K",
];
/** Whether a runner would take a line for a command; GitLab reads a section anywhere. */
function isCommand(line: string): boolean {
  const start = line.replace(/^[\s\u0085\u180e\u200b\ufeff]+/, "");
  return /^::[A-Za-z-]+.*?::/.test(start) || /##(?:vso|teamcity)?\[|section_(?:start|end):\d+:/i.test(line);
}
/** Lines as any reader may see them. */
const linesOf = (text: string) => text.split(/\r\n|[\n\v\f\r\u0085\u2028\u2029]/);

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

  it("white space of any kind in front of a command, and what shows nothing", () => {
    for (const command of runnerCommands)
      for (const blank of ["", ...blanks, ...nothing])
        for (const end of ["\n", "\r", "\r\n", "\v", "\f", "\u0085", "\u2028", "\u2029"]) {
          const text = `a${end}${blank}${blank}${command}${end}${command}`;
          for (const show of [visible, shown, shownOnOneLine, plainText]) {
            const found = linesOf(show(text)).filter(isCommand);
            assert.deepEqual(found, [], JSON.stringify([text, show(text)]));
          }
          assert.ok(!linesOf(shownOnOneLine(text))[1], JSON.stringify(shownOnOneLine(text)));
          for (const character of nothing) assert.ok(!visible(text).includes(character));
        }
  });

  it("a file's name in the answer of affected, on one line for each stack", async () => {
    const directory = projectWith({ "Pulumi.a.yaml": exampleText });
    const git = (...args: readonly string[]) =>
      execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...args], {
        cwd: directory,
      });
    git("init", "-q");
    git("add", "-f", "Pulumi.a.yaml");
    git("commit", "-qm", "base");
    for (const [i, command] of runnerCommands.entries()) {
      const blank = blanks[i % blanks.length] ?? "";
      fs.writeFileSync(path.join(directory, `code-${i}\n${blank}${command.replaceAll("/", "")}.ts`), "");
      const { out, err, code } = await metal(directory, ["affected", "--base", "HEAD"]);
      assert.equal(code, 0, err);
      assert.deepEqual(linesOf(out + err).filter(isCommand), []);
      assert.equal(out.trimEnd().split("\n").length, 1, out);
      assert.match(out, /code-0/);
      const { out: matrix } = await metal(directory, ["affected", "--base", "HEAD", "--json"]);
      const { include } = JSON.parse(matrix) as { include: readonly { reason: string }[] };
      assert.deepEqual(
        include.flatMap(({ reason }) => linesOf(reason).slice(1)),
        [],
      );
    }
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
