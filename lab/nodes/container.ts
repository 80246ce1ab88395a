import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import { firstChildOf } from "../namespace/enter";
import { writeContainerLog } from "../processes/processes";
import { containerInit } from "./image";
import type { LabNode } from "./node";

/** A place of the node that a container sees; both paths are absolute. */
export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

/** A container on its node's network. */
export interface ContainerSpec {
  /** Names its files on the node. */
  readonly id: string;
  /** The folder of its image below the node's images. */
  readonly image: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** In the order in which they are mounted. */
  readonly mounts: readonly Mount[];
  /** The file of the lab to which its output goes, as container runtimes write it (CRI). */
  readonly log: string;
}

/** Where node-init.sh mounts the images. */
const imageMount = "/opt/node";

const searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** A container that has been started. */
export class Container {
  /** The exit code; 137 and the like where a signal ended it. */
  readonly exited: Promise<number>;
  private code: number | undefined;

  private constructor(
    private readonly node: LabNode,
    private readonly child: ChildProcess,
  ) {
    this.exited = new Promise((resolve) => {
      const end = (code: number) => resolve((this.code = code));
      child.once("error", () => end(127));
      child.once("exit", (code, signal) => end(code ?? 128 + (signal === "SIGTERM" ? 15 : 9)));
    });
  }

  /** Starts the command in its own mount and process namespaces. */
  static start(node: LabNode, spec: ContainerSpec): Container {
    const folder = `/run/containers/${spec.id}`;
    fs.mkdirSync(node.file(folder), { recursive: true });
    const lines = spec.mounts.map(
      ({ source, target, readOnly }) => `${source} ${target} ${readOnly ? "ro" : "rw"}\n`,
    );
    fs.writeFileSync(node.file(`${folder}/mounts`), lines.join(""));
    const namespaces = ["--mount", "--propagation", "slave", "--pid", "--fork", "--kill-child=KILL"];
    const init = [`${imageMount}/${containerInit}`, `${folder}/root`, `${imageMount}/${spec.image}`];
    const argv = ["unshare", ...namespaces, "sh", ...init, `${folder}/mounts`, ...spec.command];
    const [command = "", ...args] = node.entering(argv, { ...spec.environment, PATH: searchPath });
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    writeContainerLog(child, spec.log);
    return new Container(node, child);
  }

  get runs(): boolean {
    return this.code === undefined;
  }

  /** SIGTERM to its first process, and SIGKILL after the grace period; resolves when it has ended. */
  async stop(graceSeconds: number): Promise<void> {
    if (!this.runs) return;
    this.signal("SIGTERM");
    const timer = setTimeout(() => this.signal("SIGKILL"), graceSeconds * 1000);
    await this.exited;
    clearTimeout(timer);
  }

  /** nsenter and unshare, which are above it, wait for it; 0 while it is not there. */
  private get firstProcess(): number {
    return firstChildOf(firstChildOf(this.child.pid ?? 0));
  }

  private signal(signal: "SIGTERM" | "SIGKILL"): void {
    const pid = this.firstProcess;
    if (pid === 0) this.child.kill("SIGKILL");
    else process.kill(pid, signal);
  }
}
