import { spawn } from "node:child_process";
import { enterNamespace, isInside, stopSignal } from "../../lab/namespace/enter";
import { prepareLoopback } from "../../lab/namespace/network";
import { Processes } from "../../lab/processes/processes";

/** Goes into a namespace, puts an address on its loopback and starts two processes: one of the lab's, one that escapes. */
async function inside(directory: string, seconds: string): Promise<void> {
  const stop = stopSignal();
  prepareLoopback(["10.250.250.29", "fd00:250::29"]);
  await new Processes(directory).start("sleeper", ["sleep", seconds]);
  spawn("setsid", ["sleep", seconds], { detached: true, stdio: "ignore" });
  process.stdout.write("ready\n");
  stop.addEventListener("abort", () => process.exit(3));
  setInterval(() => undefined, 1000);
}

async function main(): Promise<void> {
  const [directory, seconds] = process.argv.slice(2);
  if (directory === undefined || seconds === undefined)
    throw new Error("say a directory and a number of seconds");
  if (isInside()) return inside(directory, seconds);
  const lab = enterNamespace([...process.execArgv, ...process.argv.slice(1)], process.env);
  process.on("SIGTERM", () => lab.stop(10));
  process.exitCode = await lab.exitCode;
}

void main();
