import type { PrepareOrder } from "../../model/cilium/upgrade";
import { plainText } from "../../model/redaction/shown";
import { reportDefects } from "../defect";
import { readAll } from "../wait/order";
import { takeOver } from "./field-ownership";
import { tryUpgrade } from "./trial";
import { clustersOf } from "./workload";

/**
 * Before the stack writes Cilium's objects: tries another version, then becomes their one writer. Run as
 * `exec node --import tsx ops/upgrade/prepare-main.ts`, a PrepareOrder on standard input.
 */
async function main(): Promise<number> {
  const order = JSON.parse(await readAll(process.stdin)) as PrepareOrder;
  await using clusters = clustersOf(order.wait);
  try {
    const api = await clusters.workload();
    const code = await tryUpgrade(api, order);
    if (code === 0) await takeOver(api, order.objects);
    return code;
  } catch (error) {
    process.stderr.write(
      `nothing of the running Cilium was changed: ${plainText((error as Error).message)}\n`,
    );
    return 1;
  }
}

reportDefects();
void main().then((code) => process.exit(code));
