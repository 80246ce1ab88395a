import { field, text } from "../../../kubernetes/object";
import { clusterNameLabel, inManagement, named } from "../../snapshot";
import { claimOf, isKeptFor, unhealthyMarks } from "../../readiness/host-claim";
import type { HostState } from "../../readiness/host-state";
import { type DiagnosisCase, type DiagnosisRule, type Symptom, isOlder, sinceTime, wasRead } from "../case";

interface HostRule {
  readonly id: string;
  readonly why: string;
  readonly fix: string;
  /** What is wrong with a planned host; undefined when nothing is. */
  judge(host: HostState, at: DiagnosisCase): Omit<Symptom, "object" | "who" | "fix"> | undefined;
}

function hostRule({ judge, ...rule }: HostRule): DiagnosisRule {
  return {
    ...rule,
    find: (at) =>
      at.hosts.flatMap((host) => {
        const found = host.host === undefined ? undefined : judge(host, at);
        return found === undefined
          ? []
          : [{ object: `BareMetalHost/${host.name}`, who: host.name, fix: rule.fix, ...found }];
      }),
  };
}

const stateOf = ({ host }: HostState) => text(host, "status", "provisioning", "state") ?? "";
const historyOf = ({ host }: HostState, step: string, edge: "start" | "end") =>
  text(host, "status", "operationHistory", step, edge);
const annotationOf = ({ host }: HostState, name: string) => host?.metadata.annotations?.[name];

/** The BMC login's Secret is not there. */
export const credentialsMissing = hostRule({
  id: "hosts/credentials-missing",
  why: "Without its login the operator cannot talk to the BMC at all.",
  fix: "run pulumi refresh, then pulumi up: the stack creates the Secret again",
  judge({ host }, at) {
    const name = text(host, "spec", "bmc", "credentialsName");
    if (name === undefined || !wasRead(at, "secrets")) return undefined;
    if (named(inManagement(at.snapshot, "secrets"), name) !== undefined) return undefined;
    return {
      problem: `Secret ${name} with the BMC's login does not exist`,
      evidence: `spec.bmc.credentialsName is ${name}`,
      command: "pulumi refresh && pulumi up",
    };
  },
});

/** Somebody has taken the host out of the operator's hands. */
export const hostPaused = hostRule({
  id: "hosts/paused",
  why: "The operator does nothing for a paused host.",
  fix: "remove annotation baremetalhost.metal3.io/paused from the host",
  judge(host, { snapshot, plan }) {
    const value = annotationOf(host, "baremetalhost.metal3.io/paused");
    const cluster = named(inManagement(snapshot, "clusters"), plan.cluster);
    // Metal3 sets it itself while the Cluster is paused.
    if (value === undefined || field(cluster, "spec", "paused") === true) return undefined;
    return {
      problem: `host ${host.name} is paused`,
      evidence: `annotation baremetalhost.metal3.io/paused is "${value}"`,
      command: `kubectl -n ${snapshot.namespace} annotate baremetalhost ${host.name} baremetalhost.metal3.io/paused-`,
    };
  },
});

/** The host is detached from Ironic. */
export const hostDetached = hostRule({
  id: "hosts/detached",
  why: "A detached host is neither powered, provisioned nor cleaned.",
  fix: "remove annotation baremetalhost.metal3.io/detached from the host",
  judge(host, { snapshot }) {
    const value = annotationOf(host, "baremetalhost.metal3.io/detached");
    if (value === undefined) return undefined;
    return {
      problem: `host ${host.name} is detached`,
      evidence: `annotation baremetalhost.metal3.io/detached is "${value}"`,
      command: `kubectl -n ${snapshot.namespace} annotate baremetalhost ${host.name} baremetalhost.metal3.io/detached-`,
    };
  },
});

