import { resources } from "../../model/kubernetes/resources";
import { decideHost } from "../../model/live/recover/host";
import { ApiError } from "../kubernetes/api";
import { StackClusters, queried } from "../live/clusters";
import { readSnapshot } from "../live/snapshot";
import { orphansRemoved } from "../recover/remediations";
import { agreed } from "./agreement";
import { chosenPlan } from "./chosen-plan";
import type { RecoverOptions } from "./recover";
import { RecoveryReport } from "./recover-report";
import { type ExitCode, Refusal, type Terminal, exitCodes } from "./terminal";

/** Gives a host back to Cluster API: decides, asks, and patches away what nobody holds any more. */
export async function recoverHost(
  terminal: Terminal,
  name: string,
  options: RecoverOptions,
): Promise<ExitCode> {
  const { plan } = chosenPlan(terminal, options.stack);
  const report = new RecoveryReport(terminal, plan, options.json === true);
  await using clusters = new StackClusters(plan, terminal.directory);
  const decision = decideHost(name, { plan, snapshot: await readSnapshot(plan, clusters) });
  if (decision.step === "untold") return report.untold(decision.why);
  if (decision.step === "refuse") return report.refused(decision.why);
  if (!(await agreed(terminal, decision.consequences, options.yes === true))) {
    return report.end({ outcome: "declined" }, "nothing was changed", exitCodes.wouldHaveAsked);
  }
  const management = await clusters.management();
  await queried("the management cluster", () =>
    management.mergePatch(resources.BareMetalHost, name, plan.namespace, decision.patch),
  ).catch((error: Error) => {
    const changed = error.cause instanceof ApiError && error.cause.status === 409;
    throw changed
      ? new Refusal(`host ${name} changed while it was looked at; run the same command again`)
      : error;
  });
  const removed = await orphansRemoved(plan, clusters);
  const done = [...decision.consequences, ...removed];
  return report.end(
    { outcome: "recovered", host: name, done },
    `recovered: ${done.join("; ")}`,
    exitCodes.holds,
  );
}
