import { clusterLabel, clusterNameLabel, ownerLabel } from "../../kubernetes/labels";
import type { BareMetalHost } from "../../kubernetes/metal3";
import { field } from "../../kubernetes/object";
import { type Snapshot, inManagement, named } from "../snapshot";
import { nearest } from "../../text/wording";
import {
  claimOf,
  claimantText,
  consumerOf,
  isKeptFor,
  nodeReuseLabel,
  unhealthyMarks,
} from "../readiness/host-claim";
import { hostError } from "../readiness/host-state";
import { stateOf } from "./machine-rules";
import { type RecoverRule, type Refused, type Situation, refusals } from "./rule";

/** What a machine's claim puts into a host (CAPM3 baremetal/metal3machine_manager.go, setHostSpec); without it the host is wiped and free. */
const claim = ["consumerRef", "image", "userData", "metaData", "customDeploy"] as const;

/** A host that can be given back to Cluster API. */
interface HostState {
  readonly host: BareMetalHost;
  readonly marks: readonly string[];
  /** Name of the Metal3Machine that holds the host and does not exist. */
  readonly staleClaim?: string;
  /** What the host belongs to, where that is not this cluster: `is claimed by ... of cluster "other"`. */
  readonly foreign?: string;
  /** Whether Metal3 keeps the host for the next machine of a pool of this cluster (nodeReuse). */
  readonly kept: boolean;
}

/** What is to be done about a host: refused, unknown, or a merge patch of that host with what it brings about. */
export type HostDecision =
  | { readonly step: "refuse"; readonly why: readonly Refused[] }
  | { readonly step: "unknown"; readonly why: string }
  | {
      readonly step: "patch";
      readonly host: BareMetalHost;
      /** Holds the version that was judged, so that a host that changed meanwhile is refused by the API server. */
      readonly patch: object;
      /** Name of the Metal3Machine whose claim is removed; it must not exist when the patch is sent. */
      readonly staleClaim?: string;
      readonly consequences: readonly string[];
    };

type HostRule = RecoverRule<HostState>;

const needsIt: HostRule = {
  id: "recover/host-kept-back",
  summary: "The host is held back by a mark that may be removed.",
  why: "only the mark of a failed remediation, the claim of a deleted machine, and a reservation for reuse may be removed by hand",
  judge: ({ host, marks, staleClaim, kept, foreign }) => {
    if (foreign !== undefined || marks.length > 0 || staleClaim !== undefined || kept) return [];
    const consumer = claimOf(host)?.name;
    return [
      {
        at: `BareMetalHost/${host.metadata.name}`,
        problem:
          consumer === undefined
            ? `it is not marked unhealthy and not claimed (${stateOf(host)})`
            : `it is not marked unhealthy, and ${consumer}, which claims it, is there`,
        fix:
          consumer === undefined
            ? `nothing to recover; npm run metal -- diagnose shows what a host waits for`
            : `if that machine is stuck: npm run metal -- recover machine ${host.metadata.name}`,
      },
    ];
  },
};

const isOurs: HostRule = {
  id: "recover/host-foreign",
  summary: "The host is neither claimed by another cluster nor another stack's.",
  why: "a host without its claim is wiped, and a claim of another cluster belongs to a server that may run",
  judge: ({ host, foreign }) =>
    foreign === undefined
      ? []
      : [
          {
            at: `BareMetalHost/${host.metadata.name}`,
            problem: foreign,
            fix: "take another server, or release this one there first (scale that cluster down)",
          },
        ],
};

