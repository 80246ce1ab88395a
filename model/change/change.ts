import { Words } from "./formatted-text";
import type { Risk } from "../cilium/risk";
import type { Finding } from "../findings/finding";
import { shownField } from "../redaction/objects";
import { withoutSecrets } from "../redaction/text";

/** How much harm a change can do, the least first: nothing, none to what runs, some, an outage or lost disks. */
export const levels = ["none", "low", "medium", "high"] as const;

/** One of {@link levels}. */
export type Level = (typeof levels)[number];

/** The worst of several levels. */
export function worst(all: readonly Level[]): Level {
  return levels.findLast((level) => all.includes(level)) ?? "none";
}

/** One field of an object, as it is shown: secrets are replaced, and a long text is its changed lines. */
export interface FieldChange {
  readonly path: string;
  /** Further paths of the object at which the very same happens. */
  readonly also: readonly string[];
  /** Lines that go; empty for a field that is new. */
  readonly before: readonly string[];
  /** Lines that come; empty for a field that goes. */
  readonly after: readonly string[];
}

/** One Kubernetes object that comes, goes or changes. */
export interface ObjectChange {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly change: "added" | "removed" | "changed";
  readonly fields: readonly FieldChange[];
  /** What it does to the objects, machines or services behind it. */
  readonly effects: readonly Words[];
}

/** What a part of the change does: one row of the overview. */
export interface Effect {
  readonly level: Level;
  readonly area: Area;
  readonly what: Words;
  /** What happens because of it. */
  readonly effect: Words;
  /** The same so that it can stand alone; `effect` when left out. */
  readonly headline?: Words;
}

/** What an effect is about, the gravest first: among effects of one level the headline takes the first. */
export const areas = [
  "cluster",
  "hosts",
  "machines",
  "cilium",
  "bgp",
  "routers",
  "checks",
  "program",
] as const;

/** One of {@link areas}. */
type Area = (typeof areas)[number];

/** A disk that is overwritten, as far as the plan knows it. */
export interface WipedDisk {
  readonly host: string;
  /** Which disk gets the image, by the root device hints. */
  readonly disk: Words;
  /** Whether the partition tables of all other disks go too, as `cleaning: metadata` wants it. */
  readonly allDisks: boolean;
}

/** What happens to the machines of one pool. */
export interface MachineChange {
  readonly pool: string;
  readonly what: "replaced" | "added" | "removed";
  readonly machines: number;
  /** Whether there may be fewer, since an autoscaler decides their number. */
  readonly atMost?: boolean;
  /** The hosts that they are on, or may be on: which of several Cluster API takes is unknown. */
  readonly hosts: readonly string[];
  readonly causes: readonly Words[];
  /** In which order, and what it needs. */
  readonly order?: Words;
  /** Whether a host must be free for it. */
  readonly needsSpareHost: boolean;
  readonly disks: readonly WipedDisk[];
}

/** One server of the inventory. */
export interface HostChange {
  readonly host: string;
  readonly pool: string;
  readonly change: "added" | "removed" | "changed";
  /** Whether it runs a system that Metal3 leaves alone. */
  readonly adopted?: boolean;
  readonly fields: readonly FieldChange[];
  readonly effects: readonly Words[];
}

/** One key of cilium-config, or of the Helm values where nothing was rendered. */
export interface SettingChange {
  readonly key: string;
  readonly before?: string;
  readonly after?: string;
  /** Absent where nothing was rendered: a Helm value alone does not say what it leads to. */
  readonly risk?: Risk;
  readonly why?: string;
}

/** Whether the pods of one workload restart. */
export interface WorkloadRestart {
  readonly workload: string;
  /** `by hand`: settings change that running pods never look at again. */
  readonly restart: "rollout" | "by hand";
  readonly effect: Words;
}

/** What changes in the rendered Cilium. */
export interface CiliumChange {
  readonly version: { readonly before?: string; readonly after?: string };
  /** `rendered`: manifests were compared; `values`: only what they would be rendered from. */
  readonly compared: "rendered" | "values";
  readonly settings: readonly SettingChange[];
  readonly restarts: readonly WorkloadRestart[];
  readonly objects: readonly ObjectChange[];
  /** What objects of the render may do to the cluster or to its machines, and could not do before. */
  readonly privileges: readonly string[];
  /** Images that run from now on and are not known to be of the chart, one sentence each. */
  readonly images: readonly string[];
  /** Services that come, and that are reached from outside of the cluster. */
  readonly opened: readonly string[];
  /** Why a side could not be rendered. */
  readonly unrendered?: string;
}

