import fs from "node:fs";
import net from "node:net";
import { spawn, spawnSync } from "node:child_process";

/** Set inside the namespace, so that the re-executed program knows where it is. */
const insideVariable = "METAL_LAB_INSIDE";

/** Every variant of `unshare` that gives the lab a network of its own, the best first. */
const namespaceVariants = {
  root: [
    ["--net", "--pid", "--fork", "--mount-proc"],
    ["--net", "--pid", "--fork"],
  ],
  user: [
    ["--user", "--map-root-user", "--net", "--pid", "--fork", "--mount-proc"],
    ["--user", "--map-root-user", "--net", "--pid", "--fork"],
  ],
} as const;

/** The kernel permits no new namespace; the message explains how to allow or avoid it. */
export class NamespaceRefused extends Error {}

/** A program that runs inside a namespace of its own. */
export interface Inside {
  /** The process whose namespaces are the lab's, as this side of the border numbers it; 0 when it ended already. */
  readonly pid: number;
  /** Whether a user namespace was needed: `nsenter` must then enter it too. */
  readonly userNamespace: boolean;
  readonly exitCode: Promise<number>;
  /** Requests the program to end and clean up; kills all that is inside when it has not after `graceSeconds`. */
  stop(graceSeconds: number): void;
}

/** True in the program that {@link enterNamespace} started. */
export function isInside(): boolean {
  return process.env[insideVariable] === "1";
}

/** Which `unshare` works here. Throws {@link NamespaceRefused} with the remedy when none does. */
export function namespaceFlags(): readonly string[] {
  const root = process.getuid?.() === 0;
  const variants: readonly (readonly string[])[] = root
    ? [...namespaceVariants.root, ...namespaceVariants.user]
    : namespaceVariants.user;
  let last = "";
  for (const flags of variants) {
    const tried = spawnSync("unshare", [...flags, "true"], { encoding: "utf8" });
    if (tried.error !== undefined)
      throw new NamespaceRefused("unshare (util-linux) is not installed; install it");
    if (tried.status === 0) return flags;
    last = tried.stderr.trim();
  }
  throw new NamespaceRefused(`the kernel refuses a network namespace of our own (${last}); ${remedy(root)}`);
}

/** The command that runs our own Node in namespaces of its own; the kernel ends it with the process that starts it. */
export function insideCommand(argv: readonly string[], flags = namespaceFlags()): readonly string[] {
  const enter = ["setpriv", "--pdeathsig", "KILL", "--", "unshare", ...flags, "--kill-child=KILL", "--"];
  return [...enter, process.execPath, ...argv];
}

/**
 * Runs our own Node with `argv` as the first process of new network and process namespaces. Whatever ends this process,
 * SIGKILL included, ends everything inside: `setpriv` and `unshare` hand the kernel's signal down.
 */
export function enterNamespace(argv: readonly string[], env: NodeJS.ProcessEnv): Inside {
  const flags = namespaceFlags();
  const [command = "", ...args] = insideCommand(argv, flags);
  const child = spawn(
    command,
    args,
    // The third pipe is never written: its end stops the program inside.
    { stdio: ["inherit", "inherit", "inherit", "pipe"], env: { ...env, [insideVariable]: "1" } },
  );
  let ended = false;
  const exitCode = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => {
      ended = true;
      resolve(code ?? 1);
    });
  });
  return {
    get pid() {
      return firstChildOf(child.pid ?? 0);
    },
    userNamespace: flags.includes("--user"),
    exitCode,
    stop(graceSeconds) {
      (child.stdio[3] as net.Socket | null)?.end();
      const timer = setTimeout(() => {
        if (!ended) child.kill("SIGKILL");
      }, graceSeconds * 1000);
      timer.unref();
    },
  };
}

/** Inside: aborts when the outer process requests the end, and on the signals that a terminal sends. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  const stop = (why: string) => controller.abort(new Error(why));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop(signal));
  if (isInside()) {
    const pipe = new net.Socket({ fd: 3, readable: true, writable: false });
    pipe.unref();
    pipe.on("error", () => stop("the outer process is gone"));
    pipe.on("close", () => stop("stop requested"));
    pipe.resume();
  }
  return controller.signal;
}

/** The first child of a process; 0 where there is none. */
export function firstChildOf(pid: number): number {
  try {
    const children = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
    return Number(children[0] ?? 0);
  } catch {
    // It ended between the question and the answer.
    return 0;
  }
}

function remedy(root: boolean): string {
  if (root) return "give the container CAP_SYS_ADMIN (docker run --privileged)";
  const restricted = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns";
  if (fs.existsSync(restricted) && fs.readFileSync(restricted, "utf8").trim() === "1") {
    return "Ubuntu's AppArmor forbids it to users: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0, or run as root";
  }
  return "allow unprivileged user namespaces (sudo sysctl user.max_user_namespaces=10000), or run as root";
}
