import type { Snapshot } from "../../model/live/snapshot";
import type { StatusTree } from "../../model/live/status/item";
import { type Style, statusLines } from "../../model/live/status/lines";
import { type Said, said, statusChanges, statusTree } from "../../model/live/status/tree";
import type { ClusterPlan } from "../../model/plan/plan";
import { chosenPlan } from "./options";
import type { Terminal } from "./terminal";
import { type ExitCode, exitCodes } from "../exit-codes";
import { pause } from "../polling";
import { StackClusters } from "../live/clusters";
import { LiveSnapshot } from "../live/follow";
import { readSnapshot } from "../live/snapshot";

/** Options of `status`. */
export interface StatusOptions {
  readonly stack?: string;
  readonly json?: true;
  readonly watch?: true;
  readonly for?: number;
}

/** Reads both clusters once, or follows them, and prints the tree. Returns the exit code. */
export async function statusAction(terminal: Terminal, options: StatusOptions): Promise<ExitCode> {
  const { plan } = chosenPlan(terminal, options.stack);
  if (options.watch === true) return watchStatus(terminal, plan, options);
  const snapshot = await snapshotOf(terminal, plan);
  const now = terminal.now().getTime();
  const tree = statusTree(plan, snapshot, now);
  if (options.json === true) terminal.json(tree, 2);
  else terminal.out(statusLines(tree, now, styleOf(terminal)).join("\n"));
  return exitCodeOf(tree);
}

/** Everything of the stack, read once. */
async function snapshotOf(terminal: Terminal, plan: ClusterPlan): Promise<Snapshot> {
  await using clusters = new StackClusters(plan, terminal.directory);
  return await readSnapshot(plan, clusters, () => terminal.now().getTime());
}

/** Symbols and colours on a terminal, words elsewhere. */
export function styleOf({ interactive, paint }: Terminal): Style {
  return {
    drawn: interactive,
    paint,
    width: interactive ? (process.stdout.columns ?? 120) : Infinity,
  };
}

/** 0 ready, 1 not ready, 2 unknown. */
function exitCodeOf({ verdict }: StatusTree): ExitCode {
  if (verdict === "ready") return exitCodes.holds;
  return verdict === "not ready" ? exitCodes.findings : exitCodes.undecided;
}

/** A screen is drawn again at most this often, and this often when nothing changes, because ages grow. */
const redrawSeconds = 1;
/** A job without output is taken for a dead one. */
const heartbeatSeconds = 60;
/** The first lists of both clusters arrive in parts, which are not shown one by one unless a cluster does not answer. */
const firstLists = { atMostSeconds: 15, lookSeconds: 0.1 };

/** Follows both clusters until interrupted, or for the requested time. The exit code is that of the last state. */
async function watchStatus(terminal: Terminal, plan: ClusterPlan, options: StatusOptions): Promise<ExitCode> {
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  const timer = options.for === undefined ? undefined : setTimeout(interrupt, options.for * 1000);
  const clusters = () => new StackClusters(plan, terminal.directory);
  const live = new LiveSnapshot(
    plan,
    clusters,
    () => undefined,
    () => terminal.now().getTime(),
  );
  const following = live.follow(stop.signal);
  const screen = screenFor(terminal, options);
  let tree: StatusTree | undefined;
  for (let waited = 0; !live.settled && waited < firstLists.atMostSeconds; waited += firstLists.lookSeconds) {
    await pause(firstLists.lookSeconds, stop.signal);
  }
  do {
    const now = terminal.now().getTime();
    tree = statusTree(plan, live.snapshot(), now);
    screen(tree, now);
    await pause(redrawSeconds, stop.signal);
  } while (!stop.signal.aborted);
  clearTimeout(timer);
  process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  await following;
  return tree === undefined ? exitCodes.undecided : exitCodeOf(tree);
}

type Screen = (tree: StatusTree, now: number) => void;

function screenFor(terminal: Terminal, { json }: StatusOptions): Screen {
  if (json === true) return jsonLines(terminal);
  return terminal.interactive ? inPlace(terminal) : changeLines(terminal);
}

/** Draws over what it drew before; never more than fits on the screen, because lines above it cannot be redrawn. */
function inPlace(terminal: Terminal): Screen {
  let drawn = 0;
  return (tree, now) => {
    const style: Style = styleOf(terminal);
    const room = Math.max(3, (process.stdout.rows ?? 50) - 1);
    const all = statusLines(tree, now, style);
    const lines =
      all.length <= room ? all : [...all.slice(0, room - 1), `(${all.length - room + 1} more lines)`];
    terminal.redraw(drawn, `${lines.join("\n")}\n`);
    drawn = lines.length;
  };
}

/** A line for each change, and a heartbeat each minute. */
function changeLines(terminal: Terminal): Screen {
  let before: Said = new Map();
  let last = 0;
  return (tree, now) => {
    const after = said(tree);
    const changes = statusChanges(before, after);
    const time = new Date(now).toISOString().slice(11, 19);
    for (const { path, text } of changes)
      terminal.out(`${time} ${path === "" ? tree.cluster : path}  ${text}`);
    if (changes.length === 0 && now - last >= heartbeatSeconds * 1000) {
      terminal.out(
        `${time} ${tree.cluster}  still ${tree.verdict}: ${tree.missing[0] ?? "nothing is missing"}`,
      );
      last = now;
    }
    if (changes.length > 0) last = now;
    before = after;
  };
}

/** The tree on one line whenever it changes. */
function jsonLines(terminal: Terminal): Screen {
  let before: Said = new Map();
  return (tree) => {
    const after = said(tree);
    if (statusChanges(before, after).length > 0) terminal.json(tree);
    before = after;
  };
}
