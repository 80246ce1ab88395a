import { planCluster } from "../../model/plan/plan-cluster";
import type { RouterShare } from "../../model/bgp/router/router-share";
import { Refusal } from "../commands/terminal";
import { judgeStackFile } from "../stack/judge-stack-file";
import { findingLines } from "./finding-lines";

/** What stacks ask of their routers. Throws a {@link Refusal} that lists the errors of stacks that are not in order. */
export function routerSharesOf(
  directory: string,
  names: readonly string[],
  now: Date,
): readonly RouterShare[] {
  const readings = names.map((name) => {
    const { stack, findings } = judgeStackFile(directory, name, now);
    return { name, stack, errors: findings.filter(({ severity }) => severity === "error") };
  });
  const broken = readings.filter(({ errors, stack }) => errors.length > 0 || stack === undefined);
  if (broken.length > 0) {
    throw new Refusal(
      broken
        .map(
          ({ name, errors }) =>
            `stack ${name} is refused; npm run metal -- check --stack ${name}\n${findingLines(errors)}`,
        )
        .join(""),
    );
  }
  return readings.flatMap(({ stack }) => (stack === undefined ? [] : planCluster(stack).routers));
}
