import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterPlan } from "../model/plan/plan";
import { KubeconfigError, selfContained } from "../ops/kubernetes/kubeconfig";
import type { ClusterReadiness } from "./cluster-readiness";
import type { RunRights } from "./live-preflight";
import { independentOfMachine } from "./management-cluster";
import type { WorkloadCluster } from "./workload-cluster";

const unknownText = pulumi.output(pulumi.unknown as string);

/** The workload cluster's kubeconfig, read in each run because Cluster API renews it, and a provider for it. */
export class WorkloadAccess extends pulumi.ComponentResource {
  readonly kubeconfig: pulumi.Output<string>;
  readonly provider: k8s.Provider;
  /** Resolves when the cluster is ready; unknown in a preview before it was made, so that what is in it is not read. */
  readonly ready: pulumi.Output<unknown>;

  constructor(
    name: string,
    args: {
      readonly plan: ClusterPlan;
      readonly workload: WorkloadCluster;
      readonly readiness: ClusterReadiness;
      readonly management: k8s.Provider;
      readonly rights: RunRights;
    },
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("metal:index:WorkloadAccess", name, {}, options);
    const { plan, workload, readiness, management, rights } = args;
    // Ids are unknown until made, so a first preview reads nothing; a known id would fail it. So does one that may not be read.
    this.ready = pulumi.all([workload.cluster.id, readiness.command.id]);
    const id = pulumi
      .all([this.ready, rights.secretsReadable ? "" : unknownText])
      .apply(() => `${plan.namespace}/${plan.name}-kubeconfig`);
    const secret = k8s.core.v1.Secret.get(`${plan.name}-kubeconfig`, id, {
      parent: this,
      provider: management,
      dependsOn: readiness.command,
    });
    this.kubeconfig = pulumi.secret(
      secret.data.apply((data) =>
        kubeconfigIn(data["value"] ?? "", `${plan.namespace}/${plan.name}-kubeconfig`),
      ),
    );
    this.provider = new k8s.Provider(
      `${plan.name}-workload`,
      {
        ...independentOfMachine,
        kubeconfig: this.kubeconfig,
        // Without it an unknown kubeconfig shows everything in the cluster as replaced.
        clusterIdentifier: plan.name,
        enableConfigMapMutable: true,
        enableSecretMutable: true,
        // The resource set has already created Cilium's objects; this provider takes ownership of them.
        upsertExistingObjects: true,
        enablePatchForce: true,
      },
      // A preview that may not read the Secret takes the kubeconfig of the last update: unknown, it would show all as updated.
      { parent: this, ...(rights.secretsReadable ? {} : { ignoreChanges: ["kubeconfig"] }) },
    );
    this.registerOutputs({});
  }
}

function kubeconfigIn(value: string, name: string): string {
  try {
    return selfContained(Buffer.from(value, "base64").toString("utf8"), `Secret ${name}`);
  } catch (error) {
    if (!(error instanceof KubeconfigError)) throw error;
    throw new pulumi.RunError(error.message);
  }
}
