import { type Profiler, Session } from "node:inspector";

/**
 * How many calls a run makes of functions that are not Node's own, as V8 counts them: the same on every machine and under every
 * load, which no time is. A comparison of all entries with each other shows as a number that grows with the square of their count.
 */
export async function callsOf(run: () => unknown): Promise<number> {
  const session = new Session();
  session.connect();
  const post = (method: string, options?: object) =>
    new Promise<unknown>((resolve, reject) =>
      session.post(method, options, (error, result) => (error === null ? resolve(result) : reject(error))),
    );
  try {
    await post("Profiler.enable");
    await post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
    await run();
    const { result } = (await post("Profiler.takePreciseCoverage")) as Profiler.TakePreciseCoverageReturnType;
    return result
      .filter(({ url }) => url !== "" && !url.startsWith("node:"))
      .flatMap(({ functions }) => functions.map(({ ranges }) => ranges[0]?.count ?? 0))
      .reduce((sum, count) => sum + count, 0);
  } finally {
    session.disconnect();
  }
}
