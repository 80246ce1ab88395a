import type { RolloutOrder, RolloutRecord } from "../../model/cilium/upgrade";
import { plainText } from "../../model/redaction/shown";
import { reportDefects } from "../defect";
import { parseOrder, readAll } from "../wait/order";
import { Output } from "../wait/output";
import { type Ending } from "../wait/run";
import { wait } from "../wait/wait";
import { recordIn, settleLeftovers } from "./orphans";
import { clustersOf } from "./workload";

/**
 * Follows a rollout to its end, then settles what left the render: `exec node --import tsx ops/upgrade/rollout-main.ts`, a
 * RolloutOrder on standard input, and in PULUMI_COMMAND_STDOUT what the run before printed. Prints a RolloutRecord.
 */
async function main(): Promise<Ending> {
  const order = JSON.parse(await readAll(process.stdin)) as RolloutOrder;
  const waited = await wait(Promise.resolve(parseOrder(JSON.stringify(order.wait))));
  if (waited.code !== 0) return waited;
  const before = recordIn(process.env["PULUMI_COMMAND_STDOUT"]);
  await using clusters = clustersOf(order.wait);
  try {
    const settled = await settleLeftovers(await clusters.workload(), order, before);
    const output = new Output(order.wait, Date.now(), process.stderr);
    for (const { text, pruned } of settled) {
      const event = { at: Date.now(), host: order.wait.plan.cluster, text };
      output.tellAtLength({ ...event, phase: pruned ? "pruned" : "left" });
    }
    const left = settled.filter(({ pruned }) => !pruned).map(({ key }) => key);
    const record: RolloutRecord = { objects: order.objects, left };
    return { code: 0, stdout: JSON.stringify(record) };
  } catch (error) {
    process.stderr.write(
      `rolled out, but what left the render could not be settled: ${plainText((error as Error).message)}\n`,
    );
    return { code: 1 };
  }
}

reportDefects();
void main().then(({ code, stdout }) => {
  if (stdout !== undefined) process.stdout.write(`${stdout}\n`);
  process.exit(code);
});
