import { parseAllDocuments } from "yaml";
import { contentHash } from "../content-hash";
import type { Finding } from "../findings";
import { type KubernetesObject, field, text } from "../kubernetes/object";
import type { ClusterReadinessPlan } from "../readiness/plan";
import type { CiliumPlan } from "../plan/plan";
import { proofs } from "./proofs";

/** A rendered manifest that has been read and proven. */
export interface CiliumRender {
  /** What goes into the ConfigMap: the bytes as the Cilium CLI printed them, without the Secrets. */
  readonly text: string;
  /** All the bytes; they differ from `text` only where there are `secrets`, and are then as secret as those. */
  readonly rendered: string;
  /** The render's Secrets, apart from all the rest: they travel in a Secret and are never printed. */
  readonly secrets?: CiliumSecrets;
  /** Changes whenever the text does. */
  readonly hash: string;
  readonly objects: readonly KubernetesObject[];
  /** What must have rolled out before Cilium counts as running. */
  readonly workloads: ClusterReadinessPlan["workloads"];
}

/** Secrets of a render that are the same at every render. */
export interface CiliumSecrets {
  readonly text: string;
  readonly objects: readonly KubernetesObject[];
}

/**
 * Reads a render and tries every proof on it; the findings are empty when it may reach a cluster. `again` is a second
 * render of the same values, asked for when the first holds Secrets: only Secrets that did not change are taken apart,
 * others stay among the objects, where the proof `render/no-secrets` refuses them.
 */
export function readRender(
  rendered: string,
  plan: CiliumPlan,
  again?: string,
): { render: CiliumRender; findings: readonly Finding[] } {
  const documents = parseAllDocuments(rendered);
  const broken = Array.isArray(documents) ? documents.flatMap((document) => document.errors) : [];
  if (broken.length > 0) {
    return {
      render: { text: rendered, rendered, hash: contentHash(rendered), objects: [], workloads: [] },
      findings: broken.map(unreadable),
    };
  }
  const objects = (Array.isArray(documents) ? documents : [])
    .map((document) => withoutNulls(document.toJS()) as KubernetesObject | null)
    .filter((object): object is KubernetesObject => text(object, "kind") !== undefined);
  const whole = {
    text: rendered,
    rendered,
    hash: contentHash(rendered),
    objects,
    workloads: workloadsOf(objects),
  };
  const render = again === rendered ? withSecretsApart(whole) : whole;
  return { render, findings: proofs.flatMap((proof) => proof.run(render, plan)) };
}

/** Takes the Secrets out of text and objects; the bytes of everything else stay as they are. */
function withSecretsApart(render: CiliumRender): CiliumRender {
  const isSecret = ({ kind }: KubernetesObject) => kind === "Secret";
  const secrets = render.objects.filter(isSecret);
  if (secrets.length === 0) return render;
  const chunks = render.rendered.split(/^(?=---\s*$)/m);
  const hidden = chunks.filter((chunk) => /^kind:\s*["']?Secret["']?\s*$/m.test(chunk));
  return {
    ...render,
    text: chunks.filter((chunk) => !hidden.includes(chunk)).join(""),
    objects: render.objects.filter((object) => !isSecret(object)),
    secrets: { text: hidden.join(""), objects: secrets },
  };
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
