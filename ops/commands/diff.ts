import { Command, Option } from "commander";
import { stackOption } from "./options";
import type { DiffOptions } from "./diff-action";
import type { Terminal } from "./terminal";

/** `diff`: the effects of a change of a stack, before it is applied. Changes nothing. */
export function diffCommand(terminal: Terminal): Command {
  return new Command("diff")
    .description("show the effects of an edit to a stack: machines, disks, Cilium, BGP, routers, checks")
    .addOption(stackOption())
    .option("--base <ref>", "compare with the merge base of this branch and this ref (default: main)")
    .option("--live", "also compare the base with the running clusters")
    .addOption(
      new Option("--format <format>", "output format; default: terminal").choices([
        "terminal",
        "markdown",
        "json",
      ]),
    )
    .addOption(new Option("--json", "the same as --format json").conflicts("format"))
    .addHelpText(
      "after",
      "\nNeeds no cluster and no secret. Encrypted values are compared without decryption and never shown. With the Cilium\n" +
        "CLI on PATH both manifests are rendered; without it Helm values are compared, with a note.\n" +
        "Exits with 0 when the comparison was possible, also if it shows changes, and 2 when it was not (no base, a file that is\n" +
        "not a stack, or --live and no cluster answers). The risk is .level in --json: none, low, medium or high.\n" +
        "\nExamples:\n  npm run metal -- diff --stack capi-1\n  npm run metal -- diff --base HEAD~1 --live\n" +
        "  npm run --silent metal -- diff --stack capi-1 --format markdown > comment.md",
    )
    .action(async (options: DiffOptions) => {
      const { diffAction } = await import("./diff-action.js");
      terminal.end(await diffAction(terminal, options));
    });
}
