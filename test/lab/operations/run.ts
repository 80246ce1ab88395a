import { isInside, stopSignal } from "../../../lab/namespace/enter";
import { Narrator } from "../../../lab/rehearsal/narrator";
import { runInLab } from "../../../lab/rehearsal/outside";
import { prepare } from "../../../lab/rehearsal/prepare";
import { createWorkspace, removeData } from "../../../lab/rehearsal/workspace";
import { playScenarios, type Scenarios } from "../scenarios";
import { operations } from "./index";
import { OperationsStage } from "./stage";

const STACK = "ops";

/**
 * Makes the cluster of test/stacks/Pulumi.ops.yaml in the lab, operates it, destroys it. Arguments are subjects to run alone.
 * What happens is told on standard error; `npm run lab -- shell` looks inside.
 */
async function inside(subjects: readonly string[]): Promise<number> {
  const stop = stopSignal();
  const narrator = new Narrator((line) => process.stderr.write(`${line}\n`), false);
  const chain = told(operations(subjects.length === 0 ? undefined : subjects), narrator);
  const workspace = createWorkspace(STACK);
  const site = await prepare([workspace], { stack: STACK, keep: false, pace: "fast", json: true }, narrator);
  const [rehearsal] = site.rehearsals;
  const stopped = new Promise<never>((_resolve, reject) =>
    stop.addEventListener("abort", () => reject(new Error("stopped"))),
  );
  try {
    const played = playScenarios(chain, new OperationsStage(rehearsal, workspace));
    const failed = await Promise.race([played, site.lab.failure, site.bootFailed, stopped]);
    if (failed === 0) removeData(workspace.directory);
    return failed === 0 ? 0 : 1;
  } catch (error) {
    narrator.fails((error as Error).message);
    await rehearsal.engine.interrupt();
    return 2;
  } finally {
    await site.lab.stop();
  }
}

/** The same scenarios, each said when it begins and when it fails. */
function told(chain: Scenarios<OperationsStage>, narrator: Narrator): Scenarios<OperationsStage> {
  return Object.fromEntries(
    Object.entries(chain).map(([name, scenario]) => [
      name,
      async (stage: OperationsStage) => {
        narrator.step(name);
        try {
          await scenario(stage);
        } catch (error) {
          narrator.fails((error as Error).message);
          throw error;
        }
      },
    ]),
  );
}

void (isInside() ? inside(process.argv.slice(2)) : runInLab(STACK)).then((code) => process.exit(code));
