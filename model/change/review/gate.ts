import { type Change, type Level, worst } from "../change";
import { type Words, plainWords, words } from "../formatted-text";

/** One entry of `pulumi stack history --json`, as far as it is looked at. */
export interface StackUpdate {
  readonly kind: string;
  readonly result: string;
  /** ISO 8601, to the second. */
  readonly endTime?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** What the stack's state (`pulumi stack export`) states about itself. */
export interface StateSummary {
  /** When the state was last written, ISO 8601. */
  readonly written: string;
  readonly resources: number;
  /** Operations that were started and whose outcome was never recorded. */
  readonly pending: number;
}

/** Which commits a cluster may be as: every one whose update may have left something in it. */
export interface Running {
  /** The last one that was brought up completely, first, then those whose updates failed since. Empty: nothing runs. */
  readonly commits: readonly string[];
  /** Why it is unknown what runs; empty when it is known. */
  readonly unknown: readonly Words[];
  /** When the newest update ended that bears on it. */
  readonly since?: string;
}

/** Whether a deployment of the checked out commit needs a person's approval. */
export interface Gate {
  readonly stack: string;
  readonly level: Level;
  readonly needsApproval: boolean;
  /** Identifies what an approval is for: the commits that the change was compared with. */
  readonly against: string;
  readonly reasons: readonly Words[];
  /** The comparison with each commit that may run. */
  readonly changes: readonly Change[];
}

/** A comparison of the checked out commit with one that may run, or why there is none. */
export type Compared = Change | { readonly commit: string; readonly problem: string };

/** Entries that leave the cluster as it is. */
const neutral: readonly string[] = ["preview", "refresh", "rename"];

/**
 * Options of `pulumi up` with which a success means that the commit's whole stack runs. With any other one, such as `--target` or
 * `--config`, or one of a later version, that is unknown.
 */
const whole =
  /^(yes|skip-preview|non-interactive|stack|color|emoji|message|diff|json|parallel|refresh|expect-no-changes|show-\w+(-\w+)*|suppress-\w+|continue-on-error|verbose|debug)$/;

/**
 * Reads from the stack's own history which commits may run. Pulumi writes it with every update, by any user, and keeps
 * it where the state is; a failed update counts as well, because it may have been half done. Newest entry first.
 */
export function runningFrom(history: readonly StackUpdate[], state: StateSummary | undefined): Running {
  const commits: string[] = [];
  const unknown: Words[] = [];
  const counted = history.filter(({ kind }) => !neutral.includes(kind));
  const ended = counted.findIndex(isComplete);
  const relevant = ended < 0 ? counted : counted.slice(0, ended + 1);
  for (const update of relevant) {
    const commit = update.environment?.["git.head"];
    const problem = problemOf(update);
    if (problem !== undefined) unknown.push(problem);
    if (update.kind === "update" && isCommit(commit)) commits.unshift(commit);
  }
  const wasDestroyed = ended >= 0 && counted[ended]?.kind === "destroy";
  if (ended < 0 && (relevant.length > 0 || (state?.resources ?? 0) > 0)) {
    unknown.push(plainWords("the stack's history has no update that succeeded, and yet something was made"));
  }
  const since = relevant[0]?.endTime;
  if (!wasDestroyed || relevant.length > 1) unknown.push(...problemsOfState(state, history));
  return {
    commits: [...new Set(commits)],
    unknown,
    ...(since === undefined ? {} : { since }),
  };
}

/** Whether what ran before has no bearing any more. */
function isComplete({ kind, result }: StackUpdate): boolean {
  return (kind === "update" || kind === "destroy") && result === "succeeded";
}

function problemOf(update: StackUpdate): Words | undefined {
  const { kind, result, environment = {}, endTime = "at an unknown time" } = update;
  const commit = environment["git.head"];
  if (kind === "destroy") {
    return result === "succeeded" ? undefined : words`pulumi destroy did not succeed (${endTime})`;
  }
  if (kind !== "update") return words`the state was changed by ${kind} (${endTime})`;
  if (result !== "succeeded" && result !== "failed") return words`an update is ${result} (${endTime})`;
  if (!isCommit(commit)) {
    return words`an update records no commit (${endTime})`;
  }
  const short = commit.slice(0, 9);
  if (environment["git.dirty"] !== "false") {
    return words`an update ran with files that are not in commit ${short} (${endTime})`;
  }
  const options = optionsOf(environment).filter((option) => !whole.test(option));
  return options.length === 0
    ? undefined
    : words`an update of ${short} ran with ${options.map((option) => `--${option}`).join(", ")} (${endTime})`;
}

/** The names of the options of an update; variables such as PULUMI_OPTION_TARGET are another way to pass them. */
function optionsOf(environment: Readonly<Record<string, string>>): readonly string[] {
  const found = Object.keys(environment).flatMap((key) => {
    const variable = /^pulumi\.env\.PULUMI_OPTION_(.+)$/.exec(key)?.[1];
    return /^pulumi\.flag\.(.+)$/.exec(key)?.[1] ?? variable?.toLowerCase().replaceAll("_", "-") ?? [];
  });
  return [...new Set(found)];
}

function isCommit(text: string | undefined): text is string {
  return text !== undefined && /^[0-9a-f]{40,64}$/.test(text);
}

/** A backend's clock and the engine's; the history's times are also cut to the second. */
const clockSkewSeconds = 30;

/** A killed engine writes the state and no history. */
function problemsOfState(state: StateSummary | undefined, history: readonly StackUpdate[]): readonly Words[] {
  if (state === undefined) return [];
  const newest = Math.max(...history.map(({ endTime }) => Date.parse(endTime ?? "")).filter(Number.isFinite));
  const isNewer = history.length > 0 && !(Date.parse(state.written) < newest + clockSkewSeconds * 1000);
  return [
    ...(state.pending > 0 ? [words`${state.pending} operations were interrupted and never finished`] : []),
    ...(isNewer
      ? [
          words`the state was written at ${state.written}, after the last recorded update: one was interrupted`,
        ]
      : []),
  ];
}

/** The gate of a deployment: the worst of all comparisons; an unknown is high. `head` is the commit to bring up. */
export function gateOf(stack: string, head: string, running: Running, compared: readonly Compared[]): Gate {
  const changes = compared.filter((each): each is Change => "level" in each);
  const reasons = [
    ...running.unknown.map((why) => words`what runs is unknown: ${why}`),
    ...compared.flatMap((each) =>
      "level" in each
        ? []
        : [words`commit ${each.commit.slice(0, 9)} may run and cannot be compared: ${each.problem}`],
    ),
    ...changes.flatMap((change) =>
      change.kind === "unreadable" ? [words`the change is unknown: ${change.headline}`] : [],
    ),
    ...(running.commits.length === 0 && running.unknown.length === 0
      ? [plainWords("nothing runs yet: this is the first deployment")]
      : []),
  ];
  const level = reasons.length > 0 ? "high" : worst(changes.map((change) => change.level));
  return {
    stack,
    level,
    needsApproval: level === "high",
    against: identity(running, head),
    reasons,
    changes,
  };
}

/** An approval of what lies between some commits and the head also holds while the head itself is half done. */
function identity({ commits, unknown, since }: Running, head: string): string {
  const others = commits.filter((commit) => commit !== head).sort();
  const base = others.length === 0 ? "nothing" : others.join("+");
  return unknown.length === 0 ? base : `${base}@${since ?? "unknown"}`;
}
