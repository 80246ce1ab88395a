import { Command } from "commander";
import { nearest } from "../../model/text/wording";
import { Refusal, type Terminal, exitCodes } from "./terminal";

/** `explain`: the page of an id, or the list of all ids. */
export function explainCommand(terminal: Terminal): Command {
  return new Command("explain")
    .description("explain an id: what it checks, why it matters and how to fix it; without an id: list all")
    .argument("[id]", "as a finding or a diagnosis shows it, such as net/cidrs-disjoint")
    .option("--json", "print the page, or all of them, as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  npm run metal -- explain\n  npm run metal -- explain net/cidrs-disjoint",
    )
    .action(async (id: string | undefined, options: { readonly json?: true }) => {
      terminal.document(await explained(id, options.json === true));
      terminal.end(exitCodes.holds);
    });
}

async function explained(id: string | undefined, json: boolean): Promise<string> {
  const { allPages, statement } = await import("../docs/pages.js");
  const pages = allPages();
  if (id === undefined) {
    if (json) return JSON.stringify(pages, undefined, 2);
    const width = Math.max(...pages.map((page) => page.id.length));
    return pages
      .map((page) => `${page.id.padEnd(width)}  ${page.kind.padEnd(9)}  ${statement(page)}`)
      .join("\n");
  }
  const meant = pages.filter((page) => page.id === id);
  if (meant.length === 0) {
    const guess = nearest(
      id,
      pages.map((page) => page.id),
    );
    const hint = guess === undefined ? "npm run metal -- explain lists all" : `did you mean "${guess}"?`;
    throw new Refusal(`there is no id "${id}"; ${hint}`);
  }
  if (json) return JSON.stringify(meant, undefined, 2);
  const { pageText } = await import("../docs/check-pages.js");
  return meant.map(pageText).join("\n\n");
}
