import type { Event } from "../../kubernetes/core";
import type { KubernetesObject } from "../../kubernetes/object";
import {
  type Cause,
  type CauseRule,
  type DiagnosisCase,
  type DiagnosisPlan,
  type Symptom,
  causeOf,
} from "../causes/cause";
import { type Stage, stages } from "../causes";
import { type ReadinessPlan, livePlan, missingNow, missingText } from "../readiness/assess";
import type { Missing } from "../readiness/assessment";
import type { AttemptsByHost } from "../readiness/host-attempts";
import { hostStates } from "../readiness/host-state";
import { type ManagementPart, type Snapshot, inManagement, inWorkload } from "../snapshot";
import type { ClusterReadinessPlan } from "../../plan/readiness";
import { shellQuoted, duration } from "../../text/wording";
import { plainText, shownOnOneLine, wrapped } from "../../redaction/shown";
import type { Paint } from "../../findings/formats";

/** A cause that holds, with everything that is needed to act on it. */
interface FoundCause extends Cause {
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
  const missing = missingNow(at.plan, given.bgp, at.snapshot, now);
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
  const { management, workload } = snapshot;
  if (management.trouble !== undefined && management.trouble.status === undefined) return true;
  return needs === "workload" && workload.trouble !== undefined;
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
  const timeOf = (event: Event) => event.lastTimestamp ?? event.eventTime ?? "";
  return [...inManagement(snapshot, "events"), ...inWorkload(snapshot, "events")]
    .filter(({ involvedObject: of }) => `${of?.kind ?? ""}/${of?.name ?? ""}` === object)
    .sort((a, b) => timeOf(b).localeCompare(timeOf(a)))
    .slice(0, 3)
    .map((event) => `${timeOf(event)} ${event.reason ?? ""}: ${event.message ?? ""}`);
}

function verdictWithout(missing: readonly Missing[], snapshot: Snapshot): Diagnosis["verdict"] {
  if (snapshot.management.trouble !== undefined) return "unknown";
  return missing.length === 0 ? "healthy" : "no cause known";
}

function unreadOf({ management, workload }: Snapshot): readonly string[] {
  const sides = [
    ["management cluster", management],
    ["workload cluster", workload],
  ] as const;
  return sides.flatMap(([name, { trouble, parts }]) =>
    trouble !== undefined
      ? [`${name}: ${trouble.message}`]
      : Object.entries(parts).flatMap(([part, { unread }]) =>
          // A kind that is not served has no objects to read.
          unread === undefined || unread.status === 404 ? [] : [`${name}, ${part}: ${unread.why}`],
        ),
  );
}

/** Without one of these no diagnosis is possible. */
const neededParts: readonly ManagementPart[] = [
  "hosts",
  "clusters",
  "controlPlanes",
  "machineDeployments",
  "machines",
  "metal3Machines",
  "resourceSets",
  "bindings",
];

/** A case from a snapshot; a needed part that the management cluster refuses is trouble for its causes. */
function caseOf(given: DiagnosisPlan, seen: Snapshot, now: number): DiagnosisCase {
  const plan = livePlan(given, seen);
  const [trouble = seen.management.trouble] = neededParts.flatMap((part) => {
    const { why, status } = seen.management.parts[part].unread ?? {};
    return status === undefined ? [] : [{ since: seen.at, message: `${part}: ${why ?? ""}`, status }];
  });
  const management = { ...seen.management, ...(trouble === undefined ? {} : { trouble }) };
  const snapshot = { ...seen, management };
  return {
    plan,
    cilium: given.cilium,
    ...(given.bgp === undefined ? {} : { bgp: given.bgp.readiness }),
    snapshot,
    hosts: hostStates(plan, snapshot),
    now,
  };
}

/** The symptoms of a cause in a case; what a wait must see hold for a while counts once the object is older than that. */
function symptomsOf(cause: CauseRule, at: DiagnosisCase): readonly Symptom[] {
  if (cause.graceSeconds === undefined) return cause.find(at);
  if (cause.findInSnapshot !== undefined) return cause.findInSnapshot(at);
  const { plan, bgp, snapshot, now } = at;
  const plans: readonly ReadinessPlan[] = [plan, ...(bgp === undefined ? [] : [bgp])];
  const attempts = attemptsIn(snapshot);
  const found = plans.flatMap((each) => cause.find({ plan: each, snapshot, attempts, sessions: new Map() }));
  const once = new Map(found.map((symptom) => [symptom.object, symptom]));
  return [...once.values()].filter(({ object }) => {
    const created = creationOf(at, object);
    return created === undefined || now - created >= cause.graceSeconds * 1000;
  });
}

