import readline from "node:readline/promises";
import { randomInt } from "node:crypto";
import { styleText } from "node:util";
import { type Paint, plain } from "../../model/findings/formats";
import { shownField } from "../../model/redaction/objects";
import { shown, shownOnOneLine, visible } from "../../model/redaction/shown";
import { withoutSecrets } from "../../model/redaction/text";
import { type ExitCode, exitCodes } from "../exit-codes";

/** Where a command line runs: its streams, which take any text as it is, and its surroundings. */
export interface Surroundings {
  /** Standard output. */
  out(text: string): void;
  /** Standard error. */
  err(text: string): void;
  /** Whether the answer goes to a person's terminal. */
  readonly interactive: boolean;
  /** Whether colours may be used in the answer. */
  readonly colours: boolean;
  /** The project's directory. */
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  now(): Date;
}

/** A command's access to its surroundings. All output of a command goes through these methods. */
export interface Terminal extends Omit<Surroundings, "colours"> {
  /** The answer: text without secrets, in which nothing from elsewhere acts on the terminal or on a CI runner. */
  out(text: string): void;
  /** Everything else, treated as the answer is: progress, errors, hints. */
  err(text: string): void;
  /** The answer as JSON, without secrets. */
  json(value: unknown, indent?: number): void;
  /** A file's content as the answer: a manifest, a router's configuration, a kubeconfig. Holds secrets where they belong. */
  document(text: string): void;
  /** Workflow commands of a report, which has escaped what is in them. */
  annotations(text: string): void;
  /** Replaces the last lines of the answer. */
  redraw(lines: number, text: string): void;
  /** Colours for the answer; none where it goes elsewhere. */
  readonly paint: Paint;
  /** The code with which the program will end. */
  end(code: ExitCode): void;
}

/** The only path from a command to the streams. */
export function terminalOf(surroundings: Surroundings, end: (code: ExitCode) => void): Terminal {
  const { out, err, colours, ...rest } = surroundings;
  const ink = new Ink();
  return {
    ...rest,
    out: (text) => out(ink.applied(text)),
    err: (text) => err(shown(text)),
    // As data first: values with a JSON form of their own have their texts there.
    json: (value, indent) => out(visible(JSON.stringify(shownField("", asData(value)), undefined, indent))),
    document: (text) => out(visible(text)),
    annotations: (text) =>
      out(text.replace(/^(::)?(.*)$/gm, (_line, command = "", rest: string) => command + visible(rest))),
    redraw: (lines, text) => out((lines === 0 ? "" : `\u001b[${lines}A\r\u001b[J`) + ink.applied(text)),
    paint: colours ? (style, text) => ink.paint(style, text) : plain,
    end,
  };
}

function asData(value: unknown): unknown {
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined ? undefined : JSON.parse(text);
}

const styles = {
  error: ["red", "bold"],
  warning: ["yellow", "bold"],
  good: ["green"],
  faint: ["dim"],
  strong: ["bold"],
} as const;

/**
 * Colours that only this run can have added: their escapes carry a number that no text from elsewhere knows, and are the only
 * ones that are left when a text is printed.
 */
class Ink {
  private readonly seal = randomInt(2 ** 40, 2 ** 47);

  paint(...[style, text]: Parameters<Paint>): string {
    return styleText([...styles[style]], visible(text)).replace(
      // eslint-disable-next-line no-control-regex
      /\u001b\[(?=[\d;]*m)/g,
      `\u001b[${this.seal};`,
    );
  }

  /** A text as it is shown; the redaction knows escapes within a line, and so finds a secret behind a painted name. */
  applied(text: string): string {
    const pieces = withoutSecrets(text).split(new RegExp(`\\u001b\\[${this.seal};([\\d;]*m)`));
    return pieces.map((piece, at) => (at % 2 === 1 ? `\u001b[${piece}` : visible(piece))).join("");
  }
}

/** Ends a command with a message for standard error instead of an answer. */
export class Refusal extends Error {
  constructor(
    message: string,
    readonly code: ExitCode = exitCodes.undecided,
  ) {
    super(message);
  }
}

/**
 * Shows the consequences of a command and asks for confirmation. Throws a {@link Refusal} that lists them where there is
 * neither a terminal nor `--yes`.
 */
export async function confirm(
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
      `confirmation required; pass --yes to proceed:\n${lines.trimEnd()}`,
      exitCodes.confirmationRequired,
    );
  }
  terminal.err(lines);
  return (await answerTo(terminal, "Proceed? Type yes to confirm: ")) === "yes";
}

/** What the operator types on the terminal, without blanks around it; empty where the input ends. */
export async function answerTo({ err }: Pick<Terminal, "err">, question: string): Promise<string> {
  err(question);
  const prompt = readline.createInterface({ input: process.stdin });
  const ended = new Promise<string>((resolve) => prompt.once("close", () => resolve("")));
  try {
    return (await Promise.race([prompt.question(""), ended])).trim();
  } finally {
    prompt.close();
  }
}
