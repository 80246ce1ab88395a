import assert from "node:assert/strict";
import { isInside, stopSignal } from "../../../lab/namespace/enter";
import { Narrator } from "../../../lab/rehearsal/report";
import { runInLab } from "../../../lab/rehearsal/outside";
import { prepare } from "../../../lab/rehearsal/prepare";
import { createWorkspace, removeData } from "../../../lab/rehearsal/workspace";
import { playScenarios, type Scenarios } from "../scenarios";
import { operations } from "./index";
import { LEAVING, LEAVING_STACKS } from "./leaving";
import { OperationsStage } from "./stage";

/** Scenarios with the stacks of test/stacks that they run on. */
interface ScenarioSet<Stage> {
  readonly stacks: readonly [string, ...string[]];
  readonly scenarios: Scenarios<Stage>;
  readonly stage: (first: OperationsStage, ...others: OperationsStage[]) => Stage;
}

/**
 * Makes clusters in the lab, operates them, ends them: `leaving`, or the chain on one cluster, or the subjects of it that
 * are named. What happens is told on standard error; `npm run lab -- shell` looks inside.
 */
function main(argv: readonly string[]): Promise<number> {
  if (argv[0] === "leaving") {
    const { kept, lost } = LEAVING_STACKS;
    const stage = (first: OperationsStage, second = first) => ({ kept: first, lost: second });
    return run({ stacks: [kept, lost], scenarios: LEAVING, stage });
  }
  const scenarios = operations(argv.length === 0 ? undefined : argv);
  return run({ stacks: ["ops"], scenarios, stage: (only) => only });
}

function run<Stage>(set: ScenarioSet<Stage>): Promise<number> {
  return isInside() ? inside(set) : runInLab({ stack: set.stacks[0], cilium: "simulated" });
}

async function inside<Stage>({ stacks, scenarios, stage }: ScenarioSet<Stage>): Promise<number> {
  const stop = stopSignal();
  const narrator = new Narrator((line) => process.stderr.write(`${line}\n`), false);
  const workspaces = await Promise.all(stacks.map((name) => createWorkspace(name)));
  const site = await prepare(
    workspaces,
    { stack: stacks[0], cilium: "simulated", keep: false, pace: "fast", json: true, verbose: true },
    narrator,
  );
  const stopped = new Promise<never>((_resolve, reject) =>
    stop.addEventListener("abort", () => reject(new Error("stopped"))),
  );
  try {
    const [first, ...others] = site.rehearsals.map(
      (rehearsal, i) => new OperationsStage(rehearsal, workspaces[i] ?? assert.fail()),
    );
    const work = playScenarios(told(scenarios, narrator), stage(first ?? assert.fail(), ...others));
    const failed = await Promise.race([work, site.lab.failure, site.bootFailed, stopped]);
    if (failed === 0) for (const { directory } of workspaces) removeData(directory);
    return failed === 0 ? 0 : 1;
  } catch (error) {
    narrator.fails((error as Error).message);
    await Promise.all(site.rehearsals.map(({ engine }) => engine.interrupt()));
    return 2;
  } finally {
    await site.lab.stop();
  }
}

/** The same scenarios, each said when it begins and when it fails. */
function told<Stage>(chain: Scenarios<Stage>, narrator: Narrator): Scenarios<Stage> {
  return Object.fromEntries(
    Object.entries(chain).map(([name, scenario]) => [
      name,
      async (stage: Stage) => {
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

void main(process.argv.slice(2)).then((code) => process.exit(code));
