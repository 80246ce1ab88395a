import fs from "node:fs";
import path from "node:path";

/** One thing the lab did to one object: the measurements in bench/ take it as the start of a detection time. */
export interface LabEvent {
  /** Wall-clock milliseconds since 1970. */
  readonly at: number;
  /** What was done, such as `host-available` or `bgp-established`. */
  readonly did: string;
  /** `<Kind>/<name>`, or the name of a process. */
  readonly object: string;
  readonly detail?: string;
}

/** Appends {@link LabEvent}s as JSON lines, at once: a killed lab loses none. */
export class EventLog {
  constructor(
    readonly file: string,
    private readonly listener?: (event: LabEvent) => void,
  ) {
    fs.mkdirSync(path.dirname(file), { recursive: true });
  }

  /** Call right after the change, so that its time is the earliest at which others can see it. */
  record(did: string, object: string, detail?: string): void {
    const event: LabEvent = { at: Date.now(), did, object, ...(detail === undefined ? {} : { detail }) };
    fs.appendFileSync(this.file, `${JSON.stringify(event)}\n`);
    this.listener?.(event);
  }
}
