import type { KubernetesObject } from "../kubernetes/object";
import { field, list, text } from "../kubernetes/object";
import type { ClusterPlan, CiliumPlan } from "../plan/plan";
import type { Release, RolloutReadinessPlan, WaitOrder } from "../plan/readiness";
import { type CiliumCliCall, renderCall } from "./cli";
import { type CiliumRender, manifestDocuments } from "./manifest";

/** What identifies an object in a cluster. */
export interface ObjectKey {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** The request of the program that follows a rollout, as JSON on standard input. */
export interface RolloutOrder {
  readonly wait: WaitOrder;
  /** Everything that the render holds now. */
  readonly objects: readonly ObjectKey[];
  /** Whether what an earlier render held, and this one does not, is ours to delete; else it is only named. */
  readonly prune: boolean;
}

/** What that program remembers from one run to the next: the stack's own list of what is to be in the cluster. */
export interface RolloutRecord {
  readonly objects: readonly ObjectKey[];
  /** What earlier renders held and is still there. */
  readonly left: readonly ObjectKey[];
}

/** The request of the program that runs before the stack writes Cilium's objects, as JSON on standard input. */
export interface PrepareOrder {
  /** The version that is to run. */
  readonly version: string;
  /** Renders the trial's workload. */
  readonly call: CiliumCliCall;
  /** Its workloads are those of {@link trialObjects}. */
  readonly wait: WaitOrder;
  /** What the stack is about to write, and must be the one writer of. */
  readonly objects: readonly ObjectKey[];
}

/** A rollout of nothing yet. */
export function emptyRollout({ name, namespace, timeouts }: ClusterPlan): RolloutReadinessPlan {
  return {
    subject: "rollout",
    cluster: name,
    namespace,
    workloads: [],
    timeoutSeconds: timeouts.rollout * 60 - 30,
  };
}

/** What must have rolled out after a change, with what tells the new pods from the old. */
export function rolloutPlan(plan: ClusterPlan, render: CiliumRender): RolloutReadinessPlan {
  return {
    ...emptyRollout(plan),
    workloads: render.workloads.map((workload) => {
      const object = render.objects.find(
        ({ kind, metadata }) => kind === workload.kind && metadata.name === workload.name,
      );
      return { ...workload, release: releaseOf(object) };
    }),
  };
}

/** What of a workload's pod template restarts its pods for a good reason: images, and hashes of settings. */
function releaseOf(object: KubernetesObject | undefined): Release {
  const template = field(object, "spec", "template");
  const annotations = (field(template, "metadata", "annotations") ?? {}) as Readonly<Record<string, string>>;
  const hashes = Object.entries(annotations).filter(([key]) => key.endsWith("checksum"));
  const images = list(template, "spec", "containers").map((container) => [
    text(container, "name") ?? "",
    text(container, "image") ?? "",
  ]);
  return {
    images: Object.fromEntries(images) as Release["images"],
    annotations: Object.fromEntries(hashes),
  };
}

/** The keys of everything that a render holds, Secrets included. */
export function objectKeys(render: Pick<CiliumRender, "objects" | "secrets">): readonly ObjectKey[] {
  return [...render.objects, ...(render.secrets?.objects ?? [])].map(({ apiVersion, kind, metadata }) => ({
    apiVersion,
    kind,
    ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
    name: metadata.name,
  }));
}

/** What was there and is not to be there any more. */
export function orphans(before: RolloutRecord, now: readonly ObjectKey[]): readonly ObjectKey[] {
  const stays = new Set(now.map(spelt));
  return [...before.objects, ...before.left].filter((key) => !stays.has(spelt(key)));
}

/** Namespaces hold what other people put there, so they are never deleted by us. */
export function isPrunable({ kind }: ObjectKey): boolean {
  return kind !== "Namespace";
}

/** `ClusterRole cilium-operator`, `Service kube-system/cilium-agent`. */
export function spelt({ kind, namespace, name }: ObjectKey): string {
  return `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}

/** The call that renders Cilium's own trial of an upgrade: its image on every node, and a validation of all policies. */
export function trialCall(plan: CiliumPlan): CiliumCliCall {
  const values = {
    ...plan.values,
    agent: false,
    operator: { enabled: false },
    preflight: { enabled: true, tolerations: [{ operator: "Exists" }] },
  };
  return renderCall({ ...plan, values }, () => undefined);
}

/** The trial's own objects in what was rendered: nothing of the Cilium that runs may be among them. */
export function trialObjects(rendered: string): readonly KubernetesObject[] {
  return manifestDocuments(rendered)
    .map((document) => document.toJS() as KubernetesObject | null)
    .filter((object) => object !== null)
    .filter((object) => (text(object, "metadata", "name") ?? "").startsWith("cilium-pre-flight"));
}
