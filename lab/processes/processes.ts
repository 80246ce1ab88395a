import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { EventLog } from "./event-log";
import type { Probe } from "./probes";

/**
 * How far the heap of a Go program may grow between two collections, in percent; Go's own value is 100. Most memory of a lab is
 * that of API servers, whose heap is garbage for the most part.
 */
const garbagePercent = 50;

/** How a process is started. */
export interface StartOptions {
  /** Added to our own environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly ready?: Probe;
  /** How long `ready` may take; 60 by default. */
  readonly readySeconds?: number;
  /** The process may end by itself with code 0. */
  readonly mayEnd?: boolean;
  /** Its log is one that kubelets can show: each line with its time and stream, as container runtimes write it (CRI). */
  readonly containerLog?: boolean;
}

/** A process of the lab ended, or never got ready, although it should live. */
export class ProcessFailure extends Error {
  constructor(
    readonly process: string,
    what: string,
    logFile: string,
  ) {
    super(`${process} ${what}; the end of ${logFile}:\n${lastLines(logFile, 15)}`);
  }
}

interface Running {
  readonly child: ChildProcess;
  readonly exited: Promise<string>;
  readonly logFile: string;
  intended: boolean;
}

/**
 * The lab's child processes by name. They are killed with the lab however it ends: each is set to be killed by the kernel
 * when its parent dies (`setpriv --pdeathsig`). A crash reaches everyone who listens through {@link onFailure}.
 */
export class Processes {
  private readonly running = new Map<string, Running>();
  private readonly listeners = new Set<(failure: ProcessFailure) => void>();

  constructor(
    readonly logDirectory: string,
    private readonly log?: EventLog,
  ) {
    fs.mkdirSync(logDirectory, { recursive: true });
    process.once("exit", () => this.killAtOnce());
  }

  /** Names of what runs now. */
  get names(): readonly string[] {
    return [...this.running.keys()];
  }

  /** The process id, for looking at its memory or signalling it. */
  pid(name: string): number | undefined {
    return this.running.get(name)?.child.pid;
  }

  /** Where a process of this name writes. */
  logFile(name: string): string {
    return path.join(this.logDirectory, `${name}.log`);
  }

  /** Reports crashes; returns a function that stops it. */
  onFailure(listener: (failure: ProcessFailure) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Starts a process and waits until it is ready. Throws {@link ProcessFailure} when it ends before or takes too long. */
  async start(name: string, argv: readonly string[], options: StartOptions = {}): Promise<void> {
    if (this.running.has(name)) throw new Error(`process "${name}" runs already`);
    const logFile = this.logFile(name);
    const output = fs.openSync(logFile, "a");
    const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", ...argv], {
      // Its own session: a Ctrl-C on the terminal is for the lab to act on, in its own order.
      detached: true,
      stdio: options.containerLog === true ? ["ignore", "pipe", "pipe"] : ["ignore", output, output],
      env: { GOGC: String(garbagePercent), ...process.env, ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    fs.closeSync(output);
    if (options.containerLog === true) writeContainerLog(child, logFile);
    const exited = new Promise<string>((resolve) => {
      child.once("error", (error) => resolve(`cannot be started: ${error.message}`));
      child.once("exit", (code, signal) =>
        resolve(signal === null ? `ended with code ${code}` : `was killed by ${signal}`),
      );
    });
    const entry: Running = { child, exited, logFile, intended: false };
    this.running.set(name, entry);
    this.log?.record("process-started", name);
    let becameReady = options.ready === undefined;
    void exited.then((how) => {
      this.running.delete(name);
      this.log?.record("process-ended", name, how);
      const expected = entry.intended || (options.mayEnd === true && child.exitCode === 0);
      if (!expected && becameReady) this.report(new ProcessFailure(name, how, logFile));
    });
    await this.waitUntilReady(name, entry, options);
    becameReady = true;
  }

  /** SIGKILL, the only power-off that is certain: an API server may outlive SIGTERM by minutes. Waits for the end. */
  async kill(name: string): Promise<void> {
    const entry = this.running.get(name);
    if (entry === undefined) return;
    entry.intended = true;
    entry.child.kill("SIGKILL");
    await entry.exited;
  }

  /** Kills everything, the youngest first. */
  async killAll(): Promise<void> {
    for (const name of [...this.running.keys()].reverse()) await this.kill(name);
  }

  private async waitUntilReady(name: string, entry: Running, options: StartOptions): Promise<void> {
    if (options.ready === undefined) return;
    const seconds = options.readySeconds ?? 60;
    const deadline = Date.now() + seconds * 1000;
    let ended: string | undefined;
    void entry.exited.then((how) => (ended = how));
    while (!(await options.ready())) {
      if (ended !== undefined) throw new ProcessFailure(name, ended, entry.logFile);
      if (Date.now() > deadline) {
        await this.kill(name);
        throw new ProcessFailure(name, `was not ready after ${seconds} s`, entry.logFile);
      }
      await sleep(40);
    }
    if (ended !== undefined) throw new ProcessFailure(name, ended, entry.logFile);
  }

  private report(failure: ProcessFailure): void {
    for (const listener of this.listeners) listener(failure);
  }

  private killAtOnce(): void {
    for (const { child } of this.running.values()) child.kill("SIGKILL");
  }
}

/** Writes both streams of a child to the file, each line with its time and stream, as container runtimes do (CRI). */
export function writeContainerLog(child: ChildProcess, file: string): void {
  for (const stream of ["stdout", "stderr"] as const) {
    const input = child[stream];
    if (input === null) continue;
    createInterface({ input }).on("line", (line) => {
      fs.appendFileSync(file, `${new Date().toISOString()} ${stream} F ${line}\n`);
    });
  }
}

function lastLines(file: string, count: number): string {
  const lines = fs.readFileSync(file, "utf8").trimEnd().split("\n");
  return lines
    .slice(-count)
    .map((line) => `  ${line}`)
    .join("\n");
}
