import fs from "node:fs";
import path from "node:path";
import { Command } from "commander";
import { type Terminal, exitCodes } from "./terminal";

/** `schema`: the JSON Schema with which editors complete and check a stack file. */
export function schemaCommand(terminal: Terminal): Command {
  return new Command("schema")
    .description("print the JSON Schema of stack files; docs/stack.schema.json is the same, for editors")
    .option("--output <file>", "write it to a file instead")
    .addHelpText(
      "after",
      "\nIn a stack file: # yaml-language-server: $schema=docs/stack.schema.json\n" +
        "Examples:\n  npm run metal -- schema\n  npm run metal -- schema --output stack.schema.json",
    )
    .action(async (options: { readonly output?: string }) => {
      const { stackFileJsonSchema } = await import("../../model/stack/json-schema.js");
      const text = `${JSON.stringify(stackFileJsonSchema(), undefined, 2)}\n`;
      if (options.output === undefined) terminal.document(text);
      else fs.writeFileSync(path.resolve(terminal.directory, options.output), text);
      terminal.end(exitCodes.holds);
    });
}
