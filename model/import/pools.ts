import {
  autoscalerBounds,
  capacityAnnotation,
  clusterLabel,
  controlPlaneLabel,
  controlPlanePool,
} from "../kubernetes/labels";
import {
  type KubernetesObject,
  defined,
  field,
  isMap,
  list,
  number,
  selects,
  text,
} from "../kubernetes/object";
import { deploymentDomain, deploymentPool, isKeptOnNodes } from "../plan/machines";
import { type Inputs, nameInStack, named, ofKind } from "./inputs";
import { type Kubeadm, kubeadmOf } from "./kubeadm";

/** The control plane or a pool of workers, as the inputs describe it. */
export interface ImportedPool {
  /** Its name in the stack file. */
  readonly name: string;
  /** KubeadmControlPlane or MachineDeployment, and its name. */
  readonly object: KubernetesObject;
  readonly owner: string;
  /** At most, where an autoscaler decides. */
  readonly replicas: number;
  readonly autoscaling: Autoscaling | undefined;
  /** Its MachineDeployments, where the stack that made them spread it over failure domains; else the one object. */
  readonly parts: readonly PoolPart[];
  readonly machineTemplate: KubernetesObject | undefined;
  readonly dataTemplate: KubernetesObject | undefined;
  readonly configTemplate: KubernetesObject | undefined;
  readonly hostSelector: unknown;
  readonly healthCheck: KubernetesObject | undefined;
  readonly kubeadm: Kubeadm;
}

/** One object of a pool, with the template of its machines. */
interface PoolPart {
  readonly object: KubernetesObject;
  readonly machineTemplate: KubernetesObject | undefined;
  readonly failureDomain: string | undefined;
}

/** `autoscaling` of a pool, as a stack file writes it. */
interface Autoscaling {
  readonly min: number;
  readonly max: number;
  readonly capacity?: { readonly cpu: number; readonly memory: string };
}

/** The control plane first, then each MachineDeployment; those of one spread pool are one. */
export function importPools(inputs: Inputs, cluster: string): readonly ImportedPool[] {
  const controlPlanes = ofKind(inputs, "KubeadmControlPlane").map((object) => {
    const { kubeadmConfigSpec, machineTemplate } = (object["spec"] ?? {}) as Readonly<
      Record<string, unknown>
    >;
    return poolOf(inputs, {
      name: controlPlanePool,
      object,
      machine: field(machineTemplate, "spec"),
      labels: field(machineTemplate, "metadata", "labels"),
      configTemplate: undefined,
      kubeadm: kubeadmOf(kubeadmConfigSpec),
    });
  });
  const workers = ofKind(inputs, "MachineDeployment").map((object) => {
    const machine = field(object, "spec", "template", "spec");
    const configTemplate = named(
      inputs,
      "KubeadmConfigTemplate",
      text(machine, "bootstrap", "configRef", "name"),
    );
    return poolOf(inputs, {
      name: workerName(object.metadata.name, cluster),
      object,
      machine,
      labels: field(object, "spec", "template", "metadata", "labels"),
      configTemplate,
      kubeadm: kubeadmOf(field(configTemplate, "spec", "template", "spec")),
    });
  });
  return [...controlPlanes, ...joined(workers)];
}

/** Pools with those that are parts of one, by the labels of a stack's machines, put together. */
function joined(pools: readonly ImportedPool[]): readonly ImportedPool[] {
  const found = new Map<string, ImportedPool>();
  for (const pool of pools) {
    const spread = deploymentDomain(pool.object) === undefined ? undefined : deploymentPool(pool.object);
    const name = spread ?? pool.name;
    const first = found.get(name);
    if (spread === undefined || first === undefined) found.set(name, { ...pool, name });
    else {
      const parts = [...first.parts, ...pool.parts];
      const autoscaling = sumOf(first.autoscaling, pool.autoscaling);
      found.set(name, { ...first, parts, replicas: first.replicas + pool.replicas, autoscaling });
    }
  }
  return [...found.values()];
}

function sumOf(first: Autoscaling | undefined, next: Autoscaling | undefined): Autoscaling | undefined {
  if (first === undefined || next === undefined) return first;
  return { ...first, min: first.min + next.min, max: first.max + next.max };
}

/** The bounds between which the cluster autoscaler decides how many machines a MachineDeployment has. */
function autoscalingOf({ metadata: { annotations = {} } }: KubernetesObject): Autoscaling | undefined {
  const [min, max] = [annotations[autoscalerBounds.least], annotations[autoscalerBounds.most]].map(Number);
  if (min === undefined || max === undefined || !Number.isInteger(min) || !Number.isInteger(max))
    return undefined;
  const cpu = Number(annotations[capacityAnnotation("cpu")]);
  const memory = annotations[capacityAnnotation("memory")];
  return {
    min,
    max,
    ...(Number.isInteger(cpu) && memory !== undefined ? { capacity: { cpu, memory } } : {}),
  };
}

/** `workers` for the MachineDeployment `capi-1-workers`. */
function workerName(name: string, cluster: string): string {
  const own = name.startsWith(`${cluster}-`) ? name.slice(cluster.length + 1) : name;
  return nameInStack(own === controlPlanePool || own === "" ? name : own);
}

interface PoolParts {
  readonly name: string;
  readonly object: KubernetesObject;
  readonly machine: unknown;
  readonly labels: unknown;
  readonly configTemplate: KubernetesObject | undefined;
  readonly kubeadm: Kubeadm;
}

