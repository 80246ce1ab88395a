import { exampleOf } from "./example";
import { type Page, allPages, pageKinds, statement } from "./pages";

/** docs/checks.md: every id, by who finds it. */
export function checksPage(): string {
  const pages = allPages();
  const parts = (Object.keys(pageKinds) as (keyof typeof pageKinds)[]).flatMap((kind) => {
    const own = pages.filter((page) => page.kind === kind).sort((a, b) => (a.id < b.id ? -1 : 1));
    return own.length === 0
      ? []
      : [
          `## ${titles[kind]} (${own.length})`,
          "",
          `Found by ${pageKinds[kind]}.`,
          "",
          ...own.flatMap(section),
        ];
  });
  return [
    "# Checks",
    "",
    `Every id that a preview, an update, \`npm run metal -- check\` or the waiting program can show: ${pages.length} in all.`,
    "Written by `npm run docs` from the registries. `npm run metal -- explain ID` prints one page.",
    "",
    ...parts,
  ].join("\n");
}

const titles: Record<keyof typeof pageKinds, string> = {
  form: "Form",
  check: "Checks",
  proof: "Proofs",
  preflight: "Preflight",
  router: "Routers in use",
  fleet: "Fleet",
  cause: "Causes",
  verify: "Verification",
  recovery: "Recovery",
  gitops: "Hand-over to GitOps",
  destroy: "Destroying",
};

function section(page: Page): string[] {
  const example = exampleOf(page.id);
  return [
    `### ${page.id}`,
    "",
    ...notes(page),
    `Otherwise: ${page.why}.`.replace(/\.\.$/, "."),
    "",
    ...(page.fix === undefined ? [] : [`Do: ${page.fix}.`, ""]),
    ...(example === undefined
      ? []
      : [
          `For example ${example.mistake}:`,
          "",
          ...["```yaml", ...example.written.split("\n"), "```", ""],
          `> ${example.problem}; fix: ${example.fix}`,
          "",
        ]),
  ];
}

function notes({ kind, severity, acceptable }: Page): string[] {
  if (kind !== "check") return severity === "warning" ? ["A warning.", ""] : [];
  const said = [
    ...(severity === "warning" ? ["A warning."] : []),
    ...(acceptable ? [] : ["Cannot be accepted."]),
  ];
  return said.length === 0 ? [] : [said.join(" "), ""];
}

/** One page for the terminal. */
export function pageText(page: Page): string {
  const example = exampleOf(page.id);
  return [
    `${page.id}: ${statement(page)}`,
    `  found by    ${pageKinds[page.kind]}`,
    ...(page.kind === "check"
      ? [
          `  severity    ${page.severity}; ${page.acceptable ? "can be accepted with a reason (metal:accept)" : "cannot be accepted"}`,
        ]
      : []),
    `  otherwise   ${page.why}`,
    ...(page.fix === undefined ? [] : [`  fix         ${page.fix}`]),
    ...(example === undefined
      ? []
      : [
          `  for example ${example.mistake}:`,
          ...example.written.split("\n").map((line) => `                ${line}`),
          `              ${example.problem}`,
          `              fix: ${example.fix}`,
        ]),
  ].join("\n");
}
