import fs from "node:fs";
import type { Processes } from "../processes/processes";
import type { Router } from "../router";
import type { Sender } from "./traffic";

/** A stream of requests, ten in a second, from one place to one address. */
export interface Stream {
  readonly from: Sender;
  readonly to: string;
  readonly host: string;
  readonly port: number;
}

/** What became of a stream. */
export interface MeasuredStream {
  readonly from: string;
  readonly to: string;
  readonly sent: number;
  readonly lost: number;
  /** The longest time without an answer, in seconds. */
  readonly longestGap: number;
}

/** How long a router was without any path over a node, in seconds. */
export interface MeasuredRoutes {
  readonly router: string;
  readonly node: string;
  readonly secondsWithout: number;
}

/** Prints a line for each request: the time, and whether it was answered within a second. */
const client = `const http = require("node:http");
const [host, port] = process.argv.slice(1);
setInterval(() => {
  const at = Date.now();
  let answered = false;
  const end = (ok) => {
    if (answered) return;
    answered = true;
    console.log(at + " " + (ok ? "ok" : "lost"));
  };
  const request = http.get({ host, port, agent: false, timeout: 1000 }, (response) => {
    response.resume();
    response.on("end", () => end(true));
  });
  request.on("timeout", () => request.destroy());
  request.on("error", () => end(false));
}, 100);`;

const pollMs = 250;

/** Sends streams of requests and looks at routers' tables until it is stopped. */
export class TrafficMeter {
  private readonly without = new Map<string, number>();
  private polling: Promise<void> = Promise.resolve();
  private stopped = false;

  private constructor(
    private readonly processes: Processes,
    private readonly streams: readonly Stream[],
  ) {}

  /** `nodes` are the addresses of all nodes; for each router those count over which it has a path. */
  static async start(
    processes: Processes,
    streams: readonly Stream[],
    routers: readonly Router[],
    nodes: readonly string[],
  ): Promise<TrafficMeter> {
    const meter = new TrafficMeter(processes, streams);
    for (const [index, { from, host, port }] of streams.entries()) {
      const name = processName(index);
      fs.rmSync(processes.logFile(name), { force: true });
      await processes.start(name, from.on([process.execPath, "-e", client, host, String(port)]));
    }
    meter.polling = meter.poll(routers, nodes);
    return meter;
  }

  /** Ends all streams. */
  async end(): Promise<void> {
    this.stopped = true;
    await this.polling;
    for (const index of this.streams.keys()) await this.processes.kill(processName(index));
  }

  /** What was measured. */
  measured(): { readonly streams: readonly MeasuredStream[]; readonly routes: readonly MeasuredRoutes[] } {
    const streams = this.streams.map(({ from, to }, index) => ({
      from: from.name,
      to,
      ...measured(fs.readFileSync(this.processes.logFile(processName(index)), "utf8")),
    }));
    const routes = [...this.without].map(([key, ms]) => {
      const [router = "", node = ""] = key.split(" ");
      return { router, node, secondsWithout: ms / 1000 };
    });
    return { streams, routes };
  }

  private async poll(routers: readonly Router[], nodes: readonly string[]): Promise<void> {
    let last = Date.now();
    while (!this.stopped) {
      for (const router of routers) {
        const over = new Set((await router.paths()).map(({ nextHop }) => nextHop));
        for (const node of nodes) {
          const key = `${router.order.name} ${node}`;
          const before = this.without.get(key);
          // Nodes of another rack have no routes on it.
          if (before === undefined && !over.has(node)) continue;
          const gone = over.has(node) ? 0 : Date.now() - last;
          this.without.set(key, (before ?? 0) + gone);
        }
      }
      last = Date.now();
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }
}

const processName = (index: number) => `traffic-stream-${index}`;

/** Counts the lines `TIME ok|lost`; they are in the order in which requests ended. */
export function measured(output: string): Pick<MeasuredStream, "sent" | "lost" | "longestGap"> {
  const requests = output
    .split("\n")
    .flatMap((line) => {
      const [, at, how] = /^(\d+) (ok|lost)$/.exec(line) ?? [];
      return at === undefined ? [] : [{ at: Number(at), ok: how === "ok" }];
    })
    .sort((a, b) => a.at - b.at);
  let longest = 0;
  let since = requests[0]?.at ?? 0;
  for (const { at, ok } of requests) {
    if (!ok) longest = Math.max(longest, at - since);
    else since = at;
  }
  return {
    sent: requests.length,
    lost: requests.filter(({ ok }) => !ok).length,
    longestGap: longest / 1000,
  };
}
