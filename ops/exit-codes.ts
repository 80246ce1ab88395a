import { shown } from "../model/redaction/shown";

/** The exit codes of the commands and of the lab, by name. Help texts and documents have them as {@link exitCodesText}. */
const commandCodes = {
  holds: { code: 0, meaning: "no findings" },
  findings: { code: 1, meaning: "findings" },
  undecided: { code: 2, meaning: "could not run or inconclusive" },
  confirmationRequired: { code: 4, meaning: "confirmation required" },
} as const;

/**
 * The exit codes of the programs that Pulumi starts (`ops/wait/main.ts`, `ops/upgrade/*-main.ts`, `ops/teardown/cleanup-main.ts`),
 * by name; Pulumi reports them as `exit status N`. An interrupted program ends as a shell reports its signal.
 */
const programCodes = {
  done: { code: 0, meaning: "done" },
  failed: { code: 1, meaning: "failed with a cause, or the time is over" },
  undecided: { code: 2, meaning: "could not begin, or the management cluster is the cause" },
  interrupted: { code: 130, meaning: "interrupted" },
  terminated: { code: 143, meaning: "terminated, or its output is no longer read" },
} as const;

type Table = Readonly<Record<string, { readonly code: number; readonly meaning: string }>>;

const codesOf = <Codes extends Table>(table: Codes) =>
  Object.fromEntries(Object.entries(table).map(([name, { code }]) => [name, code])) as {
    readonly [Name in keyof Codes]: Codes[Name]["code"];
  };
const textOf = (table: Table) =>
  Object.values(table)
    .map(({ code, meaning }) => `${code} ${meaning}`)
    .join(", ");

/** The exit codes of a command. */
export const exitCodes = codesOf(commandCodes);
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The exit codes of a program that Pulumi starts. */
export const programCode = codesOf(programCodes);
export type ProgramCode = (typeof programCode)[keyof typeof programCode];

/** `Exit codes: 0 no findings, 1 findings, …`. */
export const exitCodesText = `Exit codes: ${textOf(commandCodes)}`;
/** `Exit codes: 0 done, 1 failed …`. */
export const programCodesText = `Exit codes: ${textOf(programCodes)}`;

/** The report of a defect in this program: its stack, and a message that may quote any text. */
export function defectText(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `error: this is a defect of metal, please report it: ${shown(text)}\n`;
}

/**
 * Reports what fails anywhere in this process, also behind a timer or a stream, and ends it: a command or a program that could
 * not run. Node would print such an error as it is.
 */
export function reportDefects(): void {
  process.on("uncaughtException", (error) => {
    process.stderr.write(defectText(error));
    process.exit(exitCodes.undecided);
  });
}
