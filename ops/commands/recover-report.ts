import { type WaitEvent, columnsFor, eventLines } from "../../model/live/readiness/event";
import { plainText } from "../../model/redaction/shown";
import type { Refused } from "../../model/live/recover/rule";
import { findingText } from "../../model/findings/finding";
import type { ClusterPlan } from "../../model/plan/plan";
import { Refusal, type ExitCode, type Terminal, exitCodes } from "./terminal";

/** How a recovery ended, as the last line of `--json`. */
export interface Outcome {
  readonly outcome: "recovered" | "refused" | "late" | "interrupted" | "declined";
  readonly [more: string]: unknown;
}

/** Tells the steps of a recovery: lines on standard error, or JSON lines on standard output. */
export class RecoveryReport {
  private readonly startedAt = Date.now();

  constructor(
    private readonly terminal: Terminal,
    private readonly plan: ClusterPlan,
    private readonly json: boolean,
  ) {}

  /** One thing that happened. */
  tell(event: WaitEvent): void {
    if (this.json) {
      const { at, ...rest } = event;
      this.terminal.json({ time: new Date(at).toISOString(), ...rest, text: plainText(rest.text) });
      return;
    }
    const columns = columnsFor([this.plan.name, ...this.plan.readiness.hosts.map(({ name }) => name)]);
    this.terminal.err(`${eventLines(event, this.startedAt, columns).join("\n")}\n`);
  }

  /** The rules that speak against it, each with what to do; nothing was changed. */
  refused(why: readonly Refused[]): ExitCode {
    const findings = why.map((one) => ({ severity: "error" as const, ...one }));
    if (this.json) return this.end({ outcome: "refused", findings }, "", exitCodes.findings);
    this.terminal.out(`${findings.map(findingText).join("\n")}\nrefused, nothing was changed`);
    return exitCodes.findings;
  }

  /** Nothing is known, so nothing is done. */
  untold(why: string): never {
    throw new Refusal(`${why}; nothing was changed`);
  }

  /** The last word, and the exit code. */
  end(outcome: Outcome, words: string, code: ExitCode): ExitCode {
    const seconds = Math.round((Date.now() - this.startedAt) / 1000);
    if (this.json) this.terminal.json({ ...outcome, seconds });
    else this.terminal.out(words);
    return code;
  }
}
