import type { Machine } from "../../kubernetes/cluster-api";
import type { Node } from "../../kubernetes/core";
import type { BareMetalHost } from "../../kubernetes/metal3";
import { defined } from "../../kubernetes/object";
import { conditionIs } from "../../kubernetes/condition";
import { claimantText, consumerOf, holderOf, isKeptFor } from "./host-claim";
import { type Snapshot, inManagement, inWorkload, named } from "../snapshot";
import { plainText } from "../../redaction/shown";
import type { ClusterReadinessPlan, ExpectedHost } from "../../plan/readiness";

/** How far a server has come; `boot` ends when its Node appears, `join` when that Node is Ready. */
export type HostPhase =
  | "absent"
  | "register"
  | "inspect"
  | "prepare"
  | "available"
  | "provision"
  | "boot"
  | "join"
  | "ready"
  | "deprovision"
  | "other";

/** The error that the bare metal operator reports for a host. */
export interface HostError {
  readonly type: string;
  readonly message: string;
  readonly count: number;
}

/** One planned server with everything found that belongs to it. */
export interface HostState {
  readonly name: string;
  readonly pool: string;
  /** Where its pool is spread over failure domains: its own. */
  readonly failureDomain?: string;
  readonly phase: HostPhase;
  /** For people; changes only when something changed. */
  readonly text: string;
  /** Whether a machine, or something foreign, has taken the server; one that is kept for the next machine is free. */
  readonly claimed: boolean;
  /** What claims the server, where that is not of this cluster: `Metal3Machine capi-1/other-md-0-x of cluster "other"`. */
  readonly foreign?: string;
  readonly error?: HostError;
  readonly host?: BareMetalHost;
  readonly machine?: Machine;
  readonly node?: Node;
}

/** The state of each planned host, in the plan's order. */
export function hostStates(plan: ClusterReadinessPlan, snapshot: Snapshot): readonly HostState[] {
  return plan.hosts.map((expected) => hostState(plan, expected, snapshot));
}

function hostState(plan: ClusterReadinessPlan, expected: ExpectedHost, snapshot: Snapshot): HostState {
  const host = named(inManagement(snapshot, "hosts"), expected.name);
  const holder = holderOf(host, plan.cluster);
  const consumer = consumerOf(host, snapshot);
  const foreign = consumer?.is === "foreign" ? claimantText(host, consumer.cluster) : undefined;
  const machine = foreign === undefined ? machineOf(snapshot, holder) : undefined;
  const node = nodeOf(snapshot, host, machine);
  const error = hostError(host);
  const own = progress(host, availableText(host, holder, plan.cluster), node);
  const { phase, text: words } = foreign === undefined ? own : ofOthers(own.phase, foreign);
  return {
    ...expected,
    phase,
    text: words,
    claimed: holder !== undefined,
    ...defined({ error, foreign, host, machine, node }),
  };
}

/** A server of another cluster waits for no node of this one. */
function ofOthers(phase: HostPhase, foreign: string): { phase: HostPhase; text: string } {
  return { phase: phase === "boot" ? "other" : phase, text: `claimed by ${foreign}` };
}

function machineOf(snapshot: Snapshot, metal3Machine: string | undefined): Machine | undefined {
  if (metal3Machine === undefined) return undefined;
  const owner = named(
    inManagement(snapshot, "metal3Machines"),
    metal3Machine,
  )?.metadata.ownerReferences?.find((reference) => reference.kind === "Machine");
  return named(inManagement(snapshot, "machines"), owner?.name ?? metal3Machine);
}

/** By nodeRef once Cluster API has set it; before that by the label that our kubelets carry. */
function nodeOf(
  snapshot: Snapshot,
  host: BareMetalHost | undefined,
  machine: Machine | undefined,
): Node | undefined {
  if (host === undefined || machine === undefined) return undefined;
  const name = machine.status?.nodeRef?.name;
  const uid = host.metadata.uid;
  return inWorkload(snapshot, "nodes").find(
    (node) =>
      node.metadata.name === name || (uid !== undefined && node.metadata.labels?.["metal3.io/uuid"] === uid),
  );
}

/** An object that was read does not change, and each cause of a diagnosis looks at the error of each host. */
const knownErrors = new WeakMap<BareMetalHost, { readonly error: HostError | undefined }>();

/** The error a host shows at present, or undefined. */
export function hostError(host: BareMetalHost | undefined): HostError | undefined {
  if (host === undefined) return undefined;
  const known = knownErrors.get(host) ?? { error: readError(host) };
  knownErrors.set(host, known);
  return known.error;
}

function readError({ status }: BareMetalHost): HostError | undefined {
  const type = plainText(status?.errorType ?? "");
  // A BMC's answer: anything may stand in it.
  const message = plainText(status?.errorMessage ?? "");
  if (type === "" && message === "") return undefined;
  return { type: type === "" ? "error" : type, message, count: status?.errorCount ?? 0 };
}

function progress(
  host: BareMetalHost | undefined,
  available: string,
  node: Node | undefined,
): { phase: HostPhase; text: string } {
  if (host === undefined) return { phase: "absent", text: "no BareMetalHost of this name yet" };
  const state = host.status?.provisioning?.state ?? "";
  switch (state) {
    case "":
    case "unmanaged":
    case "registering":
      return { phase: "register", text: "registering" };
    case "inspecting":
      return { phase: "inspect", text: "inspecting hardware" };
    case "preparing":
      return { phase: "prepare", text: "preparing" };
    case "available":
    case "ready":
      return { phase: "available", text: available };
    case "provisioning":
      return { phase: "provision", text: `writing the image${imageOf(host)}` };
    case "provisioned":
    case "externally provisioned":
      return afterImage(node);
    case "deprovisioning":
      return { phase: "deprovision", text: "deprovisioning" };
    default:
      return { phase: "other", text: state };
  }
}

function availableText(host: BareMetalHost | undefined, holder: string | undefined, cluster: string): string {
  if (holder !== undefined) return `claimed by ${holder}`;
  return isKeptFor(host, cluster) ? "available, kept for the next machine of its pool" : "available";
}

function afterImage(node: Node | undefined): { phase: HostPhase; text: string } {
  if (node === undefined) return { phase: "boot", text: "image written, no node yet" };
  if (!conditionIs(node, "Ready", "True"))
    return { phase: "join", text: `node ${node.metadata.name} joined` };
  return { phase: "ready", text: `node ${node.metadata.name} is Ready` };
}

function imageOf(host: BareMetalHost): string {
  const file = host.spec?.image?.url?.split(/[?#]/)[0]?.split("/").pop() ?? "";
  return file === "" ? "" : ` ${file}`;
}
