import { livePlan } from "../../model/live/readiness/assess";
import type { Snapshot } from "../../model/live/snapshot";
import type { ClusterPlan } from "../../model/plan/plan";
import type { Missing } from "../../model/live/readiness/assessment";
import type { WaitEvent } from "../../model/live/readiness/event";
import { type Memory, look, noMemory } from "../../model/live/readiness/tracker";
import { pause } from "../polling";
import { StackClusters } from "../live/clusters";
import { LiveSnapshot } from "../live/follow";

/** Many objects change at the same time; one assessment covers them all. */
const lookSeconds = 0.2;
/** Without output a CI job may be killed; the line also names what is missing. */
const heartbeatSeconds = 60;

/** How a replacement ended. */
export type Followed =
  | { readonly outcome: "ready"; readonly snapshot: Snapshot }
  | { readonly outcome: "late" | "interrupted"; readonly missing: readonly Missing[] };

/** Where events go, the deadline, and what must be gone before the cluster counts as complete again. */
export interface FollowOptions {
  readonly plan: ClusterPlan;
  readonly directory: string;
  readonly timeoutSeconds: number;
  readonly report: (event: WaitEvent) => void;
  /** Whether the machine that is being replaced is still there. */
  readonly isThere: (snapshot: Snapshot) => boolean;
}

/** Watches both clusters until nothing is missing any more, and reports every change on the way. Changes nothing. */
export async function followReplacement(options: FollowOptions): Promise<Followed> {
  const { plan, directory, timeoutSeconds } = options;
  const stop = new AbortController();
  const interrupt = () => stop.abort("interrupted");
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  const live = new LiveSnapshot(
    plan,
    () => new StackClusters(plan, directory),
    () => undefined,
  );
  const following = live.follow(stop.signal);
  try {
    return await watched(options, live, stop.signal, Date.now() + timeoutSeconds * 1000);
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
    stop.abort();
    await following;
  }
}

async function watched(
  { plan, report, isThere }: FollowOptions,
  live: LiveSnapshot,
  signal: AbortSignal,
  deadline: number,
): Promise<Followed> {
  let memory: Memory = noMemory;
  let missing: readonly Missing[] = [];
  let lastWords = Date.now();
  for (;;) {
    const snapshot = live.snapshot();
    const now = Date.now();
    if (isListed(snapshot)) {
      const found = look(livePlan(plan, snapshot), snapshot, memory, now);
      memory = found.memory;
      missing = found.missing;
      for (const event of found.events) report(event);
      if (found.events.length > 0) lastWords = now;
      if (found.ready && !isThere(snapshot)) return { outcome: "ready", snapshot };
    }
    if (signal.aborted) return { outcome: "interrupted", missing };
    if (now >= deadline) return { outcome: "late", missing };
    if (now - lastWords >= heartbeatSeconds * 1000) {
      lastWords = now;
      const words = missing.map(({ who, what }) => `${who} ${what}`).join("; ");
      report({ at: now, host: plan.name, phase: "still", text: `waits for ${words}` });
    }
    await pause(lookSeconds, signal);
  }
}

/** The first lists arrive in parts, and a part looks like a cluster that lacks the rest. */
function isListed({ management, workload }: Snapshot): boolean {
  const { machines, hosts, clusters } = management.parts;
  return [machines, hosts, clusters, workload.parts.nodes].every(({ objects }) => objects !== undefined);
}
