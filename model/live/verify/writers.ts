import { fieldManager } from "../../cilium/ownership";
import { type KubernetesObject, list, text } from "../../kubernetes/object";
import { ownedFields } from "../preflight/contested-fields";

/** Who may write Cilium's objects. */
export type Writer = "resource-set" | "pulumi" | "gitops" | "person" | "other";

/** One field manager's hold on fields that the stack plans. */
export interface Writing {
  readonly manager: string;
  readonly writer: Writer;
  /** When it last changed what it holds; RFC 3339, so that texts compare as times do. */
  readonly at: string;
  /** One of its fields, for people. */
  readonly path: string;
}

const known: readonly (readonly [RegExp, Writer])[] = [
  // The provider writes what this program adopts under the program's own name.
  [new RegExp(`^(pulumi|${fieldManager}(-|$))`), "pulumi"],
  [/^(argocd|argo-cd|helm|kustomize-controller|flux|gotk)/i, "gitops"],
  // Cluster API's binary is called manager; its newer clients name themselves.
  [/^(manager$|cluster-api|capi-|clusterresourceset)/, "resource-set"],
  [/^(kubectl|k9s|Mozilla|OpenLens|Lens)/, "person"],
];

/** Who holds planned fields of a live object; writes of the status do not count. */
export function writersOf(planned: KubernetesObject, live: KubernetesObject): readonly Writing[] {
  return list(live, "metadata", "managedFields").flatMap((entry) => {
    const [first] = text(entry, "subresource") === undefined ? ownedFields(entry, planned, live) : [];
    if (first === undefined) return [];
    const manager = text(entry, "manager") ?? "";
    const writer = known.find(([name]) => name.test(manager))?.[1] ?? "other";
    return [{ manager, writer, at: text(entry, "time") ?? "", path: first.path }];
  });
}
