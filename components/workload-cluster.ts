import * as pulumi from "@pulumi/pulumi";
import * as command from "@pulumi/command";
import { kubernetesObject, kubernetesSecret } from "./kubernetes-object";
import { interpreter } from "./program-command";
import { waitCommand } from "./wait";
import type { KubernetesObject } from "../model/kubernetes/object";
import type { SecretPath } from "../model/stack/secrets";
import type { ClusterPlan } from "../model/plan/plan";

/**
 * The Cluster API objects. The Cluster is made last and deleted first, and everything inside the cluster goes with it.
 * Workers change when the control plane is through.
 */
export class WorkloadCluster extends pulumi.ComponentResource {
  readonly cluster: pulumi.CustomResource;

  constructor(
    name: string,
    args: {
      readonly plan: ClusterPlan;
      readonly secret: (path: SecretPath) => pulumi.Output<string>;
      readonly dependsOn: readonly pulumi.Resource[];
    },
    options: pulumi.ComponentResourceOptions,
  ) {
    super("metal:index:WorkloadCluster", name, {}, options);
    const { cluster, timeouts, protect } = args.plan;
    const customTimeouts = { delete: `${timeouts.delete}m` };
    const secrets = cluster.secrets.map((planned) =>
      kubernetesSecret(planned, args.secret, undefined, {
        parent: this,
        retainOnDelete: planned.retainOnDelete ?? false,
      }),
    );
    const before = [...args.dependsOn, ...secrets];
    const first = { parent: this, customTimeouts, dependsOn: before };
    const templates = cluster.templates.map(({ key, manifest, retainOnDelete }) =>
      kubernetesObject(manifest, { ...first, retainOnDelete }, key),
    );
    const declare = (manifest: KubernetesObject, ...after: readonly pulumi.Resource[]) =>
      kubernetesObject(manifest, { ...first, dependsOn: [...before, ...templates, ...after] });
    const isWorkers = ({ kind }: KubernetesObject) => kind === "MachineDeployment";
    const others = cluster.objects.filter((manifest) => !isWorkers(manifest)).map((each) => declare(each));
    const controlPlane = controlPlaneFirst(args.plan, { parent: this, dependsOn: others });
    const workers = cluster.objects.filter(isWorkers).map((manifest) => declare(manifest, controlPlane));
    this.cluster = kubernetesObject(cluster.cluster, {
      ...first,
      protect,
      dependsOn: [
        ...before,
        ...templates,
        ...others,
        ...workers,
        teardownCleanup(args.plan, { parent: this }),
      ],
    });
    this.registerOutputs({});
  }
}

/**
 * Done when every control plane machine is of the present template and version; workers are updated after it. They would
 * otherwise start at once, and without a spare host lose their machines while Cluster API holds their successors back.
 */
function controlPlaneFirst(plan: ClusterPlan, options: pulumi.CustomResourceOptions): pulumi.Resource {
  const controlPlane = plan.cluster.objects.filter(({ kind }) => kind === "KubeadmControlPlane");
  return waitCommand(
    "control-plane-first",
    { plan, waitFor: plan.controlPlaneFirst, whenChanges: controlPlane },
    options,
  );
}

/**
 * Does nothing until the stack is destroyed. What depends on it is deleted first, so it runs when the Cluster is gone, and
 * removes the objects that Metal3 leaves orphaned.
 */
function teardownCleanup(
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
