import type { Milestone } from "./assessment";
import { condition } from "../../kubernetes/condition";
import type { HostPhase, HostState } from "./host-state";

/** One bar of the timeline; times are ISO strings. `host` is absent for what concerns the whole cluster. */
export interface TimelineEntry {
  readonly phase: string;
  readonly host?: string;
  readonly start: string;
  readonly end: string;
}

/** A phase's begin and end in epoch milliseconds; no end while it lasts. */
export interface Span {
  readonly phase: string;
  readonly host?: string;
  readonly start: number;
  readonly end?: number;
}

/** Spans by `phase|host`. */
export type Spans = ReadonlyMap<string, Span>;

const order = [
  "inspect",
  "available",
  "provision",
  "boot",
  "join",
  "ready",
  "control-plane",
  "resource-set",
  "cilium",
  "endpoint",
  "rollout",
  "bgp",
];

/** Registration and preparation belong to the inspection's bar. */
function barOf(phase: HostPhase): string | undefined {
  if (phase === "register" || phase === "prepare") return "inspect";
  return order.includes(phase) ? phase : undefined;
}

/**
 * Spans after one more look. A phase that was over before the first look gets its times from the objects where they
 * carry some (the operator's operationHistory, the node's creation and Ready transition), so a resumed run has the whole timeline.
 */
export function advanceSpans(
  before: Spans,
  hosts: readonly HostState[],
  milestones: readonly Milestone[],
  now: number,
): Spans {
  const spans = new Map(before);
  for (const host of hosts) advanceHost(spans, host, now);
  for (const milestone of milestones) advanceMilestone(spans, milestone, now);
  return spans;
}

function advanceHost(spans: Map<string, Span>, host: HostState, now: number): void {
  const bar = barOf(host.phase);
  const known = [...spans.values()].filter((span) => span.host === host.name);
  if (known.length === 0) for (const span of pastSpans(host)) spans.set(`${span.phase}|${host.name}`, span);
  for (const span of known) {
    if (span.end === undefined && span.phase !== bar)
      spans.set(`${span.phase}|${host.name}`, { ...span, end: now });
  }
  if (bar === undefined) return;
  const key = `${bar}|${host.name}`;
  if (bar === "ready") {
    if (!spans.has(key)) spans.set(key, { phase: bar, host: host.name, start: now, end: now });
  } else if (spans.get(key) === undefined || (spans.get(key)?.end !== undefined && known.length > 0)) {
    spans.set(key, { phase: bar, host: host.name, start: now });
  }
}

function pastSpans(host: HostState): readonly Span[] {
  const spans: Span[] = [];
  const add = (phase: string, start: number, end: number) => {
    if (!Number.isNaN(start) && !Number.isNaN(end) && end >= start)
      spans.push({ phase, host: host.name, start, end });
  };
  const time = (part: "inspect" | "provision", edge: "start" | "end") =>
    Date.parse(host.host?.status?.operationHistory?.[part]?.[edge] ?? "");
  add("inspect", time("inspect", "start"), time("inspect", "end"));
  add("provision", time("provision", "start"), time("provision", "end"));
  const joined = Date.parse(host.node?.metadata.creationTimestamp ?? "");
  const ready = Date.parse(condition(host.node, "Ready")?.lastTransitionTime ?? "");
  add("boot", time("provision", "end"), joined);
  if (host.phase === "ready") {
    add("join", joined, ready);
    add("ready", ready, ready);
  }
  return spans;
}

function advanceMilestone(spans: Map<string, Span>, milestone: Milestone, now: number): void {
  const key = `${milestone.phase}|`;
  const span = spans.get(key);
  if (span === undefined && milestone.done && milestone.doneAt !== undefined) {
    spans.set(key, { phase: milestone.phase, start: milestone.doneAt, end: milestone.doneAt });
  } else if (span === undefined && milestone.started) {
    spans.set(key, { phase: milestone.phase, start: now, ...(milestone.done ? { end: now } : {}) });
  } else if (span !== undefined && span.end === undefined && milestone.done) {
    spans.set(key, { ...span, end: now });
  }
}

/** All bars that have an end, in the order of the work, hosts by name. */
export function timelineOf(spans: Spans): readonly TimelineEntry[] {
  const rank = (span: Span) => order.indexOf(span.phase);
  const finished = [...spans.values()].filter(
    (span): span is Span & { end: number } => span.end !== undefined,
  );
  return finished
    .sort((a, b) => rank(a) - rank(b) || (a.host ?? "").localeCompare(b.host ?? ""))
    .map((span) => ({
      phase: span.phase,
      ...(span.host === undefined ? {} : { host: span.host }),
      start: iso(span.start),
      end: iso(span.end),
    }));
}

/** Whole seconds are enough, and keep the line short. */
function iso(time: number): string {
  return new Date(Math.round(time / 1000) * 1000).toISOString().replace(".000", "");
}

/** The program's answer as one line of JSON under 4 KiB: a large cluster's hosts are merged into one bar per phase. */
export function timelineJson(spans: Spans, seconds: number, limit = 4000): string {
  const timeline = timelineOf(spans);
  const whole = JSON.stringify({ timeline, seconds });
  if (whole.length <= limit) return whole;
  const merged = new Map<string, TimelineEntry>();
  for (const { phase, start, end } of timeline) {
    const bar = merged.get(phase);
    merged.set(phase, {
      phase,
      start: bar === undefined || start < bar.start ? start : bar.start,
      end: bar === undefined || end > bar.end ? end : bar.end,
    });
  }
  const hosts = new Set(timeline.flatMap((entry) => (entry.host === undefined ? [] : [entry.host])));
  return JSON.stringify({ timeline: [...merged.values()], seconds, mergedHosts: hosts.size });
}
