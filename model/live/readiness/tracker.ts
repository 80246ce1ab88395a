import { type ReadinessPlan, assess } from "./assess";
import type { Missing, Status } from "./assessment";
import { type SessionHistories, advanceSessions } from "./bgp-assessment";
import { waitCauses } from "../causes";
import { type Cause, type WaitCause, causeOf } from "../causes/cause";
import type { WaitEvent } from "./event";
import { type AttemptsByHost, advanceAttempts } from "./host-attempts";
import { hostStates } from "./host-state";
import type { Snapshot } from "../snapshot";
import { type Spans, advanceSpans } from "./timeline";

/** What one look hands to the next. */
export interface Memory {
  /** Statuses by key, as last said. */
  readonly said: ReadonlyMap<string, Status>;
  /** Since when each symptom has held without a break; epoch milliseconds by `id object`. */
  readonly suspected: ReadonlyMap<string, number>;
  readonly attempts: AttemptsByHost;
  readonly spans: Spans;
  readonly sessions: SessionHistories;
}

/** Before the first look. */
export const noMemory: Memory = {
  said: new Map(),
  suspected: new Map(),
  attempts: new Map(),
  spans: new Map(),
  sessions: new Map(),
};

/** What one look found. */
export interface Look {
  readonly memory: Memory;
  /** What changed since the last look, one line each. */
  readonly events: readonly WaitEvent[];
  readonly missing: readonly Missing[];
  /** Where everything stands; absent where `missing` says it all. */
  readonly summary?: string;
  /** Why waiting is pointless; the first is the diagnosis. */
  readonly causes: readonly Cause[];
  readonly ready: boolean;
}

/** Looks once: pure, time comes in as `now` (epoch milliseconds). `graceScale` shortens grace periods in tests. */
export function look(
  plan: ReadinessPlan,
  snapshot: Snapshot,
  before: Memory,
  now: number,
  graceScale = 1,
): Look {
  const sessions = advanceSessions(before.sessions, snapshot, now);
  const { statuses, missing, milestones, summary } = assess(plan, snapshot, now, sessions);
  const hosts =
    plan.subject === "cluster" || plan.subject === "control-plane" ? hostStates(plan, snapshot) : [];
  const attempts = advanceAttempts(before.attempts, snapshot);
  const found = waitCauses
    .filter((cause) => !isBlind(cause, snapshot))
    .flatMap((cause) =>
      cause.find({ plan, snapshot, attempts, sessions }).map((symptom) => {
        const key = `${cause.id} ${symptom.object}`;
        return { cause, symptom, key, since: before.suspected.get(key) ?? now };
      }),
    );
  const suspected = new Map(found.map(({ key, since }) => [key, since]));
  const causes = found
    .filter(({ cause, since }) => now - since >= cause.graceSeconds * 1000 * graceScale)
    .map(({ cause, symptom }) => causeOf(cause, symptom));
  return {
    memory: {
      said: new Map(statuses.map((status) => [status.key, status])),
      suspected,
      attempts,
      sessions,
      spans: advanceSpans(
        before.spans,
        snapshot.management.parts.hosts.objects ? hosts : [],
        milestones,
        now,
      ),
    },
    events: changes(before.said, statuses, now),
    missing,
    causes,
    ...(summary === undefined ? {} : { summary }),
    ready: missing.length === 0,
  };
}

/** The last state of an API server that does not answer may be old; only the causes about its silence still apply. */
function isBlind(cause: WaitCause, snapshot: Snapshot): boolean {
  if (snapshot.management.trouble !== undefined) return !cause.id.startsWith("management/");
  return snapshot.workload.trouble !== undefined && /^(nodes|cilium|bgp)\//.test(cause.id);
}

function changes(
  before: ReadonlyMap<string, Status>,
  statuses: readonly Status[],
  now: number,
): readonly WaitEvent[] {
  const keys = new Set(statuses.map((status) => status.key));
  const gone = [...before.values()].filter((status) => !keys.has(status.key));
  return [
    ...gone.flatMap(({ who, phase, gone: words }) =>
      words === undefined ? [] : [{ at: now, host: who, phase, text: words }],
    ),
    ...statuses
      .filter((status) => before.get(status.key)?.text !== status.text)
      .map(({ who, phase, text }) => ({ at: now, host: who, phase, text })),
  ];
}
