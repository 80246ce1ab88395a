import { type Change, type Drift, renderJson } from "../../model/change/change";
import type { ChangeSide } from "../../model/change/compare";
import { isUntold } from "../../model/change/drift";
import { renderMarkdown } from "../../model/change/markdown";
import { renderTerminal } from "../../model/change/terminal";
import { compareWithBase } from "../change/compare";
import { chosenStack } from "./options";
import type { Terminal } from "./terminal";
import { type ExitCode, exitCodes } from "../exit-codes";

/** Options of `diff`. */
export interface DiffOptions {
  readonly stack?: string;
  readonly base?: string;
  readonly live?: true;
  readonly format?: "terminal" | "markdown" | "json";
  readonly json?: true;
}

/** Compares one stack and prints what its change means. Returns the exit code. */
export async function diffAction(terminal: Terminal, options: DiffOptions): Promise<ExitCode> {
  const { directory, env } = terminal;
  const stack = options.stack ?? chosenStack(terminal, undefined);
  const change = await compareWithBase({
    directory,
    env,
    stack,
    today: terminal.now().toISOString().slice(0, 10),
    ...(options.live === true ? { drift: await driftReader(directory) } : {}),
    ...(options.base === undefined ? {} : { base: options.base }),
  });
  // Neither side has the stack: list the existing ones.
  if (change === undefined) return diffAction(terminal, { ...options, stack: chosenStack(terminal, stack) });
  printChange(terminal, options, change);
  // Repeated on standard error, for callers that keep only that.
  if (change.kind === "unreadable") terminal.err(`error: ${stack}: ${change.headline.text()}\n`);
  const isUnread = change.drift !== undefined && isUntold(change.drift);
  return change.kind === "unreadable" || isUnread ? exitCodes.undecided : exitCodes.holds;
}

/** The Kubernetes client takes long to load, and only --live needs it. */
async function driftReader(directory: string): Promise<(side: ChangeSide) => Promise<Drift>> {
  const { compareWithRunning } = await import("../change/running.js");
  return (side) => compareWithRunning(side, directory);
}

/** A change in the requested format. */
export function printChange(terminal: Terminal, options: DiffOptions, change: Change): void {
  switch (options.json === true ? "json" : (options.format ?? "terminal")) {
    case "terminal":
      return terminal.out(renderTerminal(change, terminal.paint));
    case "markdown":
      return terminal.document(renderMarkdown(change));
    case "json":
      return terminal.document(renderJson(change));
  }
}