/** Sessions of one instance with one address of one router. */
export interface SessionChange {
  readonly router: string;
  readonly address: string;
  readonly session: string;
  readonly change: "reset" | "added" | "removed";
  /** The hosts whose sessions these are. */
  readonly hosts: readonly string[];
  readonly why: readonly Words[];
  /** False where only an encrypted value tells of it, which may have been encrypted again. */
  readonly isSure: boolean;
  /** Whether the session stays down until the router is reconfigured. */
  readonly needsRouter: boolean;
}

/** Routes that a router accepts from this cluster, or no longer does. */
export interface RouteChange {
  readonly router: string;
  readonly change: "gained" | "lost";
  /** Such as `10.244.0.0/16, each /24`. */
  readonly prefix: string;
}

/** What a router's configuration gains and loses, for this stack alone. */
export interface RouterChange {
  readonly router: string;
  readonly added: number;
  readonly removed: number;
  /** Unified diff without its file names. */
  readonly diff: readonly string[];
}

/** Checks that speak up, or no longer do. */
export interface CheckChange {
  readonly appeared: readonly Finding[];
  readonly disappeared: readonly Finding[];
  /** Findings of the new side that are accepted now and were not before, with their reasons. */
  readonly accepted: readonly { readonly finding: Finding; readonly reason: string }[];
  /** Errors that the new side has, old or new: with one the program refuses to run. */
  readonly errors: readonly Finding[];
}

/** What runs and differs from the base. */
export interface Drift {
  /** How many objects were compared. */
  readonly compared: number;
  readonly objects: readonly (ObjectChange & { readonly cluster: "management" | "workload" })[];
  readonly settings: readonly SettingChange[];
  /** What could not be read, and why. */
  readonly unknown: readonly Words[];
}

/** Everything that a change of a stack means, as data; every format is made of this. */
export interface Change {
  readonly stack: string;
  readonly kind: "new" | "deleted" | "changed" | "unreadable";
  /** What was compared with what. */
  readonly against: Words;
  readonly level: Level;
  readonly headline: Words;
  readonly effects: readonly Effect[];
  /** What a person has to do, and when. */
  readonly todo: readonly { readonly when: "before" | "after"; readonly what: Words }[];
  readonly machines: readonly MachineChange[];
  readonly hosts: readonly HostChange[];
  readonly objects: readonly ObjectChange[];
  readonly cilium?: CiliumChange;
  readonly sessions: readonly SessionChange[];
  readonly routes: readonly RouteChange[];
  readonly bgpObjects: readonly ObjectChange[];
  readonly routers: readonly RouterChange[];
  /** Settings of the program itself. */
  readonly program: readonly FieldChange[];
  /** Places of encrypted values that were written again; never their values. */
  readonly secrets: readonly string[];
  readonly checks: CheckChange;
  readonly drift?: Drift;
  /** What limits this comparison. */
  readonly notes: readonly Words[];
}

/** The changed lines of a field, as a diff shows them. */
export function fieldLines({ path, also, before, after }: FieldChange): readonly string[] {
  const more = also.length === 0 ? "" : ` and ${also.length} more like it`;
  return [`@@ ${path}${more} @@`, ...before.map((line) => `- ${line}`), ...after.map((line) => `+ ${line}`)];
}

/** `DaemonSet kube-system/cilium`. */
export function objectName({
  kind,
  namespace,
  name,
}: Pick<ObjectChange, "kind" | "namespace" | "name">): string {
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}

/** `2 changed, 1 added`. */
export function howMany(objects: readonly Pick<ObjectChange, "change">[]): string {
  return (["changed", "added", "removed"] as const)
    .map((how) => ({ how, count: objects.filter(({ change }) => change === how).length }))
    .filter(({ count }) => count > 0)
    .map(({ how, count }) => `${count} ${how}`)
    .join(", ");
}

/** A change without what is a secret in any of its texts, before a format cuts or escapes them. */
export function shownChange(change: Change): Change {
  return shownIn(change) as Change;
}

/** A sentence in the same way. */
export function shownWords(words: Words): Words {
  return words.withValues(withoutSecrets);
}

function shownIn(value: unknown): unknown {
  if (typeof value === "string") return withoutSecrets(value);
  if (value instanceof Words) return shownWords(value);
  // Lines of one text: the next line may belong to a key.
  if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string"))
    return withoutSecrets(value.join("\n")).split("\n");
  if (Array.isArray(value)) return value.map(shownIn);
  if (typeof value !== "object" || value === null) return value;
  const { key } = value as { readonly key?: unknown };
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      typeof key === "string" && (name === "before" || name === "after")
        ? shownField(key, inner)
        : shownIn(inner),
    ]),
  );
}

/** A change for programs. Stable: keys are only ever added. Sentences are text. */
export function renderJson(change: Change): string {
  return JSON.stringify(shownChange(change), undefined, 2);
}
