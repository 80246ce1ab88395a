import { type KubernetesObject, field, text } from "../kubernetes/object";
import { inManagement, named } from "../live/snapshot";
import { nearest } from "../nearest";
import { hostError } from "../readiness/host-state";
import { stateOf } from "./machine-state";
import { type RecoverRule, type Refused, type Situation, refusals } from "./rule";

/** What Metal3 writes on a host that reboots did not mend; only a person takes it away. */
export const unhealthyAnnotations = ["capm3.metal3.io/unhealthy", "capi.metal3.io/unhealthy"] as const;

/** What a machine's claim puts into a host (facts/capi-metal3.md 4.4); without it the host is wiped and free again. */
const claim = ["consumerRef", "image", "userData", "metaData", "customDeploy"] as const;

/** A host that can be given back to Cluster API. */
export interface HostState {
  readonly host: KubernetesObject;
  readonly marks: readonly string[];
  /** Name of the Metal3Machine that holds the host and is not there. */
  readonly staleClaim?: string;
}

/** What is to be done about a host: refused, unknown, or a merge patch of that host with what it brings about. */
export type HostDecision =
  | { readonly step: "refuse"; readonly why: readonly Refused[] }
  | { readonly step: "untold"; readonly why: string }
  | {
      readonly step: "patch";
      readonly host: KubernetesObject;
      /** Holds the version that was judged, so that a host that changed meanwhile is refused by the API server. */
      readonly patch: object;
      readonly consequences: readonly string[];
    };

type HostRule = RecoverRule<HostState>;

const needsIt: HostRule = {
  id: "recover/host-kept-back",
  why: "only a mark or a claim that nobody holds any more may be taken from a host by hand",
  judge: ({ host, marks, staleClaim }) => {
    if (marks.length > 0 || staleClaim !== undefined) return [];
    const consumer = text(host, "spec", "consumerRef", "name");
    return [
      {
        at: `BareMetalHost/${host.metadata.name}`,
        problem:
          consumer === undefined
            ? `it is not marked unhealthy and nobody claims it (${stateOf(host)})`
            : `it is not marked unhealthy, and ${consumer}, which claims it, is there`,
        fix:
          consumer === undefined
            ? `nothing to recover; npm run metal -- diagnose says what a host waits for`
            : `if that machine is stuck: npm run metal -- recover machine ${host.metadata.name}`,
      },
    ];
  },
};

const staysThere: HostRule = {
  id: "recover/host-stays",
  why: "a host that is being deleted, paused or detached is in somebody's hands",
  judge: ({ host }) => {
    const { deletionTimestamp, annotations = {}, name } = host.metadata;
    const held = ["baremetalhost.metal3.io/paused", "baremetalhost.metal3.io/detached"].find(
      (key) => key in annotations,
    );
    if (deletionTimestamp === undefined && held === undefined) return [];
    return [
      {
        at: `BareMetalHost/${name}`,
        problem: held === undefined ? "it is being deleted" : `it has the annotation ${held}`,
        fix:
          held === undefined ? "wait until it is gone" : "take the annotation away once its reason is gone",
      },
    ];
  },
};

const mended: HostRule = {
  id: "recover/host-mended",
  why: "the next machine would take the host and fail on it again",
  judge: ({ host }) => {
    const error = hostError(host);
    return error === undefined
      ? []
      : [
          {
            at: `BareMetalHost/${host.metadata.name}`,
            problem: `${error.type}: ${error.message}`,
            fix: "mend that first; the error goes away by itself when Metal3 tries again",
          },
        ];
  },
};

const markFree: HostRule = {
  id: "recover/host-released",
  why: "while the machine that was given up still holds the host, its remediation is not over",
  judge: ({ host, marks, staleClaim }) => {
    const consumer = text(host, "spec", "consumerRef", "name");
    return marks.length === 0 || consumer === undefined || staleClaim !== undefined
      ? []
      : [
          {
            at: `BareMetalHost/${host.metadata.name}`,
            problem: `it is marked unhealthy and ${consumer} still holds it`,
            fix: `wait until that machine is gone, or: npm run metal -- recover machine ${host.metadata.name}`,
          },
        ];
  },
};

