import fs from "node:fs";
import path from "node:path";

import { readJson } from "./cache";

interface Holder {
  readonly pid: number;
  readonly started: string;
}

/** How often somebody who waits for another build looks again. */
const RETRY_MS = 500;

/**
 * Holds the one build lock of a cache while `work` runs. A holder that no longer lives is taken over. The lock only
 * saves double work: binaries are renamed into place, so that even two builders at once could not spoil one.
 */
export async function withBuildLock<T>(
  root: string,
  onWait: (pid: number) => void,
  work: () => Promise<T>,
): Promise<T> {
  fs.mkdirSync(root, { recursive: true });
  const file = path.join(root, "build.lock");
  const own = JSON.stringify({ pid: process.pid, started: startOf(process.pid) });
  while (!take(file, own)) {
    const holder = holderOf(file);
    if (holder === undefined || !lives(holder)) fs.rmSync(file, { force: true });
    else {
      onWait(holder.pid);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
  try {
    return await work();
  } finally {
    if (fs.existsSync(file) && fs.readFileSync(file, "utf8") === own) fs.rmSync(file, { force: true });
  }
}

/** Creates the lock with its content in one step, so that nobody reads an empty one. */
function take(file: string, content: string): boolean {
  const temporary = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  fs.writeFileSync(temporary, content);
  try {
    fs.linkSync(temporary, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    fs.rmSync(temporary, { force: true });
  }
}

function holderOf(file: string): Holder | undefined {
  const content = readJson(file);
  if (typeof content !== "object" || content === null || !("pid" in content) || !("started" in content)) {
    return undefined;
  }
  const { pid, started } = content;
  return typeof pid === "number" && typeof started === "string" ? { pid, started } : undefined;
}

function lives(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  return startOf(holder.pid) === holder.started;
}

/** The process's start time in clock ticks: a process id is reused, the pair is not. Empty where /proc has none. */
function startOf(pid: number): string {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return "";
    throw error;
  }
}