/** The host has no BMC that could be managed. */
export const hostUnmanaged = hostRule({
  id: "hosts/unmanaged",
  why: "Without a BMC address the operator only keeps a record of the host.",
  fix: "give the host its bmc.address in the stack file, then pulumi up",
  judge(host) {
    if (stateOf(host) !== "unmanaged" && text(host.host, "spec", "bmc", "address") !== undefined)
      return undefined;
    return {
      problem: `host ${host.name} is not managed`,
      evidence: `state "${stateOf(host)}", bmc.address ${text(host.host, "spec", "bmc", "address") ?? "(absent)"}`,
    };
  },
});

/** The host is on its way out. */
export const hostLeaving = hostRule({
  id: "hosts/being-deleted",
  why: "A host that is being deleted is wiped and switched off; no machine will run on it.",
  fix: "wait until it is gone, then pulumi refresh and pulumi up bring it back",
  judge({ host, name }) {
    const time = host?.metadata.deletionTimestamp;
    if (time === undefined) return undefined;
    return {
      problem: `host ${name} is being deleted`,
      evidence: `deletionTimestamp ${time}`,
      ...sinceTime(time),
    };
  },
});

/** Somebody or a remediation has marked the host as unhealthy. */
export const hostUnhealthy = hostRule({
  id: "hosts/marked-unhealthy",
  why: "Metal3 never takes a host with this mark again until a person removes it.",
  fix: "repair the server, then npm run metal -- recover host NAME; where its machine is broken, recover machine NAME then",
  judge(host, { snapshot }) {
    const [mark] = unhealthyMarks(host.host);
    if (mark === undefined) return undefined;
    return {
      problem:
        host.machine === undefined
          ? `host ${host.name} is marked unhealthy, so no machine takes it`
          : `host ${host.name} is marked unhealthy: it keeps machine ${host.machine.metadata.name} and takes no other one`,
      evidence: `annotation ${mark} is set`,
      command: `npm run metal -- recover host ${host.name} --stack ${snapshot.cluster}`,
    };
  },
});

/** The host still names a machine that is gone. */
export const claimStale = hostRule({
  id: "hosts/claim-stale",
  why: "A host that names a consumer is taken; when that consumer is gone nobody will ever free it.",
  fix: "npm run metal -- recover host NAME, which removes the claim once it is sure",
  judge(host, at) {
    const claim = claimOf(host.host);
    if (claim?.by !== "machine" || claim.namespace !== at.snapshot.namespace) return undefined;
    if (!wasRead(at, "metal3Machines")) return undefined;
    // Freed hosts keep the claim while they are cleaned.
    if (stateOf(host) === "deprovisioning") return undefined;
    if (named(inManagement(at.snapshot, "metal3Machines"), claim.name) !== undefined) return undefined;
    return {
      problem: `host ${host.name} is claimed by a machine that does not exist`,
      evidence: `spec.consumerRef names Metal3Machine ${claim.name}`,
      command: `npm run metal -- recover host ${host.name} --stack ${at.snapshot.cluster}`,
    };
  },
});

/** Something that is no machine of this cluster holds the host. */
export const claimForeign = hostRule({
  id: "hosts/claim-foreign",
  why: "A host that something else holds is never chosen for a machine of this cluster, and this program frees no claim of others.",
  fix: "release it there, or take another server",
  judge({ host, name }, { plan, snapshot }) {
    const claim = claimOf(host);
    const cluster = host?.metadata.labels?.[clusterNameLabel];
    if (claim === undefined || isKeptFor(host, plan.cluster)) return undefined;
    const isOurs =
      claim.by === "machine" &&
      claim.namespace === snapshot.namespace &&
      (cluster === undefined || cluster === plan.cluster);
    if (isOurs) return undefined;
    const whose = cluster === undefined ? "" : ` of cluster ${cluster}`;
    return {
      problem: `host ${name} is held by ${claim.kind} ${claim.namespace}/${claim.name}${whose}`,
      evidence: `spec.consumerRef is ${claim.kind} ${claim.namespace}/${claim.name}`,
      command: `kubectl -n ${claim.namespace} get ${claim.kind.toLowerCase()} ${claim.name}`,
    };
  },
});

