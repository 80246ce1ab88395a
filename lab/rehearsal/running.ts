import fs from "node:fs";
import path from "node:path";
import { PROJECT_ROOT } from "./workspace";

/** A rehearsal that runs now, as other programs may find it. */
export interface RunningRehearsal {
  readonly stack: string;
  /** The file name of the script that runs: its command line ends with it. */
  readonly program: string;
  /** The process to ask for its end. */
  readonly outerPid: number;
  /** The process whose namespaces hold the lab. */
  readonly insidePid: number;
  readonly userNamespace: boolean;
  readonly directory: string;
  readonly startedAt: string;
}

const folder = path.join(PROJECT_ROOT, ".metal", "rehearsal");
const fileOf = (stack: string) => path.join(folder, `${stack}.running.json`);

/** Makes a rehearsal known. */
export function announce(rehearsal: RunningRehearsal): void {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(fileOf(rehearsal.stack), JSON.stringify(rehearsal));
}

/** Takes the announcement back. */
export function withdraw(stack: string): void {
  fs.rmSync(fileOf(stack), { force: true });
}

/** The rehearsals that run now; announcements of dead ones are ignored. */
export function runningRehearsals(): readonly RunningRehearsal[] {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder)
    .filter((name) => name.endsWith(".running.json"))
    .map((name) => JSON.parse(fs.readFileSync(path.join(folder, name), "utf8")) as RunningRehearsal)
    .filter(lives);
}

/** Process ids are reused: it must also run that script. */
function lives({ outerPid, program }: RunningRehearsal): boolean {
  try {
    return fs.readFileSync(`/proc/${outerPid}/cmdline`, "utf8").includes(program);
  } catch {
    // No such process.
    return false;
  }
}
