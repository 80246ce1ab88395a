/** What happens while tools are prepared, for whoever shows it. */
export type ToolchainEvent =
  | {
      readonly kind: "planned";
      readonly tools: readonly string[];
      readonly seconds: number;
      readonly logs: string;
    }
  | { readonly kind: "waiting"; readonly pid: number }
  | { readonly kind: "building"; readonly tool: string; readonly elapsed: number; readonly remaining: number }
  | { readonly kind: "built"; readonly tool: string; readonly seconds: number; readonly remaining: number }
  | { readonly kind: "fetching"; readonly folder: string }
  | { readonly kind: "fetched"; readonly folder: string; readonly seconds: number };

/** Takes events as they happen; it is called at least once a second while a tool is being built. */
export type Progress = (event: ToolchainEvent) => void;

/** Where progress is written: `process.stderr`, or a stand-in for it. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Off a terminal a long build says that it lives once in this many seconds. */
const HEARTBEAT_SECONDS = 30;

/** Shows progress: one line that is rewritten on a terminal, else a line per change and a heartbeat. */
export function showProgress(stream: ProgressStream): Progress {
  const live = stream.isTTY === true;
  let lastBeat = { tool: "", elapsed: 0 };
  let waitedFor = 0;
  const line = (text: string) => stream.write(live ? `\r\u001b[K${text}\n` : `${text}\n`);
  const rewrite = (text: string) => stream.write(`\r\u001b[K${text}`);
  return (event) => {
    if (event.kind === "waiting") {
      if (waitedFor !== event.pid) line(`tools: waiting for process ${event.pid}, which is building them`);
      waitedFor = event.pid;
    } else if (event.kind === "building") {
      const text = `tools: building ${event.tool}, ${clock(event.elapsed)} so far, ${left(event.remaining)}`;
      if (live) rewrite(text);
      else if (lastBeat.tool !== event.tool || event.elapsed - lastBeat.elapsed >= HEARTBEAT_SECONDS) {
        line(text);
        lastBeat = { tool: event.tool, elapsed: event.elapsed };
      }
    } else line(lineOf(event));
  };
}

function lineOf(event: Exclude<ToolchainEvent, { kind: "waiting" | "building" }>): string {
  switch (event.kind) {
    case "planned":
      return `tools: building ${event.tools.join(", ")}: once, about ${clock(event.seconds)} on 2 cores; logs in ${event.logs}`;
    case "built":
      return `tools: built ${event.tool} in ${clock(event.seconds)}, ${left(event.remaining)}`;
    case "fetching":
      return `tools: fetching ${event.folder}`;
    case "fetched":
      return `tools: fetched ${event.folder} in ${clock(event.seconds)}`;
  }
}

function left(seconds: number): string {
  return seconds < 1 ? "nothing left to build" : `about ${clock(seconds)} left`;
}

/** `47 s` or `4 min 18 s`. */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
