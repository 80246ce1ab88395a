import {
  type ObjectKey,
  type RolloutOrder,
  type RolloutRecord,
  isPrunable,
  leavers,
  spelt,
} from "../../model/cilium/upgrade";
import { plainText } from "../../model/redaction/shown";
import { reportDefects } from "../defect";
import type { KubernetesApi } from "../kubernetes/api";
import { Kinds, clustersOf } from "./workload";
import { parseOrder, readAll } from "../wait/order";
import { Output } from "../wait/output";
import type { Ending } from "../wait/run";
import { wait } from "../wait/wait";

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

/** What became of an object that no render holds any more. */
export interface Leftover {
  readonly key: ObjectKey;
  readonly pruned: boolean;
  readonly text: string;
}

/** Deletes what left the render where it is ours, and names what stays. What is gone already is not spoken of. */
export async function settleLeftovers(
  api: KubernetesApi,
  { objects, prune }: RolloutOrder,
  before: RolloutRecord,
): Promise<readonly Leftover[]> {
  const kinds = new Kinds(api);
  const settled: Leftover[] = [];
  for (const key of leavers(before, objects)) {
    const type = await kinds.find(key);
    if (type === undefined || (await api.get(type, key.name, key.namespace)) === undefined) continue;
    const pruned = prune && isPrunable(key);
    if (pruned) await api.delete(type, key.name, key.namespace);
    settled.push({ key, pruned, text: textOf(key, pruned) });
  }
  return settled;
}

function textOf(key: ObjectKey, pruned: boolean): string {
  if (pruned) return `deleted ${spelt(key)}: the render does not hold it any more`;
  const { kind, namespace, name } = key;
  const place = namespace === undefined ? "" : ` -n ${namespace}`;
  return `${spelt(key)} stays, no render holds it and nobody deletes it: kubectl delete ${kind.toLowerCase()}${place} ${name}`;
}

/** The list that an earlier run left; an empty one when there was none, or none that can be read. */
export function recordIn(stdout: string | undefined): RolloutRecord {
  try {
    const { objects = [], left = [] } = JSON.parse(stdout ?? "{}") as Partial<RolloutRecord>;
    return { objects, left };
  } catch {
    return { objects: [], left: [] };
  }
}

reportDefects();
void main().then(({ code, stdout }) => {
  if (stdout !== undefined) process.stdout.write(`${stdout}\n`);
  process.exit(code);
});
