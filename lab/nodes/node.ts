import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { firstChildOf } from "../namespace/enter";
import type { Processes } from "../processes/processes";
import { NodeCgroup } from "./cgroup";
import { placeInside } from "./inside-root";

/** What a node is made of. */
export interface NodeSpec {
  readonly name: string;
  /** A folder of the lab in which the node's logs and mount point lie. */
  readonly directory: string;
  /** A folder of programs, first on the node's `PATH`; or of images, each a folder. */
  readonly programs: string;
  /** The `bpf` folder of Cilium's sources, for programs that run without a container. */
  readonly bpf?: string;
}

/** Rights over the machine that neither agents nor what starts them need; without them nothing in a node gets them back. */
const refused = [
  ...["sys_boot", "sys_rawio", "sys_time", "sys_module", "sys_pacct", "mknod", "wake_alarm"],
  ...["audit_control", "mac_admin", "mac_override"],
];

const bounded = [
  "/usr/bin/setpriv",
  "--inh-caps=-all",
  `--bounding-set=${refused.map((right) => `-${right}`).join(",")}`,
];

/** The node's `PATH`: the lab's programs come before the machine's. */
const searchPath = "/opt/node:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin";

/**
 * A server of the lab as namespaces: network, mounts, processes, host name, IPC and cgroup are its own. Ending its first
 * process, which the end of the lab does too, ends everything inside, and the kernel frees its BPF programs and maps.
 */
export class LabNode {
  private constructor(
    readonly spec: NodeSpec,
    private readonly processes: Processes,
    private readonly cgroup: NodeCgroup,
    /** The node's first process, as the lab's process namespace numbers it. */
    readonly pid: number,
  ) {}

  /** Starts the node; throws ProcessFailure with the end of its log where its root cannot be built. */
  static async start(spec: NodeSpec, processes: Processes): Promise<LabNode> {
    const root = path.join(spec.directory, "root");
    fs.mkdirSync(root, { recursive: true });
    const cgroup = NodeCgroup.of(spec.name);
    const process = processNameOf(spec);
    const init = path.join(__dirname, "node-init.sh");
    const unshare = [
      "--net",
      "--mount",
      "--uts",
      "--ipc",
      "--cgroup",
      "--pid",
      "--fork",
      "--kill-child=KILL",
    ];
    const log = processes.logFile(process);
    fs.rmSync(log, { force: true });
    await processes.start(
      process,
      cgroup.joining(["unshare", ...unshare, "sh", init, spec.name, root, spec.programs, spec.bpf ?? ""]),
      { ready: () => Promise.resolve(/^ready$/m.test(fs.readFileSync(log, "utf8"))) },
    );
    const pid = firstChildOf(processes.pid(process) ?? 0);
    // For `npm run lab -- shell --node`.
    fs.writeFileSync(path.join(spec.directory, "pid"), String(pid));
    return new LabNode(spec, processes, cgroup, pid);
  }

  /** A file of the node, as the lab opens it: links on the way to it lead to places of the node, and not of the machine. */
  file(place: string): string {
    return placeInside(`/proc/${this.pid}/root`, place);
  }

  /** Starts a program in all of the node's namespaces; its output goes to the file. */
  spawn(argv: readonly string[], environment: Readonly<Record<string, string>>, log: string): ChildProcess {
    const output = fs.openSync(log, "a");
    const [command = "", ...args] = this.entering(argv, environment);
    const child = spawn(command, args, { stdio: ["ignore", output, output] });
    fs.closeSync(output);
    return child;
  }

  /** Runs a command in the node to its end; throws with its error output where it fails. */
  run(...argv: readonly string[]): string {
    const [command = "", ...args] = this.entering(argv, {});
    const done = spawnSync(command, args, { encoding: "utf8" });
    if (done.status !== 0) throw new Error(`${this.spec.name}: ${argv.join(" ")}: ${done.stderr.trim()}`);
    return done.stdout;
  }

  /** The command that runs another one on the node's network, with the lab's files. */
  onItsNetwork(argv: readonly string[]): readonly string[] {
    return this.onNetwork(`/proc/${this.pid}/ns/net`, argv);
  }

  /** The same on another network of the node, such as a pod's; `file` is the network namespace. */
  onNetwork(file: string, argv: readonly string[]): readonly string[] {
    return this.cgroup.joining(["nsenter", `--net=${file}`, "--", ...argv]);
  }

  /** The command that runs another one in all of the node's namespaces, or in those of a process of the node. */
  entering(
    argv: readonly string[],
    environment: Readonly<Record<string, string>>,
    pid = this.pid,
  ): readonly string[] {
    const target = ["--target", String(pid), "--mount", "--net", "--pid", "--uts", "--ipc", "--cgroup"];
    const variables = Object.entries({ HOME: "/root", PATH: searchPath, ...environment });
    return this.cgroup.joining([
      "nsenter",
      ...target,
      "--",
      "/usr/bin/env",
      "-i",
      ...variables.map(([name, value]) => `${name}=${value}`),
      ...bounded,
      ...argv,
    ]);
  }

  /** Cuts the power. */
  async stop(): Promise<void> {
    await this.processes.kill(processNameOf(this.spec));
    fs.rmSync(path.join(this.spec.directory, "pid"), { force: true });
    await this.cgroup.remove();
  }
}

function processNameOf({ name }: NodeSpec): string {
  return `node-${name}`;
}
