import * as pulumi from "@pulumi/pulumi";
import type { CiliumRender } from "../model/cilium/manifest";
import { fieldManager, fieldManagerAnnotation } from "../model/cilium/ownership";
import {
  emptyRollout,
  objectKeys,
  rolloutPlan,
  trialCall,
  type RolloutOrder,
  type PrepareOrder,
} from "../model/cilium/upgrade";
import type { KubernetesObject } from "../model/kubernetes/object";
import type { ClusterPlan } from "../model/plan/plan";
import type { CiliumResourceSet } from "./cilium-manifest";
import { kubernetesObject } from "./kubernetes-object";
import { programCommand } from "./program-command";
import { waitOrder } from "./wait";
import type { WorkloadAccess } from "./workload-access";
import type { WorkloadCluster } from "./workload-cluster";

/** What a pod reads once, when it starts: all of it must be there before pods are restarted. */
const readAtStart = [
  "ClusterRole",
  "ClusterRoleBinding",
  "ConfigMap",
  "Role",
  "RoleBinding",
  "Secret",
  "ServiceAccount",
];

/** What the lifecycle needs of the steps before it. */
interface LifecycleArgs {
  readonly plan: ClusterPlan;
  readonly render: CiliumRender;
  readonly addon: CiliumResourceSet;
  readonly access: WorkloadAccess;
  readonly workload: WorkloadCluster;
}

/**
 * Who owns Cilium once the resource set has applied it. `pulumi`: this stack adopts the same objects, so that a change is
 * a readable diff, tried first and followed node by node. `resource-set`: the set applies a change, and this step follows
 * it. Any other: not this step. Adopted objects that leave the program are retained: the next owner finds them
 * running.
 */
export class CiliumLifecycle extends pulumi.ComponentResource {
  /** Done when the render runs on every node; empty where this stack does not own Cilium. */
  readonly rolledOut: readonly pulumi.Resource[];

  constructor(name: string, args: LifecycleArgs, options?: pulumi.ComponentResourceOptions) {
    super("metal:index:CiliumLifecycle", name, {}, options);
    switch (args.plan.cilium.lifecycle) {
      case "pulumi":
        this.rolledOut = [this.followed(args, true, this.adopted(args, this.prepared(args)))];
        break;
      case "resource-set":
        this.rolledOut = [this.followed(args, false, [args.addon, args.access.provider])];
        break;
      default:
        this.rolledOut = [];
    }
    this.registerOutputs({});
  }

  /** Tries another version before anything is touched, and takes ownership of the objects' fields. */
  private prepared({ plan, render, access }: LifecycleArgs): pulumi.Resource {
    const wait = waitOrder(plan, emptyRollout(plan));
    const { version } = plan.cilium;
    const order: PrepareOrder = { version, call: trialCall(plan.cilium), wait, objects: objectKeys(render) };
    return programCommand(
      "cilium-prepare",
      { program: "ops/upgrade/prepare-main.ts", order, timeoutSeconds: wait.plan.timeoutSeconds },
      { parent: this, dependsOn: access.provider },
    );
  }

  /** The objects that the resource set has applied; restarting pods come last. */
  private adopted(
    { plan, render, access, workload }: LifecycleArgs,
    prepared: pulumi.Resource,
  ): pulumi.Resource[] {
    const rollout = `${plan.timeouts.rollout}m`;
    const inCluster = {
      parent: this,
      provider: access.provider,
      deletedWith: workload.cluster,
      retainOnDelete: true,
      customTimeouts: { create: rollout, update: rollout },
    };
    const all = [...render.objects, ...(render.secrets?.objects ?? [])];
    const adopt = (objects: readonly KubernetesObject[], dependsOn: pulumi.Resource[]) =>
      objects.map((object) =>
        kubernetesObject(written(object), { ...inCluster, dependsOn }, keyOf(object.metadata)),
      );
    // Roles and Secrets live in the render's namespaces.
    const namespaces = adopt(
      all.filter(({ kind }) => kind === "Namespace"),
      [prepared],
    );
    const settings = adopt(
      all.filter(({ kind }) => readAtStart.includes(kind)),
      [prepared, ...namespaces],
    );
    const others = adopt(
      all.filter(({ kind }) => kind !== "Namespace" && !readAtStart.includes(kind)),
      [prepared, ...namespaces, ...settings],
    );
    return [...namespaces, ...settings, ...others];
  }

  /** Follows the rollout node by node, and prunes the objects that left the render. */
  private followed(
    { plan, render }: LifecycleArgs,
    prune: boolean,
    dependsOn: pulumi.Resource[],
  ): pulumi.Resource {
    const waitFor = rolloutPlan(plan, render);
    const order: RolloutOrder = { wait: waitOrder(plan, waitFor), objects: objectKeys(render), prune };
    return programCommand(
      "cilium-rollout",
      {
        program: "ops/upgrade/rollout-main.ts",
        order,
        timeoutSeconds: waitFor.timeoutSeconds,
        remembers: true,
      },
      { parent: this, dependsOn },
    );
  }
}

/**
 * Adds the provider's annotations: our field manager, and no wait of the provider for a rollout, which reports nothing about
 * nodes and does not fail early.
 */
function written(object: KubernetesObject): KubernetesObject {
  const rollsOut = object.kind === "DaemonSet" || object.kind === "Deployment";
  const annotations = {
    ...object.metadata.annotations,
    [fieldManagerAnnotation]: fieldManager,
    ...(rollsOut ? { "pulumi.com/skipAwait": "true" } : {}),
  };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/** Roles of one name live in several namespaces. */
function keyOf({ namespace, name }: { readonly namespace?: string; readonly name: string }): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}
