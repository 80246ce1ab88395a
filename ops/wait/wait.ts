import type { WaitOrder } from "../../model/plan/readiness";
import { plainText, shown } from "../../model/redaction/shown";
import { KubernetesApi } from "../kubernetes/api";
import { resolveKubeconfig } from "../kubernetes/kubeconfig";
import { Output } from "./output";
import { type Ending, Run } from "./run";

/**
 * Carries out one order for the whole process: ends on signals, and when its output is no longer read. Exit codes: 0 ready,
 * 1 a named cause or the time is over, 2 cannot begin, 130 and 143 interrupted.
 */
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
    stream.on("error", () => process.exit(143));
  }
  const prepared = await prepare(ordered, startedAt);
  if (typeof prepared === "string") {
    process.stderr.write(`${shown(prepared)}\n`);
    return { code: 2 };
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
