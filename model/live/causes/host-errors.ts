import type { BareMetalHost } from "../../kubernetes/metal3";
import { triedVersion, triesOf } from "../readiness/host-attempts";
import type { HostError, HostState } from "../readiness/host-state";
import { inManagement, named } from "../snapshot";
import { type CauseRule, type ClusterSituation, type WaitCause, clusterCause } from "./cause";

/** A host that shows an error which an attempt with the present settings has met. */
type FailingHost = HostState & { readonly error: HostError };

/** One try may meet a BMC that is rebooting; after three with the operator's growing pauses it is not that. */
const hopelessTries = 3;

/** Hosts whose error is of one of the types and was met by an attempt since the first look; `count` is all attempts. */
function failing(situation: ClusterSituation, types: readonly string[]): readonly FailingHost[] {
  return situation.hosts
    .filter((state): state is FailingHost => state.error !== undefined)
    .filter((state) => types.includes(state.error.type))
    .filter((state) => isRecent(situation, state))
    .map((state) => ({
      ...state,
      error: { ...state.error, count: triesOf(state.host, situation.attempts?.get(state.name)) },
    }));
}

/**
 * Whether an attempt since the first look has met the error. The operator notes which version of the BMC Secret it tried:
 * a login that was changed since must have been tried; else the count must have grown, or another image write have failed.
 */
function isRecent(situation: ClusterSituation, state: FailingHost): boolean {
  const tried = triedVersion(state.host);
  if (state.error.type.endsWith("registration error") && tried !== undefined) {
    const secret = state.host?.spec?.bmc?.credentialsName ?? "";
    const present = named(inManagement(situation.snapshot, "secrets"), secret)?.metadata.resourceVersion;
    if (present !== undefined && present !== tried) return false;
  }
  if (situation.attempts === undefined) return true;
  const seen = situation.attempts.get(state.name);
  if (seen === undefined) return true;
  const isOtherLogin = seen.triedBefore !== undefined && tried !== seen.triedBefore;
  return isOtherLogin || seen.failedWrites.length > 0 || state.error.count > seen.errorsBefore;
}

/** The error of the last failed image write, while the operator cleans the host and the host shows no error. */
function lastWriteError(situation: ClusterSituation, { name, phase, claimed }: HostState) {
  const seen = situation.attempts?.get(name);
  const isBetween = claimed && ["available", "provision", "deprovision"].includes(phase);
  if (seen === undefined || !isBetween) return undefined;
  return { type: "provisioning error", message: seen.writeError ?? "", count: seen.failedWrites.length };
}

/** Hosts whose last image write failed, also between two writes. */
function failingWrites(situation: ClusterSituation): readonly FailingHost[] {
  const shown = failing(situation, ["provisioning error"]);
  return situation.hosts.flatMap((state) => {
    const error = shown.find(({ name }) => name === state.name)?.error ?? lastWriteError(situation, state);
    return error === undefined ? [] : [{ ...state, error }];
  });
}

/** Whether the BMC (or Ironic) refuses the login. */
function refusesLogin(error: HostError): boolean {
  return /\b401\b|unauthori[sz]ed|authentication (failed|error|required)|invalid (user|password|credentials)|AccessDenied/i.test(
    error.message,
  );
}

/** The operator from 0.14 on puts URL and checksum of the image before every provisioning error (pkg/provisioner/ironic). */
const imageBracket = /^Image provisioning failed \(.*?\): /;

/** Whether the image that was written does not have its checksum; other failures may name a checksum, too. */
function refusesImage(error: HostError): boolean {
  const message = error.message.replace(imageBracket, "");
  return /failed to verify (image )?against checksum|checksum\b.*(mismatch|does not match)/i.test(message);
}

interface HostErrorCause {
  readonly id: string;
  readonly summary: string;
  readonly why: string;
  readonly fix: string;
  /** The hosts that show an error of the operator's type. */
  readonly hosts: (situation: ClusterSituation) => readonly FailingHost[];
  /** Failed attempts after which another one is pointless. */
  readonly tries: number;
  /** Whether the error is of this cause; by default each that is not a wrong checksum. */
  readonly holds?: (error: HostError) => boolean;
  readonly problem: (error: HostError) => string;
  /** What the evidence names first. */
  readonly source?: (host: BareMetalHost | undefined) => string;
}

