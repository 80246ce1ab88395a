import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const prefix = "metal-lab-";

/** The cgroup of one node. Socket programs of its agent are attached here, and see the node's processes alone. */
export class NodeCgroup {
  private constructor(private readonly folder: string) {}

  /** The node's cgroup, made by its first process; those of labs that were killed are removed. */
  static of(node: string): NodeCgroup {
    const root = cgroupRoot();
    if (root === undefined) throw new Error("no cgroup2 file system is mounted");
    removeEmpty(root);
    const lab = fs.readlinkSync("/proc/self/ns/pid").replace(/\D/g, "");
    return new NodeCgroup(path.join(root, `${prefix}${lab}`, node));
  }

  /** The command, run by a process that is in the cgroup first: entering a cgroup namespace does not move a process. */
  joining(argv: readonly string[]): readonly string[] {
    return ["sh", "-c", 'mkdir -p "$0" && echo $$ >"$0/cgroup.procs" && exec "$@"', this.folder, ...argv];
  }

  /** Removes the cgroup when its last process is gone, which takes the kernel some milliseconds. */
  async remove(): Promise<void> {
    for (let tries = 0; tries < 100; tries++) {
      if (removed(this.folder)) break;
      await sleep(50);
    }
    removed(path.dirname(this.folder));
  }
}

/** Where the cgroup2 hierarchy is mounted; undefined where it is not. */
export function cgroupRoot(): string | undefined {
  const mounts = fs.readFileSync("/proc/self/mounts", "utf8").split("\n");
  return mounts.map((line) => line.split(" ")).find(([, , type]) => type === "cgroup2")?.[1];
}

function removeEmpty(root: string): void {
  for (const lab of fs.readdirSync(root).filter((name) => name.startsWith(prefix))) {
    const folder = path.join(root, lab);
    const nodes = fs.readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    for (const { name } of nodes) removed(path.join(folder, name));
    removed(folder);
  }
}

/** A cgroup with a process or another cgroup in it is busy, and stays. */
function removed(folder: string): boolean {
  try {
    fs.rmdirSync(folder);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (code === "ENOENT") return true;
    if (["EBUSY", "ENOTEMPTY"].includes(code)) return false;
    throw error;
  }
}
