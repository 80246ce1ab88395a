import { type ReadinessPlan, assess } from "./assess";
import type { Missing, Status } from "./assessment";
import { type SessionHistories, advanceSessions } from "./bgp-history";
import type { Cause, CauseRule } from "./cause";
import { causeRules } from "./causes";
import type { WaitEvent } from "./event";
import { type AttemptsByHost, advanceAttempts } from "./host-attempts";
import { hostStates } from "./host-state";
import type { Observation } from "./observation";
import { type Spans, advanceSpans } from "./timeline";

/** What one look hands to the next. */
export interface Memory {
  /** Statuses by key, as last said. */
  readonly said: ReadonlyMap<string, Status>;
  /** Since when each suspicion has held without a break; epoch milliseconds by `id object`. */
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
  observation: Observation,
  before: Memory,
  now: number,
  graceScale = 1,
): Look {
  const sessions = advanceSessions(before.sessions, observation, now);
  const { statuses, missing, milestones, summary } = assess(plan, observation, now, sessions);
  const hosts =
    plan.subject === "cluster" || plan.subject === "control-plane" ? hostStates(plan, observation) : [];
  const attempts = advanceAttempts(before.attempts, observation);
  const suspicions = causeRules.flatMap((rule) =>
    isBlind(rule, observation)
      ? []
      : rule.find({ plan, observation, attempts, sessions }).map((suspicion) => ({ rule, suspicion })),
  );
  const suspected = new Map(
    suspicions.map(({ rule, suspicion }) => {
      const key = `${rule.id} ${suspicion.object}`;
      return [key, before.suspected.get(key) ?? now] as const;
    }),
  );
  const causes = suspicions
    .filter(({ rule, suspicion }) => {
      const since = suspected.get(`${rule.id} ${suspicion.object}`) ?? now;
      return now - since >= rule.graceSeconds * 1000 * graceScale;
    })
    .map(({ rule, suspicion }) => ({ id: rule.id, ...suspicion }));
  return {
    memory: {
      said: new Map(statuses.map((status) => [status.key, status])),
      suspected,
      attempts,
      sessions,
      spans: advanceSpans(before.spans, observation.management.objects.hosts ? hosts : [], milestones, now),
    },
    events: changes(before.said, statuses, now),
    missing,
    causes,
    ...(summary === undefined ? {} : { summary }),
    ready: missing.length === 0,
  };
}

/** What a silent API server last told may be old; only the rules about that silence may still judge. */
function isBlind(rule: CauseRule, observation: Observation): boolean {
  if (observation.management.trouble !== undefined) return !rule.id.startsWith("management/");
  return observation.workload.trouble !== undefined && /^(nodes|cilium|bgp)\//.test(rule.id);
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
