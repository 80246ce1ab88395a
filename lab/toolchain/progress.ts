/** What happens while tools are prepared. */
export type ToolchainEvent =
  | {
      readonly kind: "planned";
      readonly tools: readonly string[];
      readonly folders: readonly string[];
      /** Typical seconds of all builds on 2 cores. */
      readonly seconds: number;
      readonly logs: string;
    }
  | { readonly kind: "waiting"; readonly pid: number }
  | {
      readonly kind: "building";
      readonly tools: readonly string[];
      readonly done: number;
      readonly all: number;
      readonly elapsed: number;
      readonly remaining: number;
    }
  | { readonly kind: "built"; readonly all: number; readonly seconds: number };

/** Takes events as they happen; it is called once a second while tools are being built. */
export type Progress = (event: ToolchainEvent) => void;

/** Where progress is written: `process.stderr`, or a buffer in tests. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Off a terminal a long build writes one line in this many seconds. */
const heartbeatSeconds = 60;

/** Shows progress: one line that is rewritten on a terminal, else one line a minute. */
export function showProgress(stream: ProgressStream): Progress {
  const live = stream.isTTY === true;
  let nextBeat = heartbeatSeconds;
  let waitedFor = 0;
  const line = (text: string) => stream.write(live ? `\r\u001b[K${text}\n` : `${text}\n`);
  return (event) => {
    if (event.kind === "waiting") {
      if (waitedFor !== event.pid) line(`tools: waiting for process ${event.pid}, which is building them`);
      waitedFor = event.pid;
    } else if (event.kind === "building") {
      if (live) stream.write(`\r\u001b[K${lineOf(event)}`);
      else if (event.elapsed >= nextBeat) {
        line(lineOf(event));
        nextBeat = event.elapsed + heartbeatSeconds;
      }
    } else line(lineOf(event));
  };
}

function lineOf(event: Exclude<ToolchainEvent, { kind: "waiting" }>): string {
  switch (event.kind) {
    case "planned": {
      const { tools, folders, seconds, logs } = event;
      const builds =
        `${tools.length} of the lab's programs are neither installed in a fitting version nor built yet; ` +
        `building them once takes about ${clock(seconds)} on 2 cores: ${tools.join(", ")}; logs in ${logs}`;
      if (folders.length === 0) return `tools: ${builds}`;
      const fetches = `fetching ${folders.length} data folders of Go modules`;
      return `tools: ${tools.length === 0 ? fetches : `${fetches}; ${builds}`}`;
    }
    case "building": {
      const { tools, done, all, elapsed, remaining } = event;
      return `tools: ${done} of ${all} built, now ${tools.join(", ")}; ${clock(elapsed)} so far, ${left(remaining)}`;
    }
    case "built":
      return `tools: ${event.all} built in ${clock(event.seconds)}`;
  }
}

function left(seconds: number): string {
  return seconds < 1 ? "nothing left to build" : `about ${clock(seconds)} left`;
}

/** `47 s` or `4 min 18 s`. */
function clock(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
