import type * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { contentHash } from "../model/kubernetes/content";
import type { ClusterPlan } from "../model/plan/plan";
import type { WaitOrder } from "../model/plan/readiness";
import { programCommand } from "./program-command";

/** What one wait needs: what to wait for, and on whose change to wait again. */
export interface WaitArgs {
  readonly plan: ClusterPlan;
  readonly waitFor: WaitOrder["plan"];
  /** Anything whose change makes the wait start again. */
  readonly whenChanges: unknown;
}

/** Runs the waiting program (ops/wait) as a resource. */
export function waitCommand(
  name: string,
  { plan, waitFor, whenChanges }: WaitArgs,
  options: pulumi.CustomResourceOptions,
): command.local.Command {
  return programCommand(
    name,
    {
      program: "ops/wait/main.ts",
      order: waitOrder(plan, waitFor),
      environment: { METAL_WHEN_CHANGES: contentHash(whenChanges) },
      timeoutSeconds: waitFor.timeoutSeconds,
    },
    options,
  );
}

/** The input of a program that waits for this stack. */
export function waitOrder({ management }: ClusterPlan, waitFor: WaitOrder["plan"]): WaitOrder {
  const { kubeconfig, context } = management;
  return {
    plan: waitFor,
    management: { context, ...(kubeconfig === undefined ? {} : { kubeconfigFile: kubeconfig }) },
    eventsFile: `.metal/events/${pulumi.getStack()}.jsonl`,
  };
}
