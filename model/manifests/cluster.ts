import type { Stack, WorkerPool } from "../config/schema";
import { contentHash } from "../content-hash";
import type { KubernetesObject } from "../kubernetes/object";
import { clusterLabel, controlPlanePool, poolLabel } from "../plan/labels";
import type { PlannedObject, WorkloadClusterPlan } from "../plan/plan";
import { controlPlaneKubeadm, workerKubeadm } from "./kubeadm";
import { managementMetadata } from "./metadata";
import { addressPool, dataTemplate, machineTemplate, metal3Cluster, remediationTemplate } from "./metal3";

const core = "cluster.x-k8s.io/v1beta2";

/** All Cluster API and Metal3 objects of the stack, each before what refers to it. */
export function planWorkloadCluster(stack: Stack, kubeProxyReplacement: boolean): WorkloadClusterPlan {
  const pool = addressPool(stack);
  const objects: PlannedObject[] = [
    ...(pool === undefined ? [] : [keep(pool, false)]),
    ...machinePool(stack, controlPlanePool, stack.controlPlane),
    ...stack.workers.flatMap((workers) => [
      ...machinePool(stack, workers.name, workers),
      keep(bootstrapTemplate(stack, workers), true),
    ]),
    keep(metal3Cluster(stack), false),
    keep(kubeadmControlPlane(stack, kubeProxyReplacement), false),
    ...stack.workers.map((workers) => keep(machineDeployment(stack, workers), false)),
  ];
  return { objects, cluster: cluster(stack) };
}

/** Name of a pool's MachineDeployment. */
export function machineDeploymentName(stack: Stack, pool: string): string {
  return `${stack.name}-${pool}`;
}

type PoolSettings = Pick<WorkerPool, "healthCheck" | "nodeReuse">;

function machinePool(stack: Stack, pool: string, settings: PoolSettings): PlannedObject[] {
  const { enabled, reboots } = settings.healthCheck;
  return [
    // Not retained: nothing owns a data template, so nothing would ever remove it (facts/capi-metal3.md 4.4).
    keep(dataTemplate(stack, pool), false),
    keep(machineTemplate(stack, pool, settings.nodeReuse), true),
    ...(enabled && reboots > 0 ? [keep(remediationTemplate(stack, pool, reboots), false)] : []),
    ...(enabled ? [keep(healthCheck(stack, pool, settings), false)] : []),
  ];
}

function healthCheck(stack: Stack, pool: string, { healthCheck: check }: PoolSettings): KubernetesObject {
  const notReady = ["Unknown", "False"].map((status) => ({
    type: "Ready",
    status,
    timeoutSeconds: check.unhealthyAfterSeconds,
  }));
  const template = {
    apiVersion: "infrastructure.cluster.x-k8s.io/v1beta2",
    kind: "Metal3RemediationTemplate",
    name: `${stack.name}-${pool}-reboot`,
  };
  return {
    apiVersion: core,
    kind: "MachineHealthCheck",
    metadata: managementMetadata(stack, `${stack.name}-${pool}`),
    spec: {
      clusterName: stack.name,
      selector: { matchLabels: { [clusterLabel]: stack.name, [poolLabel]: pool } },
      checks: {
        nodeStartupTimeoutSeconds: check.nodeStartupTimeoutSeconds,
        unhealthyNodeConditions: notReady,
      },
      remediation: {
        triggerIf: { unhealthyLessThanOrEqualTo: check.maxUnhealthy },
        ...(check.reboots > 0 ? { templateRef: template } : {}),
      },
    },
  };
}

function kubeadmControlPlane(stack: Stack, kubeProxyReplacement: boolean): KubernetesObject {
  const { replicas, rollout, nodeReuse, drainTimeoutSeconds } = stack.controlPlane;
  return {
    apiVersion: "controlplane.cluster.x-k8s.io/v1beta2",
    kind: "KubeadmControlPlane",
    metadata: managementMetadata(stack, stack.name),
    spec: {
      replicas,
      version: stack.kubernetes.version,
      // Surge 0 needs three members (webhook); fewer can only roll with a spare host.
      rollout: {
        strategy: {
          type: "RollingUpdate",
          rollingUpdate: { maxSurge: rollout.spareHost || replicas < 3 ? 1 : 0 },
        },
      },
      machineTemplate: {
        metadata: { labels: { [clusterLabel]: stack.name, [poolLabel]: controlPlanePool } },
        spec: {
          infrastructureRef: reference(machineTemplate(stack, controlPlanePool, nodeReuse)),
          deletion: deletion(drainTimeoutSeconds),
        },
      },
      kubeadmConfigSpec: controlPlaneKubeadm(stack, kubeProxyReplacement),
    },
  };
}

function bootstrapTemplate(stack: Stack, pool: WorkerPool): KubernetesObject {
  const spec = { template: { spec: workerKubeadm(stack, pool) } };
  return {
    apiVersion: "bootstrap.cluster.x-k8s.io/v1beta2",
    kind: "KubeadmConfigTemplate",
    metadata: managementMetadata(stack, `${stack.name}-${pool.name}-${contentHash(spec)}`),
    spec,
  };
}

function machineDeployment(stack: Stack, pool: WorkerPool): KubernetesObject {
  const labels = { [clusterLabel]: stack.name, [poolLabel]: pool.name };
  const rollingUpdate = pool.rollout.spareHost
    ? { maxSurge: 1, maxUnavailable: 0 }
    : { maxSurge: 0, maxUnavailable: 1 };
  return {
    apiVersion: core,
    kind: "MachineDeployment",
    metadata: managementMetadata(stack, machineDeploymentName(stack, pool.name)),
    spec: {
      clusterName: stack.name,
      replicas: pool.replicas,
      selector: { matchLabels: labels },
      rollout: { strategy: { type: "RollingUpdate", rollingUpdate } },
      remediation: { maxInFlight: 1 },
      template: {
        metadata: { labels },
        spec: {
          clusterName: stack.name,
          version: stack.kubernetes.version,
          bootstrap: { configRef: reference(bootstrapTemplate(stack, pool)) },
          infrastructureRef: reference(machineTemplate(stack, pool.name, pool.nodeReuse)),
          deletion: deletion(pool.drainTimeoutSeconds),
        },
      },
    },
  };
}

function cluster(stack: Stack): KubernetesObject {
  const { pods, services, serviceDomain } = stack.network;
  return {
    apiVersion: core,
    kind: "Cluster",
    metadata: managementMetadata(stack, stack.name, {
      // Pulumi's default, foreground, lets the garbage collector delete all dependents at once (cluster-api#4085).
      annotations: { "pulumi.com/deletionPropagationPolicy": "background" },
    }),
    spec: {
      clusterNetwork: {
        pods: { cidrBlocks: pods },
        services: { cidrBlocks: services },
        serviceDomain,
      },
      infrastructureRef: reference(metal3Cluster(stack)),
      controlPlaneRef: {
        apiGroup: "controlplane.cluster.x-k8s.io",
        kind: "KubeadmControlPlane",
        name: stack.name,
      },
    },
  };
}

function deletion(nodeDrainTimeoutSeconds: number): object {
  return { nodeDrainTimeoutSeconds, nodeVolumeDetachTimeoutSeconds: 600, nodeDeletionTimeoutSeconds: 60 };
}

function reference(object: KubernetesObject): object {
  return { apiGroup: object.apiVersion.split("/")[0], kind: object.kind, name: object.metadata.name };
}

function keep(manifest: KubernetesObject, retainOnDelete: boolean): PlannedObject {
  return { manifest, retainOnDelete };
}
