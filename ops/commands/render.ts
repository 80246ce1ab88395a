import { Command } from "commander";
import { writeWithoutLinks } from "../stack/project-files";
import { chosenPlan, stackOption } from "./options";
import { Refusal, type Terminal } from "./terminal";
import { type ExitCode, exitCodes } from "../exit-codes";

interface RenderOptions {
  readonly stack?: string;
  readonly output?: string;
}

/** `render`: the Cilium manifest that the resource set will carry, exactly as the program renders and proves it. */
export function renderCommand(terminal: Terminal): Command {
  return new Command("render")
    .description("print the Cilium manifest of a stack, rendered and checked as in an update")
    .addOption(stackOption())
    .option("--output <file>", "write it to a file instead of printing it")
    .addHelpText(
      "after",
      "\nSecrets of the render are left out: they are in a Secret, with values that only Pulumi decrypts.\n" +
        "Examples:\n  npm run metal -- render --stack capi-1\n  npm run metal -- render --output cilium.yaml",
    )
    .action(async (options: RenderOptions) => terminal.end(await render(terminal, options)));
}

async function render(terminal: Terminal, options: RenderOptions): Promise<ExitCode> {
  const { name, plan } = chosenPlan(terminal, options.stack);
  const { renderHere } = await import("../cilium/render.js");
  const outcome = await renderHere(plan.cilium, terminal.directory, terminal.env);
  if (outcome.missing !== undefined) throw new Refusal(outcome.missing);
  if (outcome.refused !== undefined) {
    terminal.err(`${outcome.refused}\n`);
    return exitCodes.findings;
  }
  const { text, objects, secrets } = outcome.render;
  if (options.output === undefined) terminal.document(text);
  else writeWithoutLinks(terminal.directory, options.output, text.replace(/\n?$/, "\n"));
  const apart = secrets === undefined ? "" : `, and ${secrets.objects.length} Secrets left out`;
  terminal.err(`${name}: ${objects.length} objects, every proof holds${apart}\n`);
  return exitCodes.holds;
}
