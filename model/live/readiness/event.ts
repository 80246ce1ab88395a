import { clipped, plainText, wrapped } from "../../redaction/shown";
import { clock } from "../../text/wording";
import { greatest } from "../../text/numbers";

/** One thing that happened, or that is said: one line in a log. */
export interface WaitEvent {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly host: string;
  readonly phase: string;
  readonly text: string;
  readonly id?: string;
  readonly object?: string;
  readonly evidence?: string;
  readonly remedy?: string;
}

/** A terminal row that Pulumi shows is cut at about this many columns. */
const lineWidth = 100;

/** Where the text begins is the same in all lines of a run, so that they read as a table. */
export interface Columns {
  readonly host: number;
  readonly phase: number;
}

/** Columns for a run's hosts and cluster; long names are cut rather than the text pushed away. */
export function columnsFor(names: readonly string[]): Columns {
  return { host: Math.min(24, greatest([4, ...names.map((name) => name.length)])), phase: 9 };
}

/** `MM:SS host  phase    text`, at most 100 columns of plain ASCII; minutes go on beyond an hour. */
export function eventLine(event: WaitEvent, startedAt: number, columns: Columns): string {
  return prefix(event, startedAt, columns) + clipped(plainText(event.text), room(event, startedAt, columns));
}

/** Like {@link eventLine}, but a long text continues on further lines, each with the same beginning. */
export function eventLines(event: WaitEvent, startedAt: number, columns: Columns): readonly string[] {
  const head = prefix(event, startedAt, columns);
  return wrapped(plainText(event.text), room(event, startedAt, columns)).map((line) => head + line);
}

function room(event: WaitEvent, startedAt: number, columns: Columns): number {
  return lineWidth - prefix(event, startedAt, columns).length;
}

function prefix(event: WaitEvent, startedAt: number, columns: Columns): string {
  const host = clipped(plainText(event.host), columns.host).padEnd(columns.host);
  return `${clock(event.at - startedAt)} ${host}  ${clipped(event.phase, 12).padEnd(columns.phase)} `;
}

/** The event as one line of JSON under 4 KiB, with ISO time and seconds since the start. */
export function eventJson(
  event: WaitEvent,
  startedAt: number,
  about: Readonly<Record<string, string>>,
): string {
  const cut = (words: string | undefined) =>
    words === undefined ? undefined : clipped(plainText(words), 1000);
  return JSON.stringify({
    time: new Date(event.at).toISOString(),
    elapsed: Math.round((event.at - startedAt) / 100) / 10,
    ...about,
    host: cut(event.host),
    phase: event.phase,
    text: cut(event.text),
    id: event.id,
    object: cut(event.object),
    evidence: cut(event.evidence),
    remedy: cut(event.remedy),
  });
}
