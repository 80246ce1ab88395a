import type { ClusterPlan } from "../../model/plan/plan";
import type { StatusTree } from "../../model/live/status/item";
import { type Style, statusLines } from "../../model/live/status/lines";
import { pause } from "../kubernetes/watch";
import { StackClusters } from "../live/clusters";
import { LiveSnapshot } from "../live/follow";
import type { StatusOptions } from "./status";
import { exitCodeOf, styleOf } from "./status-view";
import { type ExitCode, type Terminal, exitCodes } from "./terminal";
import { type Said, said, statusChanges, statusTree } from "../../model/live/status/tree";

/** A screen is drawn again at most this often, and this often when nothing changes, because ages grow. */
const redrawSeconds = 1;
/** Logs hear of silence: a quiet job is taken for a dead one. */
const heartbeatSeconds = 60;
/** The first lists of both clusters arrive in pieces; nobody wants to see each. But who hangs is shown as it is. */
const settle = { atMostSeconds: 15, lookSeconds: 0.1 };

/** Follows both clusters until interrupted, or for as long as was asked. The code says how it was at the end. */
export async function watchStatus(
  terminal: Terminal,
  plan: ClusterPlan,
  options: StatusOptions,
): Promise<ExitCode> {
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
  for (let waited = 0; !live.settled && waited < settle.atMostSeconds; waited += settle.lookSeconds) {
    await pause(settle.lookSeconds, stop.signal);
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
  return tree === undefined ? exitCodes.couldNotTell : exitCodeOf(tree);
}

type Screen = (tree: StatusTree, now: number) => void;

function screenFor(terminal: Terminal, { json }: StatusOptions): Screen {
  if (json === true) return jsonLines(terminal);
  return terminal.interactive ? inPlace(terminal) : changeLines(terminal);
}

/** Draws over what it drew before; never more than the screen holds, or the lines above could not be reached again. */
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

/** A line for each change, and a sign of life each minute. */
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

/** The tree on one line whenever it says something new. */
function jsonLines(terminal: Terminal): Screen {
  let before: Said = new Map();
  return (tree) => {
    const after = said(tree);
    if (statusChanges(before, after).length > 0) terminal.json(tree);
    before = after;
  };
}
