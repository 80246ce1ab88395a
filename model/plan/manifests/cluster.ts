import type { Stack, WorkerPool } from "../../stack/schema";
import { contentHash } from "../../kubernetes/content";
import type {
  Cluster,
  ContractReference,
  KubeadmConfigTemplate,
  KubeadmControlPlane,
  MachineDeletion,
  MachineDeployment,
  MachineHealthCheck,
} from "../../kubernetes/cluster-api";
import type { Metal3RemediationTemplate } from "../../kubernetes/metal3";
import { type KubernetesObject, defined } from "../../kubernetes/object";
import { contracts } from "../../kubernetes/resources";
import {
  autoscalerBounds,
  capacityAnnotation,
  clusterLabel,
  controlPlanePool,
  failureDomainLabel,
  installedCiliumAnnotation,
  poolLabel,
} from "../../kubernetes/labels";
import {
  type PoolMachines,
  controlPlaneSurge,
  deploymentsOf,
  machineDeploymentName,
  machineLabels,
  rebootsOf,
  sizeOf,
} from "../machines";
import type { PlannedTemplate, WorkloadClusterPlan } from "../plan";
import { controlPlaneKubeadm, workerKubeadm } from "./kubeadm";
import { certificateSecrets } from "./certificates";
import { machineSecrets } from "./machine-files";
import { managementMetadata } from "./metadata";
import { addressPools, dataTemplate, machineTemplate, metal3Cluster, remediationTemplate } from "./metal3";
import { minorVersion } from "../../kubernetes/version";

/** All Cluster API and Metal3 objects of the stack. */
export function planWorkloadCluster(stack: Stack, kubeProxyReplacement: boolean): WorkloadClusterPlan {
  return {
    secrets: [...certificateSecrets(stack), ...machineSecrets(stack)],
    ...defined({ encryption: stack.kubernetes.encryption }),
    templates: [
      ...machinePool(stack, controlPlanePool, stack.controlPlane),
      ...stack.workers.flatMap((workers) => [
        ...machinePool(stack, workers.name, workers, workers.failureDomains),
        {
          key: `${stack.name}-${workers.name}`,
          manifest: bootstrapTemplate(stack, workers),
          retainOnDelete: true,
        },
      ]),
    ],
    objects: [
      ...addressPools(stack),
      ...healthChecks(stack, controlPlanePool, stack.controlPlane),
      ...stack.workers.flatMap((workers) => healthChecks(stack, workers.name, workers)),
      metal3Cluster(stack),
      kubeadmControlPlane(stack, kubeProxyReplacement),
      ...stack.workers.flatMap((workers) =>
        deploymentsOf(stack, workers).map((machines) => machineDeployment(stack, workers, machines)),
      ),
    ],
    cluster: cluster(stack),
  };
}

type PoolSettings = Pick<WorkerPool, "healthCheck" | "nodeReuse" | "replicas"> &
  Partial<Pick<WorkerPool, "autoscaling">>;

function machinePool(
  stack: Stack,
  pool: string,
  { nodeReuse }: PoolSettings,
  failureDomains: readonly string[] = [],
): PlannedTemplate[] {
  const key = `${stack.name}-${pool}`;
  const bound = failureDomains.map((domain) => ({
    key: machineDeploymentName(stack, pool, domain),
    manifest: machineTemplate(stack, pool, nodeReuse, domain),
    retainOnDelete: true,
  }));
  return [
    // Not retained: in CAPM3 1.14 nothing owns a data template, so nothing would ever remove it.
    { key, manifest: dataTemplate(stack, pool), retainOnDelete: false },
    ...(bound.length > 0
      ? bound
      : [{ key, manifest: machineTemplate(stack, pool, nodeReuse), retainOnDelete: true }]),
  ];
}

