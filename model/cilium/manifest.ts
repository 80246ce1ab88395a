import { parseAllDocuments } from "yaml";
import { contentHash } from "../content-hash";
import type { Finding } from "../findings";
import { type KubernetesObject, field, text } from "../kubernetes/object";
import type { ClusterReadinessPlan } from "../readiness/plan";
import type { CiliumPlan } from "../plan/plan";
import { proofs } from "./proofs";

/** A rendered manifest that has been read and proven. */
export interface CiliumRender {
  /** The bytes as the Cilium CLI printed them: what goes into the ConfigMap. */
  readonly text: string;
  /** Changes whenever the text does. */
  readonly hash: string;
  readonly objects: readonly KubernetesObject[];
  /** What must have rolled out before Cilium counts as running. */
  readonly workloads: ClusterReadinessPlan["workloads"];
}

/** Reads a render and tries every proof on it; the findings are empty when it may reach a cluster. */
export function readRender(
  rendered: string,
  plan: CiliumPlan,
): { render: CiliumRender; findings: readonly Finding[] } {
  const documents = parseAllDocuments(rendered);
  const broken = Array.isArray(documents) ? documents.flatMap((document) => document.errors) : [];
  if (broken.length > 0) {
    return {
      render: { text: rendered, hash: contentHash(rendered), objects: [], workloads: [] },
      findings: broken.map(unreadable),
    };
  }
  const objects = (Array.isArray(documents) ? documents : [])
    .map((document) => withoutNulls(document.toJS()) as KubernetesObject | null)
    .filter((object): object is KubernetesObject => text(object, "kind") !== undefined);
  const render = { text: rendered, hash: contentHash(rendered), objects, workloads: workloadsOf(objects) };
  return { render, findings: proofs.flatMap((proof) => proof.run(render, plan)) };
}

/** The chart writes `annotations:` with nothing behind it; the API server drops that, and it would differ for ever. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null)
      .map(([key, inner]) => [key, withoutNulls(inner)]),
  );
}

function workloadsOf(objects: readonly KubernetesObject[]): ClusterReadinessPlan["workloads"] {
  return objects.flatMap((object) =>
    (object.kind === "DaemonSet" || object.kind === "Deployment") && field(object, "spec", "replicas") !== 0
      ? [
          {
            kind: object.kind,
            namespace: object.metadata.namespace ?? "kube-system",
            name: object.metadata.name,
          },
        ]
      : [],
  );
}

function unreadable(error: Error): Finding {
  return {
    id: "render/yaml-readable",
    severity: "error",
    at: "cilium.values",
    problem: `the rendered manifest is not readable YAML: ${error.message.split("\n")[0] ?? ""}`,
    fix: "look for a key in cilium.values.extraConfig that repeats one of the chart's",
  };
}
