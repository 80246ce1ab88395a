import {
  type ObjectKey,
  type RolloutOrder,
  type RolloutRecord,
  isPrunable,
  orphans,
  spelt,
} from "../../model/cilium/upgrade";
import { plainText } from "../../model/redaction/shown";
import { programCode, reportDefects } from "../exit-codes";
import type { KubernetesApi } from "../kubernetes/api";
import { Kinds, clustersOf } from "../live/clusters";
import { parseOrder, readAll, wait } from "../wait/wait";
import { Output } from "../wait/output";
import type { Ending } from "../wait/run";

/**
 * Follows a rollout to its end, then prunes the objects that left the render: `exec node --import tsx ops/upgrade/rollout-main.ts`, a
 * RolloutOrder on standard input, and in PULUMI_COMMAND_STDOUT what the run before printed. Prints a RolloutRecord.
 */
async function main(): Promise<Ending> {
  const order = JSON.parse(await readAll(process.stdin)) as RolloutOrder;
  const waited = await wait(Promise.resolve(parseOrder(JSON.stringify(order.wait))));
  if (waited.code !== programCode.done) return waited;
  const before = recordIn(process.env["PULUMI_COMMAND_STDOUT"]);
  await using clusters = clustersOf(order.wait);
  try {
    const outcomes = await pruneOrphans(await clusters.workload(), order, before);
    const output = new Output(order.wait, Date.now(), process.stderr);
    for (const { text, pruned } of outcomes) {
      const event = { at: Date.now(), host: order.wait.plan.cluster, text };
      output.tellAtLength({ ...event, phase: pruned ? "pruned" : "left" });
    }
    const left = outcomes.filter(({ pruned }) => !pruned).map(({ key }) => key);
    const record: RolloutRecord = { objects: order.objects, left };
    return { code: programCode.done, stdout: JSON.stringify(record) };
  } catch (error) {
    process.stderr.write(
      `rolled out, but the objects that left the render could not be pruned: ${plainText((error as Error).message)}\n`,
    );
    return { code: programCode.failed };
  }
}

/** The outcome for an object that the render no longer contains. */
export interface OrphanOutcome {
  readonly key: ObjectKey;
  readonly pruned: boolean;
  readonly text: string;
}

/** Deletes the stack's own objects that the render no longer contains, and names those that remain. Objects that no longer exist are skipped. */
export async function pruneOrphans(
  api: KubernetesApi,
  { objects, prune }: RolloutOrder,
  before: RolloutRecord,
): Promise<readonly OrphanOutcome[]> {
  const kinds = new Kinds(api);
  const outcomes: OrphanOutcome[] = [];
  for (const key of orphans(before, objects)) {
    const type = await kinds.find(key);
    if (type === undefined || (await api.get(type, key.name, key.namespace)) === undefined) continue;
    const pruned = prune && isPrunable(key);
    if (pruned) await api.delete(type, key.name, key.namespace);
    outcomes.push({ key, pruned, text: textOf(key, pruned) });
  }
  return outcomes;
}

function textOf(key: ObjectKey, pruned: boolean): string {
  if (pruned) return `deleted ${spelt(key)}: the render no longer contains it`;
  const { kind, namespace, name } = key;
  const place = namespace === undefined ? "" : ` -n ${namespace}`;
  return `${spelt(key)} remains, although the render no longer contains it; delete it: kubectl delete ${kind.toLowerCase()}${place} ${name}`;
}

/** The record of an earlier run; an empty one when there is none that can be parsed. */
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