const showing =
  (...types: string[]) =>
  (situation: ClusterSituation) =>
    failing(situation, types);
const registration = showing("registration error", "provisioned registration error");
const bmcAddress = (absent: string) => (host: BareMetalHost | undefined) =>
  host?.spec?.bmc?.address ?? absent;

/** One row per error of the bare metal operator. */
const hostErrors: readonly HostErrorCause[] = [
  {
    id: "hosts/bmc-credentials-refused",
    summary: "The BMC refuses the user or the password.",
    why: "The same login gets the same answer, and some BMCs lock the account after a few more tries.",
    fix: "correct the host's BMC credentials in the stack's configuration, then run pulumi up again",
    hosts: registration,
    tries: hopelessTries,
    holds: refusesLogin,
    problem: ({ count }) => `the BMC refuses user or password (${count} tries)`,
    source: bmcAddress("the BMC"),
  },
  {
    id: "hosts/image-checksum-mismatch",
    summary: "The image does not have the checksum that the stack file states.",
    why: "The same file has the same checksum at the next try.",
    fix: "write the checksum of the file behind the image URL into the stack file, then run pulumi up again",
    hosts: failingWrites,
    tries: 0,
    holds: refusesImage,
    problem: () => "the image does not have the checksum that the stack file states",
    source: (host) => host?.spec?.image?.url ?? "the image",
  },
  {
    id: "hosts/registration-failed",
    summary: "The host's BMC cannot be used, for another reason than its login.",
    why: "Three tries with growing pauses met the same error, so the BMC is not just restarting.",
    fix: "check the host's BMC address, scheme and network from the management cluster, then run pulumi up again",
    hosts: registration,
    tries: hopelessTries,
    holds: (error) => !refusesLogin(error),
    problem: ({ message }) => `the host cannot be registered: ${message}`,
    source: bmcAddress("no BMC address"),
  },
  {
    id: "hosts/inspection-failed",
    summary: "The hardware inspection fails again and again.",
    why: "The inspection was started several times and failed each time.",
    fix: "check the server's console: it must boot the inspection ramdisk over the network and reach Ironic",
    hosts: showing("inspection error"),
    tries: hopelessTries,
    problem: ({ message }) => `hardware inspection failed: ${message}`,
  },
  {
    id: "hosts/preparation-failed",
    summary: "Cleaning, RAID or firmware steps before provisioning fail again and again.",
    why: "The preparation was started several times and failed each time.",
    fix: "correct what the message names, or set automatedCleaningMode to disabled for this host",
    hosts: showing("preparation error"),
    tries: hopelessTries,
    problem: ({ message }) => `preparation (cleaning, RAID, firmware) failed: ${message}`,
  },
  {
    id: "hosts/provisioning-failed",
    summary: "Writing the image to the disk fails again and again.",
    why: "The image was written several times and failed each time.",
    fix: "check that the image URL answers from the provisioning network and that the root device hints match a disk",
    hosts: failingWrites,
    tries: hopelessTries,
    problem: ({ message }) => `writing the image failed: ${message}`,
  },
  {
    id: "hosts/power-failed",
    summary: "The BMC answers but does not switch the server's power.",
    why: "A slow BMC refuses once or twice; five refusals mean that it cannot switch the server.",
    fix: "switch the server by hand through its BMC once; if that fails too, reset the BMC",
    hosts: showing("power management error"),
    tries: 5,
    problem: ({ message }) => `the BMC does not switch the server's power: ${message}`,
  },
];

function hostErrorCause(row: HostErrorCause): WaitCause {
  const { id, summary, why, fix, hosts, tries, problem, source } = row;
  const holds = row.holds ?? ((error: HostError) => !refusesImage(error));
  return clusterCause({
    id,
    summary,
    why,
    fix,
    graceSeconds: 0,
    find: (situation) =>
      hosts(situation)
        .filter(({ error }) => error.count >= tries && holds(error))
        .map(({ name, host, error }) => {
          const quoted = `${error.type}, ${error.count} times: "${error.message}"`;
          const from = source?.(host);
          return {
            object: `BareMetalHost/${name}`,
            who: name,
            problem: problem(error),
            evidence: from === undefined ? quoted : `${from}: ${quoted}`,
          };
        }),
  });
}

/** Causes that the bare metal operator reports as an error of the host. */
export const hostErrorCauses: readonly CauseRule[] = hostErrors.map(hostErrorCause);
