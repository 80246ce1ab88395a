import { type KubernetesObject, field, number, text } from "../../kubernetes/object";
import { conditionIs } from "../../kubernetes/condition";
import { holderOf, isKeptFor } from "./host-claim";
import { type Observation, allInWorkload, managed } from "./observation";
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
  readonly phase: HostPhase;
  /** For people; changes only when something changed. */
  readonly text: string;
  /** Whether a machine, or something foreign, has taken the server; one that is kept for the next machine is free. */
  readonly claimed: boolean;
  readonly error?: HostError;
  readonly host?: KubernetesObject;
  readonly machine?: KubernetesObject;
  readonly node?: KubernetesObject;
}

/** The state of each planned host, in the plan's order. */
export function hostStates(plan: ClusterReadinessPlan, observation: Observation): readonly HostState[] {
  return plan.hosts.map((expected) => hostState(plan, expected, observation));
}

function hostState(plan: ClusterReadinessPlan, expected: ExpectedHost, observation: Observation): HostState {
  const host = managed(observation, "hosts", expected.name);
  const holder = holderOf(host, plan.cluster);
  const machine = machineOf(observation, holder);
  const node = nodeOf(observation, host, machine);
  const error = hostError(host);
  const { phase, text: words } = progress(host, availableText(host, holder, plan.cluster), node);
  return {
    ...expected,
    phase,
    text: words,
    claimed: holder !== undefined,
    ...(error === undefined ? {} : { error }),
    ...(host === undefined ? {} : { host }),
    ...(machine === undefined ? {} : { machine }),
    ...(node === undefined ? {} : { node }),
  };
}

function machineOf(
  observation: Observation,
  metal3Machine: string | undefined,
): KubernetesObject | undefined {
  if (metal3Machine === undefined) return undefined;
  const owner = managed(observation, "metal3Machines", metal3Machine)?.metadata.ownerReferences?.find(
    (reference) => reference.kind === "Machine",
  );
  return managed(observation, "machines", owner?.name ?? metal3Machine);
}

/** By nodeRef once Cluster API has set it; before that by the label that our kubelets carry. */
function nodeOf(
  observation: Observation,
  host: KubernetesObject | undefined,
  machine: KubernetesObject | undefined,
): KubernetesObject | undefined {
  if (host === undefined || machine === undefined) return undefined;
  const name = text(machine, "status", "nodeRef", "name");
  const uid = host.metadata.uid;
  return allInWorkload(observation, "nodes").find(
    (node) =>
      node.metadata.name === name || (uid !== undefined && node.metadata.labels?.["metal3.io/uuid"] === uid),
  );
}

/** The error a host shows at present, or undefined. */
export function hostError(host: KubernetesObject | undefined): HostError | undefined {
  const type = plainText(text(host, "status", "errorType") ?? "");
  // A BMC's answer: anything may stand in it.
  const message = plainText(text(host, "status", "errorMessage") ?? "");
  if (type === "" && message === "") return undefined;
  return { type: type === "" ? "error" : type, message, count: number(host, "status", "errorCount") ?? 0 };
}

function progress(
  host: KubernetesObject | undefined,
  available: string,
  node: KubernetesObject | undefined,
): { phase: HostPhase; text: string } {
  if (host === undefined) return { phase: "absent", text: "no BareMetalHost of this name yet" };
  const state = text(host, "status", "provisioning", "state") ?? "";
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

function availableText(
  host: KubernetesObject | undefined,
  holder: string | undefined,
  cluster: string,
): string {
  if (holder !== undefined) return `claimed by ${holder}`;
  return isKeptFor(host, cluster) ? "available, kept for the next machine of its pool" : "available";
}

function afterImage(node: KubernetesObject | undefined): { phase: HostPhase; text: string } {
  if (node === undefined) return { phase: "boot", text: "image written, no node yet" };
  if (!conditionIs(node, "Ready", "True"))
    return { phase: "join", text: `node ${node.metadata.name} joined` };
  return { phase: "ready", text: `node ${node.metadata.name} is Ready` };
}

function imageOf(host: KubernetesObject): string {
  const url = field(host, "spec", "image", "url");
  if (typeof url !== "string") return "";
  const file = url.split(/[?#]/)[0]?.split("/").pop() ?? "";
  return file === "" ? "" : ` ${file}`;
}