/** How often writing an image has failed, by the operator's events: its own counter is reset after each write. */
function attemptsIn(snapshot: Snapshot): AttemptsByHost {
  const events = inManagement(snapshot, "events").filter(
    ({ reason, involvedObject }) =>
      reason === "ProvisioningError" && involvedObject?.kind === "BareMetalHost",
  );
  return new Map(
    inManagement(snapshot, "hosts").map(({ metadata }) => {
      const own = events.filter((event) => event.involvedObject?.name === metadata.name);
      const failedWrites = own.flatMap((event) =>
        Array.from({ length: event.count ?? 1 }, (_, i) => `${event.metadata.name} ${i}`),
      );
      const writeError = own.at(-1)?.message;
      const attempts = { errorsBefore: 0, failedWrites, ...(writeError === undefined ? {} : { writeError }) };
      return [metadata.name, attempts];
    }),
  );
}

function creationOf({ snapshot }: DiagnosisCase, name: string): number | undefined {
  const readings = [...Object.values(snapshot.management.parts), ...Object.values(snapshot.workload.parts)];
  const object = readings
    .flatMap(({ objects = [] }): readonly KubernetesObject[] => objects)
    .find(({ kind, metadata }) => `${kind}/${metadata.name}` === name);
  const time = Date.parse(object?.metadata.creationTimestamp ?? "");
  return Number.isNaN(time) ? undefined : time;
}

/** Wide enough for evidence, narrow enough for a log. */
const width = 100;

/** A diagnosis for people: the first cause with its evidence and what to run, then what else was seen. */
export function diagnosisLines(diagnosis: Diagnosis, paint: Paint): readonly string[] {
  return [
    ...headLines(diagnosis, paint),
    ...(diagnosis.first === undefined ? [] : causeLines(diagnosis.first, diagnosis.at, paint)),
    ...list(
      "Also seen",
      diagnosis.others.map(({ id, who, problem }) => `${id}  ${who}: ${problem}`),
    ),
    ...(diagnosis.verdict === "no cause known" ? list("Missing", diagnosis.missing) : []),
    ...list("Could not be read", diagnosis.unread),
    "",
    `Walked  ${diagnosis.walked.map(({ name, state }) => `${name} ${words[state]}`).join(" > ")}`,
    ...(diagnosis.first === undefined ? [] : [`More    npm run metal -- explain ${diagnosis.first.id}`]),
  ];
}

const words = { good: "ok", bad: "BAD", unknown: "?" } as const;

function headLines({ cluster, verdict, first }: Diagnosis, paint: Paint): readonly string[] {
  switch (verdict) {
    case "healthy":
      return [`${paint("good", "ok")}  ${cluster} is ready, and no problem was detected`];
    case "no cause known":
      return [`${paint("warning", "wait")}  ${cluster} is not ready yet, and no problem was detected`];
    case "unknown":
      return [`${paint("warning", "?")}  the state of ${cluster} is unknown`];
    case "cause":
      return [
        `${paint("error", `BAD  ${first?.id ?? ""}`)}  ${paint("strong", plainText(first?.problem ?? ""))}  (${first?.certainty ?? ""})`,
      ];
  }
}

function causeLines(cause: FoundCause, now: number, paint: Paint): readonly string[] {
  const evidence = [cause.evidence, ...cause.events].map(plainText).filter((line) => line !== "");
  return [
    `     ${shownOnOneLine(cause.object)}${cause.since === undefined ? "" : paint("faint", `, for ${duration(now - cause.since)}`)}`,
    "",
    "  Evidence",
    ...evidence.flatMap((line, index) => indented(`${index + 1} `, line)),
    "  Because",
    ...indented("", shownOnOneLine(cause.why)),
    "  Do this",
    ...indented("", shownOnOneLine(cause.fix)),
    `    ${paint("strong", shownOnOneLine(cause.command))}`,
  ];
}

function indented(mark: string, text: string): readonly string[] {
  const [first = "", ...rest] = wrapped(text, width - 4 - mark.length);
  const blank = " ".repeat(4 + mark.length);
  return [`    ${mark}${first}`, ...rest.map((line) => blank + line)];
}

function list(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ["", `  ${title}`, ...lines.map((line) => `    ${plainText(line)}`)];
}
