import { text } from "../../kubernetes/object";
import { type Snapshot, inManagement, inWorkload } from "../snapshot";
import type { Missing } from "../readiness/assessment";
import { type Stage, stages } from "../causes";
import { type Cause, type DiagnosisCase, type DiagnosisPlan, type Symptom, causeOf } from "../causes/cause";
import type { ClusterReadinessPlan } from "../../plan/readiness";
import { caseOf, symptomsOf } from "./case";
import { missingNow, missingText } from "../live-plan";
import { shellQuoted } from "../../text/wording";

/** A cause that holds, with everything that is needed to act on it. */
export interface FoundCause extends Cause {
  readonly why: string;
  readonly certainty: NonNullable<Symptom["certainty"]>;
  readonly command: string;
  /** The object's events, newest first. */
  readonly events: readonly string[];
}

/** How one stage of the way looks. */
interface WalkedStage {
  readonly name: string;
  readonly state: "good" | "bad" | "unknown";
}

/** Why a cluster is not ready, as far as one snapshot shows it. */
export interface Diagnosis {
  readonly cluster: string;
  readonly verdict: "healthy" | "cause" | "no cause known" | "unknown";
  readonly walked: readonly WalkedStage[];
  readonly first?: FoundCause;
  readonly others: readonly FoundCause[];
  /** What is missing for the cluster to be ready. */
  readonly missing: readonly string[];
  /** What could not be read, and why. */
  readonly unread: readonly string[];
  readonly at: number;
}

/** Walks from the management cluster to the sessions. Pure: one snapshot at one time gives one diagnosis. */
export function diagnose(given: DiagnosisPlan, snapshot: Snapshot, now: number): Diagnosis {
  const at = caseOf(given, snapshot, now);
  const walked = stages.map((stage) => ({
    stage,
    found: isBlind(stage, at) ? undefined : foundIn(stage, at),
  }));
  const found = walked.flatMap((step) => step.found ?? []);
  const [first, ...others] = found;
  const missing = missingNow(at.plan, given.bgp, at.observation, now);
  const unread = unreadOf(snapshot);
  return {
    cluster: snapshot.cluster,
    verdict: first !== undefined ? "cause" : verdictWithout(missing, snapshot),
    walked: walked.map(({ stage, found: causes }) => ({
      name: stage.name,
      state: causes === undefined ? "unknown" : causes.length === 0 ? "good" : "bad",
    })),
    ...(first === undefined ? {} : { first }),
    others,
    missing: missing.map(missingText),
    unread,
    at: snapshot.at,
  };
}

function isBlind({ needs }: Stage, { snapshot }: DiagnosisCase): boolean {
  if (needs === "none") return false;
  if (snapshot.management.unreachable !== undefined) return true;
  return needs === "workload" && snapshot.workload.unreachable !== undefined;
}

function foundIn({ causes }: Stage, at: DiagnosisCase): readonly FoundCause[] {
  return causes.flatMap((cause) =>
    symptomsOf(cause, at).map((symptom) => ({
      ...causeOf(cause, symptom),
      why: cause.why,
      certainty: symptom.certainty ?? "certain",
      command: symptom.command ?? nextCommand(symptom.object, at.plan),
      events: eventsOf(symptom.object, at.snapshot),
    })),
  );
}

const inWorkloadCluster = /^(Node|Pod|DaemonSet|Deployment|Cilium.*|Lease)$/;
const inKubeSystem = /^(Pod|DaemonSet|Deployment|Lease)$/;

/** The command that shows more about the object of a symptom, where its cause has no better one. */
export function nextCommand(object: string, { namespace, cluster }: ClusterReadinessPlan): string {
  const [kind = "", name = ""] = object.split("/");
  if (!/^[A-Z]\w*$/.test(kind) || name === "") return `npm run metal -- preflight --stack ${cluster}`;
  const resource = kind.toLowerCase();
  if (!inWorkloadCluster.test(kind))
    return `kubectl -n ${namespace} describe ${resource} ${quotedName(name)}`;
  const scope = inKubeSystem.test(kind) ? "-n kube-system " : "";
  return `kubectl ${scope}describe ${resource} ${quotedName(name.split(" ")[0] ?? name)}    (in the workload cluster)`;
}

/** A name as one word of a shell: the command is copied, and the name comes from a cluster. */
function quotedName(name: string): string {
  return /^[\w.:-]+$/.test(name) ? name : shellQuoted(name);
}

/** The newest three; failures of Metal3 are events of type Normal, so the type does not matter. */
function eventsOf(object: string, snapshot: Snapshot): readonly string[] {
  const timeOf = (event: unknown) => text(event, "lastTimestamp") ?? text(event, "eventTime") ?? "";
  return [...inManagement(snapshot, "events"), ...inWorkload(snapshot, "events")]
    .filter((event) => {
      const kind = text(event, "involvedObject", "kind") ?? "";
      return `${kind}/${text(event, "involvedObject", "name") ?? ""}` === object;
    })
    .sort((a, b) => timeOf(b).localeCompare(timeOf(a)))
    .slice(0, 3)
    .map((event) => `${timeOf(event)} ${text(event, "reason") ?? ""}: ${text(event, "message") ?? ""}`);
}

function verdictWithout(missing: readonly Missing[], snapshot: Snapshot): Diagnosis["verdict"] {
  if (snapshot.management.unreachable !== undefined) return "unknown";
  return missing.length === 0 ? "healthy" : "no cause known";
}

function unreadOf({ management, workload }: Snapshot): readonly string[] {
  const sides = [
    ["management cluster", management],
    ["workload cluster", workload],
  ] as const;
  return sides.flatMap(([name, { unreachable, parts }]) =>
    unreachable !== undefined
      ? [`${name}: ${unreachable}`]
      : Object.entries(parts).flatMap(([part, { unread }]) =>
          // A kind that is not served has no objects to read.
          unread === undefined || unread.status === 404 ? [] : [`${name}, ${part}: ${unread.why}`],
        ),
  );
}