function healthChecks(
  stack: Stack,
  pool: string,
  settings: PoolSettings,
): (Metal3RemediationTemplate | MachineHealthCheck)[] {
  const { enabled, rebootTimeoutSeconds } = settings.healthCheck;
  if (!enabled) return [];
  const reboots = rebootsOf(pool, settings);
  return [
    ...(reboots > 0 ? [remediationTemplate(stack, pool, reboots, rebootTimeoutSeconds)] : []),
    healthCheck(stack, pool, settings),
  ];
}

/**
 * Cluster API rounds a share down, which for one or two machines is none: then one may be remediated anyway; in a pool that an
 * autoscaler may make as small as that, too.
 */
function unhealthyLimit({ healthCheck: { maxUnhealthy }, ...pool }: PoolSettings): string | number {
  const replicas = sizeOf(pool).least;
  if (!maxUnhealthy.endsWith("%")) return Number(maxUnhealthy);
  const share = Number(maxUnhealthy.slice(0, -1));
  return share > 0 && Math.floor((share * replicas) / 100) === 0 ? 1 : maxUnhealthy;
}

function healthCheck(stack: Stack, pool: string, settings: PoolSettings): MachineHealthCheck {
  const { healthCheck: check } = settings;
  const notReady = ["Unknown", "False"].map((status) => ({
    type: "Ready",
    status,
    timeoutSeconds: check.unhealthyAfterSeconds,
  }));
  const template = {
    apiVersion: contracts.infrastructure,
    kind: "Metal3RemediationTemplate",
    name: `${stack.name}-${pool}-reboot`,
  };
  return {
    apiVersion: contracts.core,
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
        triggerIf: { unhealthyLessThanOrEqualTo: unhealthyLimit(settings) },
        ...(rebootsOf(pool, settings) > 0 ? { templateRef: template } : {}),
      },
    },
  };
}

function kubeadmControlPlane(stack: Stack, kubeProxyReplacement: boolean): KubeadmControlPlane {
  const { replicas, nodeReuse, drainTimeoutSeconds, labels, renewCertificatesBeforeDays } =
    stack.controlPlane;
  return {
    apiVersion: contracts.controlPlane,
    kind: "KubeadmControlPlane",
    metadata: managementMetadata(stack, stack.name),
    spec: {
      replicas,
      version: stack.kubernetes.version,
      rollout: {
        ...(renewCertificatesBeforeDays === undefined
          ? {}
          : { before: { certificatesExpiryDays: renewCertificatesBeforeDays } }),
        strategy: {
          type: "RollingUpdate",
          rollingUpdate: { maxSurge: controlPlaneSurge(stack) },
        },
      },
      machineTemplate: {
        metadata: {
          labels: { [clusterLabel]: stack.name, [poolLabel]: controlPlanePool, ...machineLabels(labels) },
        },
        spec: {
          infrastructureRef: reference(machineTemplate(stack, controlPlanePool, nodeReuse)),
          deletion: deletion(drainTimeoutSeconds),
        },
      },
      kubeadmConfigSpec: controlPlaneKubeadm(stack, kubeProxyReplacement),
    },
  };
}

function bootstrapTemplate(stack: Stack, pool: WorkerPool): KubeadmConfigTemplate {
  const spec = { template: { spec: workerKubeadm(stack, pool) } };
  return {
    apiVersion: contracts.bootstrap,
    kind: "KubeadmConfigTemplate",
    metadata: managementMetadata(stack, `${stack.name}-${pool.name}-${contentHash(spec)}`),
    spec,
  };
}

