import { field, list, number, text } from "../../model/kubernetes/object";
import type { WaitOrder } from "../../model/plan/readiness";
import { plainText, shown } from "../../model/redaction/shown";
import { programCode } from "../exit-codes";
import { KubernetesApi } from "../kubernetes/api";
import { resolveKubeconfig } from "../kubernetes/kubeconfig";
import { Output } from "./output";
import { type Ending, Run } from "./run";

/** Carries out one order for the whole process: ends on signals, and when its output is no longer read. */
export async function wait(ordered: Promise<WaitOrder>): Promise<Ending> {
  const startedAt = Date.now();
  let interrupted: "SIGINT" | "SIGTERM" | undefined;
  const current: { run?: Run } = {};
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      interrupted = signal;
      current.run?.interrupt(signal);
    });
  }
  // A closed pipe is how we may first learn that the parent is gone; an unheard error would end us with a stack trace.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", () => process.exit(programCode.terminated));
  }
  const prepared = await prepare(ordered, startedAt);
  if (typeof prepared === "string") {
    process.stderr.write(`${shown(prepared)}\n`);
    return { code: programCode.undecided };
  }
  const run = new Run(prepared.order, prepared.output, startedAt);
  current.run = run;
  run.start(prepared.api);
  if (interrupted !== undefined) run.interrupt(interrupted);
  return run.ended;
}

/** Everything that can fail before the wait begins: the order, the events file, the kubeconfig. A string names what failed. */
async function prepare(
  ordered: Promise<WaitOrder>,
  startedAt: number,
): Promise<string | { order: WaitOrder; output: Output; api: KubernetesApi }> {
  try {
    const order = await ordered;
    const { kubeconfigFile, context } = order.management;
    const api = await KubernetesApi.open(resolveKubeconfig({ context, kubeconfig: kubeconfigFile }), context);
    return { order, output: new Output(order, startedAt, process.stderr), api };
  } catch (error) {
    return `cannot wait: ${plainText((error as Error).message)}`;
  }
}

/** An order that cannot be carried out; the message is for its author. */
class OrderError extends Error {}

/** Reads all of a stream, as text. */
export async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Buffer));
  return Buffer.concat(chunks).toString("utf8");
}

/** The order in a JSON text. The plan comes from our own program, so only what would make us wait for nothing is checked. */
export function parseOrder(json: string): WaitOrder {
  const order = parseJson(json);
  const subject = text(order, "plan", "subject");
  const required: Record<string, readonly string[]> = {
    cluster: ["hosts", "workerPools", "workloads", "customResourceDefinitions"],
    "control-plane": ["hosts", "workerPools", "workloads", "customResourceDefinitions"],
    bgp: ["instances", "peerConfigs"],
    rollout: ["workloads"],
  };
  const lists = subject === undefined ? undefined : required[subject];
  if (lists === undefined) {
    throw new OrderError(
      `order: plan.subject ${quoted(subject)} is not known; write cluster, control-plane, bgp or rollout`,
    );
  }
  for (const path of [["plan", "cluster"], ["plan", "namespace"], ["eventsFile"]]) {
    if ((text(order, ...path) ?? "") === "") throw new OrderError(`order: ${path.join(".")} is missing`);
  }
  for (const name of lists) {
    if (!Array.isArray(field(order, "plan", name))) throw new OrderError(`order: plan.${name} is not a list`);
  }
  const seconds = subject === "rollout" ? ["timeoutSeconds"] : ["timeoutSeconds", "steadySeconds"];
  for (const name of seconds) {
    const value = number(order, "plan", name);
    if (value === undefined || !(value >= 0)) {
      throw new OrderError(
        `order: plan.${name} ${quoted(field(order, "plan", name))} is not a number of seconds`,
      );
    }
  }
  if (subject === "cluster" && list(order, "plan", "hosts").length === 0) {
    throw new OrderError("order: plan.hosts is empty, so there is nothing to wait for");
  }
  if (typeof field(order, "management") !== "object") throw new OrderError("order: management is missing");
  return order as WaitOrder;
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // The library's message quotes the text.
    throw new OrderError("order: standard input holds no JSON");
  }
}

function quoted(value: unknown): string {
  return value === undefined ? "(absent)" : JSON.stringify(value);
}