const staysThere: HostRule = {
  id: "recover/host-stays",
  summary: "The host is not being deleted, paused or detached.",
  why: "a host that is being deleted, paused or detached must not be changed",
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

const repaired: HostRule = {
  id: "recover/host-mended",
  summary: "The cause that held the host back is fixed.",
  why: "the next machine would claim the host and fail on it again",
  judge: ({ host }) => {
    const error = hostError(host);
    return error === undefined
      ? []
      : [
          {
            at: `BareMetalHost/${host.metadata.name}`,
            problem: `${error.type}: ${error.message}`,
            fix: "fix that first; the error is cleared when Metal3 tries again",
          },
        ];
  },
};

/** What must hold before a host is given back, in the order of the report. */
export const hostRules: readonly HostRule[] = [needsIt, isOurs, staysThere, repaired];

/** The id of a refusal that has no rule: there is nothing to judge. */
export const hostKnown = {
  id: "recover/host-known",
  summary: "The host exists.",
  why: "an unknown host name may be a typo",
};

/** Decides about a host of the stack, by its name. */
export function decideHost(name: string, situation: Situation): HostDecision {
  const { management } = situation.snapshot;
  const { hosts, metal3Machines } = management.parts;
  const unread = management.trouble?.message ?? hosts.unread?.why ?? metal3Machines.unread?.why;
  if (unread !== undefined) return { step: "unknown", why: unread };
  const ours = situation.plan.readiness.hosts.map((host) => host.name);
  const host = named(inManagement(situation.snapshot, "hosts"), name);
  if (host === undefined || !ours.includes(name)) return { step: "refuse", why: [unknownName(name, ours)] };
  const consumer = consumerOf(host, situation.snapshot);
  if (consumer?.is === "unknown")
    return { step: "unknown", why: `the consumer of ${name} cannot be read: ${consumer.why}` };
  const state = stateOfHost(host, situation);
  const why = refusals(hostRules, state, situation);
  return why.length > 0 ? { step: "refuse", why } : patchOf(state);
}

function stateOfHost(host: BareMetalHost, { plan, snapshot }: Situation): HostState {
  const claimed = claimOf(host);
  const isStale = consumerOf(host, snapshot)?.is === "absent";
  const foreign = foreignText(host, snapshot);
  // CAPM3 1.13 keeps a host by the label alone.
  const kept =
    isKeptFor(host, plan.name) ||
    (claimed === undefined && host.metadata.labels?.[nodeReuseLabel] !== undefined);
  return {
    host,
    marks: unhealthyMarks(host),
    ...(isStale && claimed !== undefined ? { staleClaim: claimed.name } : {}),
    ...(foreign === undefined ? {} : { foreign }),
    kept,
  };
}

/** The other cluster that holds a host, or that its labels name. */
function foreignText(host: BareMetalHost, snapshot: Snapshot): string | undefined {
  const consumer = consumerOf(host, snapshot);
  if (consumer?.is === "foreign") return `it is claimed by ${claimantText(host, consumer.cluster) ?? ""}`;
  const { labels = {} } = host.metadata;
  const label = [clusterNameLabel, clusterLabel, ownerLabel].find(
    (key) => labels[key] !== undefined && labels[key] !== snapshot.cluster,
  );
  return label === undefined ? undefined : `it belongs to "${labels[label] ?? ""}" by its label ${label}`;
}

function patchOf({ host, marks, staleClaim, kept }: HostState): HostDecision {
  const { name, resourceVersion } = host.metadata;
  const freed = staleClaim !== undefined || kept;
  const claimed = freed ? claim.filter((key) => field(host, "spec", key) !== undefined) : [];
  const nothing = (keys: readonly string[]) => Object.fromEntries(keys.map((key) => [key, null]));
  const labels = host.metadata.labels ?? {};
  const clusterLabels = freed ? [clusterNameLabel, nodeReuseLabel].filter((key) => key in labels) : [];
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
    ...(staleClaim === undefined ? {} : { staleClaim }),
    consequences: [
      ...marks.map((mark) => `the mark ${mark} is taken from ${name}: ${afterMark(host, staleClaim)}`),
      ...(kept
        ? [
            `${name} is no longer kept for ${labels[nodeReuseLabel] ?? "reuse"}: any machine of its pool may take it`,
          ]
        : []),
      ...(staleClaim === undefined
        ? []
        : [`the claim of ${staleClaim}, which does not exist, is taken from ${name}${wiping(claimed)}`]),
    ],
  };
}

function afterMark(host: BareMetalHost, staleClaim: string | undefined): string {
  const claimed = claimOf(host);
  return claimed?.by === "machine" && staleClaim === undefined
    ? `machine ${claimed.name} stays on it, and a replacement of that machine may use the host again`
    : "the next machine may take the host";
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
