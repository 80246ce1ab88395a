import { quoted } from "../../cilium/proofs/anatomy";
import { type KubernetesObject, list, text } from "../../kubernetes/object";
import { counted } from "../../text/wording";
import { type CheckResult, type Problem, judged, named } from "../preflight/check-result";
import { type Difference, type PlannedAndLive, differences } from "../differences";
import { nameAt, shownField } from "../../redaction/objects";
import { fieldManager } from "../../cilium/ownership";
import { ownedFields } from "../preflight/contested-fields";
import type { CiliumPlan } from "../../plan/plan";

/** A Job that has done its work is removed by the cluster after a while. */
const passing = new Set(["Job"]);

/** What runs is what is planned, object by object; `ignored` names the fields of an object that are left to others. */
export function judgeSame(
  objects: readonly PlannedAndLive[],
  fix: string,
  ignored: (planned: KubernetesObject) => readonly string[] = () => [],
): CheckResult {
  const problems = objects.flatMap(({ planned, live }): Problem[] => {
    const at = placeOf(planned);
    if (live === undefined) {
      return passing.has(planned.kind) ? [] : [{ at, problem: "is planned and not there", fix }];
    }
    const found = differences(planned, live, ignored(planned));
    return found.length === 0 ? [] : [{ at, problem: named(found.map(difference), 3), fix }];
  });
  return judged(`${counted(objects.length, "object")}, each planned field`, problems);
}

/** `DaemonSet/kube-system/cilium`. */
function placeOf({ kind, metadata }: KubernetesObject): string {
  return [kind, metadata.namespace, metadata.name].filter((part) => part !== undefined).join("/");
}

function difference({ path, planned, live }: Difference): string {
  // An environment's entry is found by its name: `env[DB_PASSWORD].value`.
  const shown = (value: unknown) => short(shownField(nameAt(path), value));
  return `${path} is ${shown(live)} instead of ${shown(planned)}`;
}

const longest = 60;

function short(value: unknown): string {
  const words = quoted(value);
  return words.length <= longest ? words : `${words.slice(0, longest)}… (${words.length} characters)`;
}

type Lifecycle = CiliumPlan["lifecycle"];

/** Who writes, beside the resource set, which made the objects. The resource set may have been first. */
const ownerOf: Readonly<Record<Lifecycle, Writer>> = {
  "bootstrap-only": "resource-set",
  "resource-set": "resource-set",
  pulumi: "pulumi",
  gitops: "gitops",
};

const names: Readonly<Record<Writer, string>> = {
  "resource-set": "the resource set",
  pulumi: "Pulumi",
  gitops: "GitOps",
  person: "a person with kubectl or a browser",
  other: "a program of its own",
};

/** Only the owner that the stack names writes planned fields of these objects. */
export function judgeOwners(lifecycle: Lifecycle, objects: readonly PlannedAndLive[]): CheckResult {
  const owner = ownerOf[lifecycle];
  const problems = objects.flatMap(({ planned, live }): Problem[] => {
    const writings = live === undefined ? [] : writersOf(planned, live);
    const own = writings.filter(({ writer }) => writer === owner);
    const strange = writings.filter((writing) => isStrange(writing, owner, own));
    return strange.map((writing) => problem(placeOf(planned), writing, owner));
  });
  const checked = `field managers of ${counted(objects.length, "object")}: ${names[owner]} writes alone`;
  return judged(checked, problems);
}

/**
 * A former owner keeps a share in fields that did not change since; only a write after the owner's is
 * a second owner's.
 */
function isStrange(writing: Writing, owner: Writer, own: readonly Writing[]): boolean {
  if (writing.writer === owner) return false;
  const before = own.some(({ at }) => at >= writing.at);
  if (writing.writer === "resource-set") return own.length > 0 && !before;
  // While GitOps has not come yet, Pulumi's fields are what it will take over.
  if (writing.writer === "pulumi") return owner !== "gitops" || (own.length > 0 && !before);
  return writing.writer === "gitops" || !before;
}

function problem(at: string, { manager, writer, path }: Writing, owner: Writer): Problem {
  const byProgram = writer === "gitops" || writer === "pulumi" || writer === "resource-set";
  return {
    severity: byProgram ? "error" : "warning",
    at,
    problem: `"${manager}" (${names[writer]}) also writes ${path}, and ${names[owner]} is its owner (cilium.lifecycle)`,
    fix: byProgram
      ? `let one of them own Cilium: take the objects from ${names[writer]}, or write cilium.lifecycle: ${lifecycleOf[writer]}`
      : "write the change into cilium.values and run pulumi up, so that it is kept",
  };
}

const lifecycleOf: Readonly<Record<Writer, Lifecycle>> = {
  "resource-set": "resource-set",
  pulumi: "pulumi",
  gitops: "gitops",
  person: "pulumi",
  other: "pulumi",
};

/** Who may write Cilium's objects. */
type Writer = "resource-set" | "pulumi" | "gitops" | "person" | "other";

/** One field manager's hold on fields that the stack plans. */
interface Writing {
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
function writersOf(planned: KubernetesObject, live: KubernetesObject): readonly Writing[] {
  return list(live, "metadata", "managedFields").flatMap((entry) => {
    const [first] = text(entry, "subresource") === undefined ? ownedFields(entry, planned, live) : [];
    if (first === undefined) return [];
    const manager = text(entry, "manager") ?? "";
    const writer = known.find(([name]) => name.test(manager))?.[1] ?? "other";
    return [{ manager, writer, at: text(entry, "time") ?? "", path: first.path }];
  });
}
