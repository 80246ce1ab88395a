import fs from "node:fs";
import path from "node:path";
import {
  type Columns,
  type WaitEvent,
  columnsFor,
  eventJson,
  eventLine,
  eventLines,
} from "../../model/live/readiness/event";
import type { WaitOrder } from "../../model/plan/readiness";
import { shown } from "../../model/redaction/shown";
import { UnfitFile, refuseLinkOn } from "../stack/project-files";

/** A heartbeat or a piece of evidence never fills the screen. */
const longestLines = 8;

/** Where events go: standing-alone lines to stderr, JSON lines to the events file. Standard output is for the timeline only. */
export class Output {
  private readonly columns: Columns;
  private readonly file: string;
  private readonly about: Readonly<Record<string, string>>;
  private unwritable = false;

  constructor(
    order: WaitOrder,
    private readonly startedAt: number,
    private readonly stderr: NodeJS.WritableStream,
  ) {
    const { plan } = order;
    // Where nodes are named instead of hosts, their names have Cluster API's two random parts.
    const named =
      plan.subject === "cluster"
        ? plan.hosts.map((host) => host.name)
        : [`${plan.cluster}-workers-12345-12345`];
    this.columns = columnsFor([plan.cluster, ...named]);
    this.about = { subject: plan.subject, cluster: plan.cluster };
    this.file = order.eventsFile;
    this.append("");
  }

  /** One line. */
  tell(event: WaitEvent): void {
    this.print(eventLine(event, this.startedAt, this.columns));
    this.record(event);
  }

  /** As many lines as the text needs, within reason; the events file has it whole. */
  tellAtLength(event: WaitEvent): void {
    const lines = eventLines(event, this.startedAt, this.columns);
    for (const line of lines.slice(0, longestLines)) this.print(line);
    if (lines.length > longestLines) {
      this.print(eventLine({ ...event, text: `(more in ${this.file})` }, this.startedAt, this.columns));
    }
    this.record(event);
  }

  private print(line: string): void {
    this.stderr.write(`${shown(line)}\n`);
  }

  private record(event: WaitEvent): void {
    this.append(`${eventJson(event, this.startedAt, this.about)}\n`);
  }

  /** The events file is a copy for later: without it the wait goes on, and reports once that there is none. */
  private append(text: string): void {
    if (this.unwritable) return;
    try {
      refuseLinkOn(process.cwd(), this.file);
      fs.mkdirSync(path.dirname(this.file), { recursive: true });
      fs.appendFileSync(this.file, text);
    } catch (error) {
      const { code, syscall, message } = error as NodeJS.ErrnoException;
      if (syscall === undefined && !(error instanceof UnfitFile)) throw error;
      this.unwritable = true;
      this.print(`${this.file} cannot be written (${code ?? message}): events are shown here only`);
    }
  }
}
