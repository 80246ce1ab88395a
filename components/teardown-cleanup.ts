import * as command from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import type { ClusterPlan } from "../model/plan/plan";
import { interpreter } from "./program-command";

/**
 * Does nothing until the stack is destroyed. What depends on it is deleted first, so it runs when the Cluster is gone, and
 * removes what Metal3 leaves behind for ever.
 */
export function teardownCleanup(
  { name, namespace, management }: ClusterPlan,
  options: pulumi.CustomResourceOptions = {},
): command.local.Command {
  const { kubeconfig, context } = management;
  const order = {
    cluster: name,
    namespace,
    management: { ...(kubeconfig === undefined ? {} : { kubeconfigFile: kubeconfig }), context },
  };
  return new command.local.Command(
    "teardown-cleanup",
    {
      create: "true",
      delete: "exec node --import tsx ops/teardown/cleanup-main.ts",
      stdin: JSON.stringify(order),
      interpreter,
      logging: command.local.Logging.Stderr,
    },
    { ...options, customTimeouts: { delete: "2m" } },
  );
}
