import { Command, InvalidArgumentError, Option } from "commander";
import type { CommentOptions } from "./comment-action";
import type { Terminal } from "./terminal";
import { exitCodes } from "../exit-codes";

/** `comment`: one comment per stack in a pull request, always the newest. Changes the pull request. */
export function commentCommand(terminal: Terminal): Command {
  return new Command("comment")
    .description("keep one comment per stack in a pull request up to date; writes to GitHub")
    .addOption(new Option("--stack <name>", "the stack that the comment is about").conflicts("sweep"))
    .addOption(
      new Option(
        "--body <file>",
        "file with Markdown, such as metal diff --format markdown prints",
      ).conflicts("sweep"),
    )
    .addOption(
      new Option("--fold <title=file>", "a text file to show folded, such as a preview; may be repeated")
        .argParser(foldOf)
        .default([], "none"),
    )
    .option(
      "--sweep <file>",
      "remove the comments of stacks that this matrix (affected --json) does not name, instead of writing one",
    )
    .option("--pull <n>", "the pull request's number", pullNumber)
    .option("--repo <owner/name>", "the repository (default: $GITHUB_REPOSITORY)", repository)
    .option(
      "--author <login>",
      "author of the comments to update (default: github-actions[bot] in a workflow, else the token's own login)",
    )
    .option("--artifact-url <url>", "address of the full report", address)
    .addOption(
      new Option("--dry-run", "print the comment; needs neither a token nor a pull request").conflicts(
        "sweep",
      ),
    )
    .option("--json", "print what was done as JSON")
    .addHelpText(
      "after",
      "\nThe token comes from $GITHUB_TOKEN or $GH_TOKEN and may write pull requests; $GITHUB_API_URL names another server.\n" +
        "Secrets are redacted. A comment that is too long is shortened section by section, with a note.\n" +
        "Examples:\n  npm run metal -- comment --stack capi-1 --pull 7 --repo acme/metal --body diff.md --fold 'pulumi preview=preview.txt'\n" +
        '  npm run metal -- comment --stack capi-1 --body diff.md --dry-run >> "$GITHUB_STEP_SUMMARY"\n' +
        "  npm run metal -- comment --sweep affected.json --pull 7 --repo acme/metal",
    )
    .action(async (options: CommentOptions) => {
      const { commentAction, composed } = await import("./comment-action.js");
      if (options.dryRun === true) {
        terminal.document(composed(terminal, options).text);
        return terminal.end(exitCodes.holds);
      }
      terminal.end(await commentAction(terminal, options));
    });
}

function foldOf(text: string, before: CommentOptions["fold"]): CommentOptions["fold"] {
  const at = text.indexOf("=");
  if (at < 1 || at === text.length - 1) {
    throw new InvalidArgumentError("write a title and a file, such as 'pulumi preview=preview.txt'");
  }
  return [...before, { title: text.slice(0, at), file: text.slice(at + 1) }];
}

function pullNumber(text: string): number {
  if (/^[1-9][0-9]{0,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("write the pull request's number, such as 7");
}

function repository(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_-]*\/[A-Za-z0-9._-]+$/.test(text) && !/\/\.{1,2}$/.test(text)) return text;
  throw new InvalidArgumentError("write owner and name, such as acme/metal");
}

/** It goes into a link of the comment. */
function address(text: string): string {
  if (/^https?:\/\/[^\s()<>[\]"'`]+$/.test(text)) return text;
  throw new InvalidArgumentError(
    "write an address such as https://github.com/acme/metal/actions/runs/1/artifacts/2",
  );
}
