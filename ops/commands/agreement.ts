import readline from "node:readline/promises";
import { shownOnOneLine } from "../../model/redaction/shown";
import { Refusal, type Terminal, exitCodes } from "./terminal";

/**
 * A person's agreement to what is about to happen, line by line. Without a terminal, and without `--yes`, nobody can
 * agree: a {@link Refusal} that says what would have been asked.
 */
export async function agreed(
  terminal: Pick<Terminal, "interactive" | "err">,
  consequences: readonly string[],
  yes: boolean,
): Promise<boolean> {
  const lines = consequences.map((line) => `  ${shownOnOneLine(line)}\n`).join("");
  if (yes) {
    terminal.err(lines);
    return true;
  }
  if (!terminal.interactive) {
    throw new Refusal(
      `this needs somebody's agreement; write --yes to give it:\n${lines.trimEnd()}`,
      exitCodes.wouldHaveAsked,
    );
  }
  terminal.err(lines);
  const asking = readline.createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await asking.question("Do it? Only yes will do: ")).trim() === "yes";
  } finally {
    asking.close();
  }
}