function machineDeployment(
  stack: Stack,
  pool: WorkerPool,
  { name, failureDomain, least, replicas }: PoolMachines,
): MachineDeployment {
  const labels = {
    [clusterLabel]: stack.name,
    [poolLabel]: pool.name,
    // No two MachineDeployments may select the same machines.
    ...(failureDomain === undefined ? {} : { [failureDomainLabel]: failureDomain }),
  };
  const { autoscaling } = pool;
  const rollingUpdate = pool.rollout.spareHost
    ? { maxSurge: 1, maxUnavailable: 0 }
    : { maxSurge: 0, maxUnavailable: 1 };
  return {
    apiVersion: contracts.core,
    kind: "MachineDeployment",
    metadata: managementMetadata(
      stack,
      name,
      autoscaling === undefined
        ? {}
        : {
            annotations: {
              [autoscalerBounds.least]: String(least),
              [autoscalerBounds.most]: String(replicas),
              ...capacityAnnotations(pool, autoscaling, failureDomain),
            },
          },
    ),
    spec: {
      clusterName: stack.name,
      // Left to the autoscaler where there is one: a field that is not applied is not ours.
      ...(autoscaling === undefined ? { replicas } : {}),
      selector: { matchLabels: labels },
      rollout: { strategy: { type: "RollingUpdate", rollingUpdate } },
      remediation: { maxInFlight: 1 },
      template: {
        metadata: { labels: { ...labels, ...machineLabels(pool.labels) } },
        spec: {
          clusterName: stack.name,
          version: stack.kubernetes.version,
          bootstrap: { configRef: reference(bootstrapTemplate(stack, pool)) },
          infrastructureRef: reference(machineTemplate(stack, pool.name, pool.nodeReuse, failureDomain)),
          ...defined({ failureDomain }),
          deletion: deletion(pool.drainTimeoutSeconds),
        },
      },
    },
  };
}

/**
 * What the machines of a MachineDeployment are like: while there is none, the autoscaler can read neither their size nor the
 * labels and taints that the kubelet sets (cluster-autoscaler cloudprovider/clusterapi/README.md).
 */
function capacityAnnotations(
  { name, labels, taints }: WorkerPool,
  { capacity }: NonNullable<WorkerPool["autoscaling"]>,
  failureDomain: string | undefined,
): Record<string, string> {
  if (capacity === undefined) return {};
  const all = { [poolLabel]: name, ...defined({ [failureDomainLabel]: failureDomain }), ...labels };
  const labelTexts = Object.entries(all).map(([key, value]) => `${key}=${value}`);
  const taintTexts = taints.map(({ key, value = "", effect }) => `${key}=${value}:${effect}`);
  return {
    [capacityAnnotation("cpu")]: String(capacity.cpu),
    [capacityAnnotation("memory")]: capacity.memory,
    [capacityAnnotation("labels")]: labelTexts.join(","),
    ...(taintTexts.length === 0 ? {} : { [capacityAnnotation("taints")]: taintTexts.join(",") }),
  };
}

function cluster(stack: Stack): Cluster {
  const { installedVersion, version } = stack.cilium;
  const { pods, services, serviceDomain } = stack.network;
  return {
    apiVersion: contracts.core,
    kind: "Cluster",
    metadata: managementMetadata(stack, stack.name, {
      // Pulumi's default, foreground, lets the garbage collector delete all dependents at once (cluster-api#4085).
      annotations: {
        "pulumi.com/deletionPropagationPolicy": "background",
        [installedCiliumAnnotation]: minorVersion(installedVersion ?? version),
      },
    }),
    spec: {
      clusterNetwork: {
        pods: { cidrBlocks: pods },
        services: { cidrBlocks: services },
        serviceDomain,
      },
      infrastructureRef: reference(metal3Cluster(stack)),
      controlPlaneRef: {
        apiGroup: groupOf(contracts.controlPlane),
        kind: "KubeadmControlPlane",
        name: stack.name,
      },
    },
  };
}

function deletion(nodeDrainTimeoutSeconds: number): MachineDeletion {
  return { nodeDrainTimeoutSeconds, nodeVolumeDetachTimeoutSeconds: 600, nodeDeletionTimeoutSeconds: 60 };
}

function reference({ apiVersion, kind, metadata }: KubernetesObject): ContractReference {
  return { apiGroup: groupOf(apiVersion), kind, name: metadata.name };
}

function groupOf(apiVersion: string): string {
  return apiVersion.slice(0, apiVersion.indexOf("/"));
}
