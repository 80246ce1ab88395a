import { setTimeout as sleep } from "node:timers/promises";

/** One statement about the finished cluster, and what contradicts it. */
export interface Verdict {
  readonly statement: string;
  /** Empty when it holds. */
  readonly against: readonly string[];
  /** Why the question does not arise; it then neither holds nor fails. */
  readonly notApplicable?: string;
}

/** Cilium's agents report their sessions, and routers their tables, some seconds after the fact. */
const settleSeconds = 30;

/** Repeats a look until nothing contradicts its statement, with a limit; what it waited for is part of the verdict. */
export async function settled(
  look: () => Promise<Verdict>,
  seconds = settleSeconds,
  pauseMs = 500,
): Promise<Verdict> {
  const started = Date.now();
  for (;;) {
    const verdict = await look();
    const waited = (Date.now() - started) / 1000;
    if (verdict.against.length === 0) return verdict;
    if (waited >= seconds) {
      return { ...verdict, statement: `${verdict.statement} (waited ${Math.round(waited)} s for it)` };
    }
    await sleep(pauseMs);
  }
}
