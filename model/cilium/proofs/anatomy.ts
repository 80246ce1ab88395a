import { type KubernetesObject, field, list, text } from "../../kubernetes/object";
import type { CiliumRender } from "../manifest";

/** A workload that must run before the cluster has a network. */
export interface BootstrapWorkload {
  readonly kind: "DaemonSet" | "Deployment";
  readonly name: string;
  /** Prefix of its keys in `cilium.values`; the agent's keys are at the top. */
  readonly values: "" | "operator." | "envoy.";
}

/** A workload as it was rendered. */
export interface RenderedWorkload extends BootstrapWorkload {
  /** Its name in findings: `DaemonSet cilium`. */
  readonly place: string;
  readonly object: KubernetesObject;
  readonly pod: unknown;
}

/** Of the charts 1.18 to 1.20: without the agent and its operator no node gets a network; Envoy is optional. */
export const agent = { kind: "DaemonSet", name: "cilium", values: "" } as const;
export const operator = { kind: "Deployment", name: "cilium-operator", values: "operator." } as const;
export const envoy = { kind: "DaemonSet", name: "cilium-envoy", values: "envoy." } as const;
const bootstrapWorkloads: readonly BootstrapWorkload[] = [agent, operator, envoy];

/** The workload in a render; undefined when it is missing. */
export function workloadOf(render: CiliumRender, wanted: BootstrapWorkload): RenderedWorkload | undefined {
  const object = objectOf(render, wanted.kind, wanted.name);
  if (object === undefined) return undefined;
  const pod = field(object, "spec", "template", "spec");
  return { ...wanted, place: `${wanted.kind} ${wanted.name}`, object, pod };
}

/** Those of the bootstrap workloads that are in a render. */
export function workloadsOf(
  render: CiliumRender,
  wanted: readonly BootstrapWorkload[] = bootstrapWorkloads,
): readonly RenderedWorkload[] {
  return wanted.flatMap((each) => workloadOf(render, each) ?? []);
}

/** A rendered object; undefined when it is missing. */
export function objectOf(render: CiliumRender, kind: string, name: string): KubernetesObject | undefined {
  return render.objects.find((object) => object.kind === kind && object.metadata.name === name);
}

/** The data of cilium-config, which the agent and its operator read at their start; undefined when it is missing. */
export function configOf(render: CiliumRender): Readonly<Record<string, unknown>> | undefined {
  const data = field(objectOf(render, "ConfigMap", "cilium-config"), "data");
  return typeof data === "object" && data !== null ? (data as Record<string, unknown>) : undefined;
}

/** All containers of a pod, init containers first. */
export function containersOf(pod: unknown): readonly unknown[] {
  return [...list(pod, "initContainers"), ...list(pod, "containers")];
}

/** The pods of all workloads, Jobs and CronJobs of a render, with their name in findings. */
export function podsOf(render: CiliumRender): readonly { readonly place: string; readonly pod: unknown }[] {
  return render.objects.flatMap((object) => {
    const spec = object.kind === "CronJob" ? field(object, "spec", "jobTemplate", "spec") : object["spec"];
    const pod = field(spec, "template", "spec");
    return pod === undefined ? [] : [{ place: `${object.kind} ${object.metadata.name}`, pod }];
  });
}

/** Whether the pod tolerates every taint. */
export function toleratesAll(pod: unknown): boolean {
  return list(pod, "tolerations").some(
    (toleration) => text(toleration, "operator") === "Exists" && isEmpty(field(toleration, "key")),
  );
}

/** Whether the pod tolerates a taint with this key, any value and the effect NoSchedule. */
export function toleratesKey(pod: unknown, key: string): boolean {
  return list(pod, "tolerations").some(
    (toleration) =>
      text(toleration, "key") === key && ["NoSchedule", undefined].includes(text(toleration, "effect")),
  );
}

/** A value as a finding quotes it. */
export function quoted(value: unknown): string {
  return value === undefined ? "missing" : typeof value === "string" ? `"${value}"` : JSON.stringify(value);
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === "";
}
