import fs from "node:fs";
import path from "node:path";
import { Command } from "commander";
import { scrubbed, secretsOf } from "../../model/redaction/text";
import { UnfitFile, readRegularFile, writeWithoutLinks } from "../stack/project-files";
import { type Terminal, Refusal } from "./terminal";
import { exitCodes } from "../exit-codes";
import { openStackFile } from "../stack/read-stack-file";
import { stackFileOf } from "../stack/stack-files";

/** `scrub`: redacts secrets in files before they are uploaded. */
export function scrubCommand(terminal: Terminal): Command {
  return new Command("scrub")
    .description("redact secrets in text files, in place, before they are uploaded; prints counts only")
    .argument("<file...>", "files to change; directories are not searched")
    .option("--stack <name>", "also redact the secret values of Pulumi.<name>.yaml")
    .addHelpText(
      "after",
      "\nRedacts values of environment variables and of stack file keys that hold secrets, and what has the form of one,\n" +
        "such as private keys, tokens, encrypted values, and passwords behind their names.\n" +
        "Examples:\n  npm run metal -- scrub preview.txt\n  npm run metal -- scrub --stack capi-1 review/*",
    )
    .action((files: readonly string[], { stack }: { readonly stack?: string }) => {
      const known = knownSecrets(terminal.directory, terminal.env, stack);
      const lines = files.map((file) => scrubFile(terminal, file, known));
      terminal.out(lines.join("\n"));
      terminal.end(exitCodes.holds);
    });
}

function scrubFile(terminal: Terminal, file: string, known: readonly string[]): string {
  const place = path.resolve(terminal.directory, file);
  const { text, removed } = scrubbed(readText(place, file), known);
  if (removed.size === 0) return `${file}: nothing to redact`;
  writeWithoutLinks(terminal.directory, file, text);
  return `${file}: ${[...removed].map(([kind, count]) => `${count} x ${kind}`).join(", ")}`;
}

/** Larger than any output that is scrubbed or commented. */
const largestBytes = 256 * 1024 * 1024;

/** Reads a text file that a command line names; no device and no pipe, which may never end. */
export function readText(place: string, shown: string): string {
  try {
    const bytes = readRegularFile(place, largestBytes);
    if (bytes.length <= largestBytes) return bytes.toString("utf8");
    throw new Refusal(`${shown} is larger than ${largestBytes / 1024 / 1024} MiB`);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    if (error instanceof UnfitFile) throw new Refusal(`${shown} is a device or a pipe, not a file`);
    throw new Refusal(`${shown} cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}

/** Values that no output may hold: of the environment, and what a stack file holds where a secret belongs. */
export function knownSecrets(
  directory: string,
  env: NodeJS.ProcessEnv,
  stack: string | undefined,
): readonly string[] {
  const inFile =
    stack === undefined || !fs.existsSync(stackFileOf(directory, stack)) ? [] : inStackFile(directory, stack);
  return [...secretsOf(env), ...inFile];
}

function inStackFile(directory: string, stack: string): readonly string[] {
  const file = openStackFile(directory, stack);
  return file.hidden.map(({ file: name, line, column, length }) =>
    (file.lines(name)[line - 1] ?? "").slice(column - 1, column - 1 + length).replace(/^(["'])(.*)\1$/, "$2"),
  );
}
