import recordedExamples from "./examples.json";
import fs from "node:fs";
import path from "node:path";
import { configurationPage } from "../../model/stack/configuration-page";
import { stackFileJsonSchema } from "../../model/stack/json-schema";
import { supportedVersionsTable } from "../../model/stack/supported-versions";
import { type Page, allPages, pageKinds, statement } from "./pages";

/** A mistake in a stack file and what is found; `npm run golden` records one for each id from the fixtures of the tests. */
export interface Example {
  /** The mistake in words. */
  readonly mistake: string;
  /** The lines of the stack file, as YAML. */
  readonly written: string;
  readonly problem: string;
  readonly fix: string;
}

const examples: Readonly<Record<string, Example>> = recordedExamples;

function exampleOf({ id, kind }: Page): Example | undefined {
  return kind === "check" || kind === "form" ? examples[id] : undefined;
}

/** docs/checks/: the pages by their file, one for each area with all ids of it, and an index. */
function checkPages(): Readonly<Record<string, () => string>> {
  const pages = allPages();
  const areas = [...new Set(pages.map(areaOf))].sort();
  return {
    "docs/checks/README.md": () => index(pages, areas),
    ...Object.fromEntries(
      areas.map((area) => [
        `docs/checks/${area}.md`,
        () => areaPage(area, sorted(pages.filter((page) => areaOf(page) === area))),
      ]),
    ),
  };
}

function areaOf({ id }: Page): string {
  return id.split("/")[0] ?? id;
}

function sorted(pages: readonly Page[]): readonly Page[] {
  return [...pages].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function index(pages: readonly Page[], areas: readonly string[]): string {
  const rows = areas.map((area) => {
    const own = pages.filter((page) => areaOf(page) === area);
    const kinds = [...new Set(own.map(({ kind }) => pageKinds[kind].replace(/[:,].*/, "")))];
    return `| [${area}](${area}.md) | ${own.length} | ${kinds.join("; ")} |`;
  });
  return [
    "# Findings",
    "",
    `All ${pages.length} ids that a preview, an update, \`npm run metal -- check\` or the waiting program can show, by area.`,
    "`npm run metal -- explain ID` prints the page of one id; `npm run docs` writes these pages from the code.",
    "",
    "| area | ids | found by |",
    "|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

function areaPage(area: string, pages: readonly Page[]): string {
  return [`# ${area}`, "", "[All areas](README.md)", "", ...pages.flatMap(section)].join("\n");
}

function section(page: Page): string[] {
  const example = exampleOf(page);
  return [
    `## ${page.id}`,
    "",
    ...(page.summary === undefined ? [] : [page.summary, ""]),
    `Why it matters: ${sentence(page.why)}`,
    "",
    ...(page.fix === undefined ? [] : [`Fix: ${sentence(page.fix)}`, ""]),
    `${notes(page)}.`,
    "",
    ...(example === undefined
      ? []
      : [
          `Example: ${example.mistake}.`,
          "",
          ...["```yaml", ...example.written.split("\n"), "```", ""],
          `> ${example.problem}; fix: ${example.fix}`,
          "",
        ]),
  ];
}

function sentence(text: string): string {
  return text.endsWith(".") ? text : `${text}.`;
}

/** `Warning; found by a check of the stack; cannot be accepted`. */
function notes({ kind, severity, acceptable }: Page): string {
  return [
    severity === "warning" ? "Warning" : "Error",
    `found by ${pageKinds[kind]}`,
    ...(kind === "check" && !acceptable ? ["cannot be accepted"] : []),
  ].join("; ");
}

/** One page for the terminal. */
export function pageText(page: Page): string {
  const example = exampleOf(page);
  const { kind, severity, acceptable, why, fix } = page;
  return [
    `${page.id}: ${statement(page)}`,
    `  found by       ${pageKinds[kind]}`,
    ...(kind === "check"
      ? [
          `  severity       ${severity}; ${acceptable ? "can be accepted with a reason (metal:accept)" : "cannot be accepted"}`,
        ]
      : []),
    `  why it matters ${why}`,
    ...(fix === undefined ? [] : [`  fix            ${fix}`]),
    ...(example === undefined
      ? []
      : [
          `  example        ${example.mistake}:`,
          ...example.written.split("\n").map((line) => `                   ${line}`),
          `                 ${example.problem}`,
          `                 fix: ${example.fix}`,
        ]),
  ].join("\n");
}

/** Every generated document, by its path in the project. */
export const documents: Readonly<Record<string, () => string>> = {
  "docs/stack.schema.json": () => `${JSON.stringify(stackFileJsonSchema(), undefined, 2)}\n`,
  "docs/configuration.md": configurationPage,
  ...checkPages(),
  "README.md": readme,
};

const versionsSection = /(<!-- supported versions[^>]*-->\n)[^]*?(<!-- end of supported versions -->)/;

/** The README as it is, with the table of supported versions written again. */
function readme(): string {
  const text = fs.readFileSync(path.join(__dirname, "../../README.md"), "utf8");
  return text.replace(
    versionsSection,
    (_, begin: string, end: string) => `${begin}\n${supportedVersionsTable()}\n\n${end}`,
  );
}