function poolOf(inputs: Inputs, { machine, labels, ...parts }: PoolParts): ImportedPool {
  const machineTemplate = named(inputs, "Metal3MachineTemplate", text(machine, "infrastructureRef", "name"));
  const spec = field(machineTemplate, "spec", "template", "spec");
  const { name } = parts.object.metadata;
  const autoscaling = autoscalingOf(parts.object);
  const all = {
    ...(isMap(labels) ? (labels as Record<string, string>) : {}),
    [clusterLabel]: text(parts.object, "spec", "clusterName") ?? name,
    ...(parts.name === controlPlanePool
      ? { [controlPlaneLabel]: "", "cluster.x-k8s.io/control-plane-name": name }
      : { "cluster.x-k8s.io/deployment-name": name }),
  };
  return {
    ...parts,
    owner: name,
    replicas: autoscaling?.max ?? number(parts.object, "spec", "replicas") ?? 1,
    autoscaling,
    parts: [{ object: parts.object, machineTemplate, failureDomain: deploymentDomain(parts.object) }],
    machineTemplate,
    dataTemplate: named(inputs, "Metal3DataTemplate", text(spec, "dataTemplate", "name")),
    hostSelector: field(spec, "hostSelector"),
    healthCheck: ofKind(inputs, "MachineHealthCheck").find((check) => {
      const own = field(check, "spec", "selector");
      const clusterOnly = Object.keys((field(own, "matchLabels") ?? {}) as object).every((key) =>
        key.endsWith("cluster-name"),
      );
      return clusterOnly && list(own, "matchExpressions").length === 0 ? true : selects(own, all);
    }),
  };
}

/** What the control plane and a pool of workers have in common in a stack file. */
export function poolFields(inputs: Inputs, pool: ImportedPool): Readonly<Record<string, unknown>> {
  const { object, machineTemplate, kubeadm, name } = pool;
  const isControlPlane = name === controlPlanePool;
  const machine = isControlPlane
    ? field(object, "spec", "machineTemplate")
    : field(object, "spec", "template");
  const rolling = field(object, "spec", "rollout", "strategy", "rollingUpdate");
  const surge = Number(field(rolling, "maxSurge") ?? 1);
  const labels = {
    ...kubeadm.labels,
    ...Object.fromEntries(
      Object.entries((field(machine, "metadata", "labels") ?? {}) as Record<string, string>).filter(([key]) =>
        isKeptOnNodes(key),
      ),
    ),
  };
  const drain = number(machine, "spec", "deletion", "nodeDrainTimeoutSeconds") ?? 0;
  // Below three control plane machines the new one comes first in any case.
  const spare = surge > 0 && !(isControlPlane && pool.replicas < 3);
  const checks = healthCheckOf(inputs, pool);
  const failureDomains = pool.parts.flatMap(({ failureDomain }) => failureDomain ?? []);
  return {
    ...(pool.autoscaling === undefined ? { replicas: pool.replicas } : { autoscaling: pool.autoscaling }),
    ...(failureDomains.length === 0 ? {} : { failureDomains }),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(spare ? { rollout: { spareHost: true } } : {}),
    ...(field(machineTemplate, "spec", "nodeReuse") === true ? { nodeReuse: true } : {}),
    ...(drain === 900 ? {} : { drainTimeoutSeconds: drain }),
    ...(Object.keys(checks).length === 0 ? {} : { healthCheck: checks }),
  };
}

/** The health check where it is not the usual one; switched off where no input has one. */
function healthCheckOf(
  inputs: Inputs,
  { name, replicas: greatest, autoscaling, healthCheck }: ImportedPool,
): Readonly<Record<string, unknown>> {
  if (healthCheck === undefined) return { enabled: false };
  const replicas = autoscaling?.min ?? greatest;
  const spec = field(healthCheck, "spec");
  const startup = number(spec, "checks", "nodeStartupTimeoutSeconds") ?? 600;
  const [condition] = list(spec, "checks", "unhealthyNodeConditions");
  const after = number(condition, "timeoutSeconds");
  const most = field(spec, "remediation", "triggerIf", "unhealthyLessThanOrEqualTo") ?? "100%";
  const template = named(
    inputs,
    "Metal3RemediationTemplate",
    text(spec, "remediation", "templateRef", "name"),
  );
  const strategy = field(template, "spec", "template", "spec", "strategy");
  const retries = number(strategy, "retryLimit");
  const usual = name === controlPlanePool && replicas === 1 ? 2 : 0;
  const reboots = template === undefined ? 0 : retries === undefined ? 2 : retries + 1;
  return defined({
    nodeStartupTimeoutSeconds: startup === 7200 ? undefined : startup,
    unhealthyAfterSeconds: after === 600 ? undefined : after,
    // The usual 40% of one or two machines is planned as one.
    maxUnhealthy: most === "40%" || (most === 1 && replicas < 3) ? undefined : String(most),
    reboots: reboots === usual ? undefined : reboots,
    rebootTimeoutSeconds: [undefined, 1800].includes(number(strategy, "timeoutSeconds"))
      ? undefined
      : number(strategy, "timeoutSeconds"),
  });
}

/** The image of a pool's machines. */
export function poolImage({ machineTemplate }: ImportedPool): Readonly<Record<string, unknown>> | undefined {
  const image = field(machineTemplate, "spec", "template", "spec", "image");
  if (!isMap(image)) return undefined;
  return defined({
    url: image["url"],
    checksum: image["checksum"],
    checksumType: image["checksumType"] ?? undefined,
    format: image["diskFormat"],
  });
}
