import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { contentHash } from "../model/content-hash";
import type { ClusterPlan } from "../model/plan/plan";
import type { WaitOrder } from "../model/readiness/plan";

/** What one wait needs: what to wait for, and on whose change to wait again. */
export interface WaitArgs {
  readonly plan: ClusterPlan;
  readonly waitFor: WaitOrder["plan"];
  /** Anything whose change makes the wait start again. */
  readonly whenChanges: unknown;
}

/** Relative to the project's folder, where Commands run, so that the same stack looks the same from every machine. */
const waitingProgram = "ops/wait/main.ts";

/** Pulumi kills only the process it started; the waiting program ends itself half a minute earlier. */
const marginSeconds = 30;

/** Runs the waiting program (ops/wait) as a resource: it streams to the engine's output, and resumes on the next `up`. */
export function waitCommand(
  name: string,
  { plan, waitFor, whenChanges }: WaitArgs,
  options: pulumi.CustomResourceOptions,
): command.local.Command {
  const { kubeconfig, context } = plan.management;
  const order: WaitOrder = {
    plan: waitFor,
    management: { context, ...(kubeconfig === undefined ? {} : { kubeconfigFile: kubeconfig }) },
    eventsFile: `.metal/events/${pulumi.getStack()}.jsonl`,
  };
  const timeout = `${waitFor.timeoutSeconds + marginSeconds}s`;
  return new command.local.Command(
    name,
    {
      create: `exec node --import tsx ${waitingProgram}`,
      stdin: JSON.stringify(order),
      environment: { METAL_WHEN_CHANGES: contentHash(whenChanges) },
      // No start-up files: bash reads them when its stdin is a socket, and they are none of ours.
      interpreter: ["/bin/bash", "--norc", "-euo", "pipefail", "-c"],
      addPreviousOutputInEnv: false,
      logging: command.local.Logging.Stderr,
    },
    // A wait that was cut off is resumed as an update, which has a timeout of its own.
    { ...options, customTimeouts: { create: timeout, update: timeout } },
  );
}
