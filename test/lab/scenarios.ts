import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import readline from "node:readline";

/** Scenarios by the sentence that each makes true, in their order: each goes on where the one before left off. */
export type Scenarios<Stage> = Readonly<Record<string, (stage: Stage) => Promise<void>>>;

/** How one scenario ended; a line of JSON between the program that plays them and the tests. */
interface ScenarioEnd {
  readonly name: string;
  readonly seconds: number;
  readonly failure?: string;
}

/** Plays scenarios one after the other, and prints how each ended. Returns how many failed. */
export async function playScenarios<Stage>(scenarios: Scenarios<Stage>, stage: Stage): Promise<number> {
  let failures = 0;
  for (const [name, scenario] of Object.entries(scenarios)) {
    const begun = Date.now();
    let failure: string | undefined;
    try {
      await scenario(stage);
    } catch (error) {
      failure = (error as Error).message;
      failures += 1;
    }
    const end: ScenarioEnd = {
      name,
      seconds: (Date.now() - begun) / 1000,
      ...(failure === undefined ? {} : { failure }),
    };
    process.stdout.write(`${JSON.stringify(end)}\n`);
  }
  return failures;
}

/**
 * One test per scenario of a program that runs them: all share its one start of the lab. `skipped` has the reason for each
 * scenario that cannot run here; the program leaves it out.
 */
export function scenarioTests(
  title: string,
  names: readonly string[],
  limitSeconds: number,
  command: () => readonly string[],
  skipped: ReadonlyMap<string, string> = new Map(),
): void {
  describe(title, function () {
    this.timeout(limitSeconds * 1000);
    let ended: ReadonlyMap<string, Promise<ScenarioEnd>>;
    before(() => (ended = runScenario(command(), names, limitSeconds)));

    for (const name of names) {
      const reason = skipped.get(name);
      if (reason !== undefined) {
        it.skip(`${name} (skipped: ${reason})`);
        continue;
      }
      it(name, async () => {
        const end = await ended.get(name);
        assert.equal(end?.failure, undefined);
      });
    }
  });
}

/** Starts the program; each scenario's end resolves as its line comes, and rejects when the program ends without it. */
function runScenario(
  argv: readonly string[],
  names: readonly string[],
  limitSeconds: number,
): ReadonlyMap<string, Promise<ScenarioEnd>> {
  const [file = "", ...rest] = argv;
  const child = spawn(file, rest, { stdio: ["ignore", "pipe", "pipe"] });
  const limit = setTimeout(() => child.kill("SIGTERM"), (limitSeconds - 10) * 1000);
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (said = (said + chunk).slice(-6000)));
  const hear = new Map<string, (end: ScenarioEnd) => void>();
  const over = new Promise<never>((_resolve, reject) =>
    child.once("close", () => {
      clearTimeout(limit);
      reject(new Error(`did not run: ${said}`));
    }),
  );
  over.catch(() => undefined);
  const ended = new Map(
    names.map((name) => {
      const own = new Promise<ScenarioEnd>((resolve) => hear.set(name, resolve));
      const either = Promise.race([own, over]);
      either.catch(() => undefined);
      return [name, either] as const;
    }),
  );
  readline.createInterface({ input: child.stdout }).on("line", (line) => {
    if (!line.startsWith("{")) return;
    const end = JSON.parse(line) as ScenarioEnd;
    hear.get(end.name)?.(end);
  });
  return ended;
}