/** A server that should run is off. */
export const poweredOff = hostRule({
  id: "hosts/powered-off",
  why: "A node on a server that is off cannot answer.",
  fix: "find out who switched it off; when it may run, switch it on through its BMC",
  judge(host) {
    if (stateOf(host) !== "provisioned" || !host.claimed || host.error !== undefined) return undefined;
    if (field(host.host, "status", "poweredOn") !== false) return undefined;
    const online = field(host.host, "spec", "online") === true;
    return {
      problem: `server ${host.name} is off`,
      evidence: `status.poweredOn is false, spec.online is ${online ? "true: the BMC does not do it" : "false: somebody wanted it so"}`,
    };
  },
});

/** How long a step may last before it counts as stuck; the longest that Metal3's own tests allow. */
const patienceMinutes = 60;

interface StuckStep {
  readonly id: string;
  readonly state: string;
  readonly step: string;
  readonly minutes: number;
  readonly problem: string;
  readonly fix: string;
}

function stuckRule({ id, state, step, minutes, problem, fix }: StuckStep): DiagnosisRule {
  return hostRule({
    id,
    why: `${minutes} minutes are more than any server needs for this step.`,
    fix,
    judge(host, { now }) {
      const start = historyOf(host, step, "start");
      if (stateOf(host) !== state || host.error !== undefined || !isOlder(start, minutes, now))
        return undefined;
      const power = field(host.host, "status", "poweredOn") === false ? "off" : "on";
      return {
        certainty: "likely",
        problem: `${problem} since ${start ?? ""}`,
        evidence: `state ${state} without an error, power ${power}`,
        ...sinceTime(start),
      };
    },
  });
}

/** The image is not written, and nobody says why; among others Ironic that still knows an older instance of the host. */
export const provisioningStuck = stuckRule({
  id: "hosts/provisioning-stuck",
  state: "provisioning",
  step: "provision",
  minutes: patienceMinutes,
  problem: "the image has been being written",
  fix: "look at the server's console; when it is off and stays so, Ironic remembers an older instance: restart Ironic",
});

/** The disks are not cleaned, and nobody says why. */
export const deprovisioningStuck = stuckRule({
  id: "hosts/deprovisioning-stuck",
  state: "deprovisioning",
  step: "deprovision",
  minutes: patienceMinutes,
  problem: "the host has been being cleaned",
  fix: "look at the server's console and its BMC; a hanging BMC needs a reset",
});

/** The inspection does not end. */
export const inspectionStuck = stuckRule({
  id: "hosts/inspection-stuck",
  state: "inspecting",
  step: "inspect",
  minutes: 40,
  problem: "the hardware has been being inspected",
  fix: "look at the server's console: it must boot the inspection ramdisk and reach Ironic",
});

/** The network configuration was written anew after the server had read it. */
export const networkDataUnused = hostRule({
  id: "hosts/network-data-unused",
  why: "A server reads its network configuration when it is provisioned, and never again.",
  fix: "replace the machine, so that its host is provisioned with the new configuration",
  judge(host, { snapshot }) {
    const name = text(host.host, "spec", "networkData", "name");
    const secret = named(inManagement(snapshot, "secrets"), name);
    const made = Date.parse(secret?.metadata.creationTimestamp ?? "");
    const written = Date.parse(historyOf(host, "provision", "end") ?? "");
    if (stateOf(host) !== "provisioned" || !(made > written)) return undefined;
    return {
      // A Secret that was moved to another management cluster is young, too.
      certainty: "likely",
      problem: `host ${host.name} runs with an older network configuration`,
      evidence: `Secret ${name ?? ""} was made after the host had been provisioned`,
      since: made,
      ...(host.machine === undefined
        ? {}
        : {
            command: `npm run metal -- recover machine ${host.machine.metadata.name} --stack ${snapshot.cluster}`,
          }),
    };
  },
});
