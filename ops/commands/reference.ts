import { Command } from "commander";
import { nearest } from "../../model/text/wording";
import { writeWithoutLinks } from "../stack/project-files";
import { type Terminal, Refusal } from "./terminal";
import { exitCodes } from "../exit-codes";

/** `explain`: the page of an id, or the list of all ids. */
export function explainCommand(terminal: Terminal): Command {
  return new Command("explain")
    .description(
      "explain a finding or cause: what it means, why it matters and how to fix it; without an id: list all",
    )
    .argument("[id]", "id of a finding or cause, such as net/cidrs-disjoint")
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

/** `schema`: the JSON Schema with which editors complete and check a stack file. */
export function schemaCommand(terminal: Terminal): Command {
  return new Command("schema")
    .description("print the JSON Schema of stack files, the same as docs/stack.schema.json")
    .option("--output <file>", "write it to a file instead of printing it")
    .addHelpText(
      "after",
      "\nFor an editor, begin a stack file with: # yaml-language-server: $schema=docs/stack.schema.json\n" +
        "Examples:\n  npm run metal -- schema\n  npm run metal -- schema --output stack.schema.json",
    )
    .action(async (options: { readonly output?: string }) => {
      const { stackFileJsonSchema } = await import("../../model/stack/json-schema.js");
      const text = `${JSON.stringify(stackFileJsonSchema(), undefined, 2)}\n`;
      if (options.output === undefined) terminal.document(text);
      else writeWithoutLinks(terminal.directory, options.output, text);
      terminal.end(exitCodes.holds);
    });
}