/** What must hold before a host is given back, in the order of the report. */
export const hostRules: readonly HostRule[] = [needsIt, staysThere, mended, markFree];

/** The id of a refusal that has no rule: there is nothing to judge. */
export const hostKnown = {
  id: "recover/host-known",
  why: "a name that no host of the stack's namespace has may be a slip of the pen",
};

/** Decides about a host of the stack, by its name. */
export function decideHost(name: string, situation: Situation): HostDecision {
  const { management } = situation.snapshot;
  const { hosts, metal3Machines } = management.parts;
  const unread = management.unreachable ?? hosts.unread?.why ?? metal3Machines.unread?.why;
  if (unread !== undefined) return { step: "untold", why: unread };
  const ours = situation.plan.readiness.hosts.map((host) => host.name);
  const host = named(inManagement(situation.snapshot, "hosts"), name);
  if (host === undefined || !ours.includes(name)) return { step: "refuse", why: [unknownName(name, ours)] };
  const state = stateOfHost(host, situation);
  const why = refusals(hostRules, state, situation);
  return why.length > 0 ? { step: "refuse", why } : patchOf(state);
}

function stateOfHost(host: KubernetesObject, { snapshot }: Situation): HostState {
  const consumer = text(host, "spec", "consumerRef", "name");
  // While nodes are reused, the claim goes to the Cluster for a moment; that is not stale.
  const isMachine = text(host, "spec", "consumerRef", "kind") === "Metal3Machine";
  const elsewhere = text(host, "spec", "consumerRef", "namespace") ?? host.metadata.namespace;
  const held =
    consumer === undefined ||
    !isMachine ||
    elsewhere !== host.metadata.namespace ||
    named(inManagement(snapshot, "metal3Machines"), consumer) !== undefined;
  const annotations = host.metadata.annotations ?? {};
  return {
    host,
    marks: unhealthyAnnotations.filter((key) => key in annotations),
    ...(held ? {} : { staleClaim: consumer }),
  };
}

function patchOf({ host, marks, staleClaim }: HostState): HostDecision {
  const { name, resourceVersion } = host.metadata;
  const claimed =
    staleClaim === undefined ? [] : claim.filter((key) => field(host, "spec", key) !== undefined);
  const nothing = (keys: readonly string[]) => Object.fromEntries(keys.map((key) => [key, null]));
  const labels = host.metadata.labels ?? {};
  const clusterLabels =
    staleClaim === undefined ? [] : ["cluster.x-k8s.io/cluster-name"].filter((key) => key in labels);
  const patch = {
    metadata: {
      resourceVersion,
      ...(marks.length === 0 ? {} : { annotations: nothing(marks) }),
      ...(clusterLabels.length === 0 ? {} : { labels: nothing(clusterLabels) }),
    },
    ...(claimed.length === 0 ? {} : { spec: nothing(claimed) }),
  };
  return {
    step: "patch",
    host,
    patch,
    consequences: [
      ...marks.map((mark) => `the mark ${mark} is taken from ${name}: the next machine may take the host`),
      ...(staleClaim === undefined
        ? []
        : [`the claim of ${staleClaim}, which is not there, is taken from ${name}${wiping(claimed)}`]),
    ],
  };
}

function wiping(claimed: readonly string[]): string {
  return claimed.includes("image") ? ": the host is wiped and powered off, and then available" : "";
}

function unknownName(name: string, ours: readonly string[]): Refused {
  const guess = nearest(name, ours);
  return {
    id: hostKnown.id,
    at: `BareMetalHost/${name}`,
    problem: `no host of this stack is called that${guess === undefined ? "" : `; did you mean ${guess}?`}`,
    fix: `hosts are ${ours.join(", ")}`,
  };
}
