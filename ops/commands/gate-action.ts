import { type Change, shownChange, shownWords } from "../../model/change/change";
import { escaped, printable, sentence } from "../../model/change/markdown-text";
import { renderMarkdown } from "../../model/change/markdown";
import { renderTerminal } from "../../model/change/terminal";
import { type Compared, type Gate, gateOf, runningFrom } from "../../model/change/review/gate";
import { compareWithBase } from "../change/compare";
import { ChangeUnknown, commitOf } from "../review/changed-files";
import { stackRecord } from "../review/stack-updates";
import { chosenStack } from "./options";
import { Refusal, type Terminal } from "./terminal";
import { type ExitCode, exitCodes } from "../exit-codes";

/** Options of `gate`. */
export interface GateOptions {
  readonly stack?: string;
  readonly approved?: string;
  readonly format?: "terminal" | "markdown" | "json";
}

/** Assesses one deployment and prints the gate. Returns the exit code. */
export async function gateAction(terminal: Terminal, options: GateOptions): Promise<ExitCode> {
  const { directory, env } = terminal;
  const stack = chosenStack(terminal, options.stack);
  const head = headOf(directory);
  const { history, state } = stackRecord(directory, env, stack);
  const running = runningFrom(history, state);
  const compared: Compared[] = [];
  // One after the other: each renders Cilium twice.
  for (const commit of running.commits) compared.push(await comparison(terminal, stack, commit));
  const gate = gateOf(stack, head, running, compared);
  const isOpen = !gate.needsApproval || gate.against === options.approved;
  printGate(terminal, options, gate, isOpen);
  return isOpen ? exitCodes.holds : exitCodes.findings;
}

function headOf(directory: string): string {
  try {
    return commitOf(directory, "HEAD");
  } catch (error) {
    if (error instanceof ChangeUnknown) throw new Refusal(error.message);
    throw error;
  }
}

async function comparison(terminal: Terminal, stack: string, commit: string): Promise<Compared> {
  const { directory, env } = terminal;
  const today = terminal.now().toISOString().slice(0, 10);
  try {
    const change: Change | undefined = await compareWithBase({
      directory,
      env,
      stack,
      today,
      base: commit,
      exact: true,
    });
    return change ?? { commit, problem: "neither side has the stack's file" };
  } catch (error) {
    if (error instanceof Refusal) return { commit, problem: error.message };
    throw error;
  }
}

/** A gate in the requested format. */
export function printGate(
  terminal: Terminal,
  { format, approved }: GateOptions,
  original: Gate,
  isOpen: boolean,
): void {
  const gate = { ...original, reasons: original.reasons.map(shownWords) };
  const summary = !gate.needsApproval
    ? `${gate.level === "none" ? "no" : gate.level} risk; no approval required`
    : isOpen
      ? "high risk; approved"
      : approved === undefined || approved === ""
        ? "high risk; approval required"
        : "high risk; the approval is for another comparison: run the whole deployment again";
  switch (format ?? "terminal") {
    case "json":
      return terminal.json({ ...gate, changes: gate.changes.map(shownChange) }, 2);
    case "markdown":
      return terminal.document(
        [
          `### ${escaped(gate.stack)}: ${summary}`,
          gate.reasons.map((reason) => `- ${sentence(reason)}`).join("\n"),
          ...gate.changes.map(renderMarkdown),
        ]
          .filter((part) => part !== "")
          .join("\n\n"),
      );
    case "terminal":
      return terminal.out(
        [
          `${gate.stack}: ${summary}`,
          ...gate.reasons.map((reason) => `  ${reason.text(printable)}`),
          ...gate.changes.map((change) => `\n${renderTerminal(change, terminal.paint)}`),
        ].join("\n"),
      );
  }
}
