import fs from "node:fs";
import os from "node:os";
import path from "node:path";

/** Signals that end a program; each must leave no temporary folder behind. */
export const endingSignals = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"] as const;

const prefix = "metal-run-";

/**
 * A folder in the system's temporary folder that only this user can read, for what must not outlive this run. It is removed by
 * {@link TemporaryFolder.remove} or when the process exits. A process that was killed cannot do either, so each new folder
 * first removes those of this user whose process is gone.
 */
export class TemporaryFolder {
  readonly path: string;
  private readonly onExit = () => this.remove();

  /** Throws the system's error where the temporary folder cannot be written to. */
  constructor() {
    const parent = os.tmpdir();
    removeOrphaned(parent);
    this.path = fs.mkdtempSync(path.join(parent, `${prefix}${process.pid}-`));
    process.once("exit", this.onExit);
  }

  /** Removes the folder with everything in it; may be repeated. */
  remove(): void {
    process.off("exit", this.onExit);
    fs.rmSync(this.path, { recursive: true, force: true });
  }
}

function removeOrphaned(parent: string): void {
  for (const name of fs.readdirSync(parent)) {
    const pid = name.startsWith(prefix) ? /^\d+(?=-)/.exec(name.slice(prefix.length))?.[0] : undefined;
    if (pid === undefined || isRunning(Number(pid))) continue;
    const folder = path.join(parent, name);
    // Another user's folder, or a link that another user placed under such a name, is not followed.
    const found = fs.lstatSync(folder, { throwIfNoEntry: false });
    if (found?.isDirectory() === true && found.uid === process.getuid?.()) {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  }
}

/** Whether a process has this id; another user's counts as well. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
