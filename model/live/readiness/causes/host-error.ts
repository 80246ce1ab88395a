import { text } from "../../../kubernetes/object";
import { type CauseRule, type ClusterSituation, clusterRule } from "../cause";
import { triedVersion, triesOf } from "../host-attempts";
import type { HostError, HostState } from "../host-state";
import { managed } from "../observation";

/** A host that shows an error which was found by an attempt with the present settings. */
export type FailingHost = HostState & { readonly error: HostError };

/** One try may meet a BMC that is rebooting; after three with the operator's growing pauses it is not that. */
export const hopelessTries = 3;

/** Hosts whose error is of one of the types and was met by an attempt since the first look; `count` is all attempts. */
export function failing(situation: ClusterSituation, types: readonly string[]): readonly FailingHost[] {
  return situation.hosts
    .filter((state): state is FailingHost => state.error !== undefined)
    .filter((state) => types.includes(state.error.type))
    .filter((state) => isFresh(situation, state))
    .map((state) => ({
      ...state,
      error: { ...state.error, count: triesOf(state.host, situation.attempts?.get(state.name)) },
    }));
}

/** Registration errors after which another attempt would only repeat the same answer. */
export function failingRegistration(situation: ClusterSituation): readonly FailingHost[] {
  return failing(situation, ["registration error", "provisioned registration error"]).filter(
    (state) => state.error.count >= hopelessTries,
  );
}

/** Whether the BMC (or Ironic) said that the login is wrong. */
export function refusesLogin(error: HostError): boolean {
  return /\b401\b|unauthori[sz]ed|authentication (failed|error|required)|invalid (user|password|credentials)|AccessDenied/i.test(
    error.message,
  );
}

/** The operator from 0.14 on puts URL and checksum of the image before every provisioning error (pkg/provisioner/ironic). */
const imageBracket = /^Image provisioning failed \(.*?\): /;

/** Whether the image that was written is not the one that the checksum promises; other failures may name a checksum, too. */
export function refusesImage(error: HostError): boolean {
  const message = error.message.replace(imageBracket, "");
  return /failed to verify (image )?against checksum|checksum\b.*(mismatch|does not match)/i.test(message);
}

/**
 * Whether an attempt since the first look has met the error. The operator notes which version of the BMC Secret it tried:
 * a login that was changed since must have been tried; else the count must have grown, or another image write have failed.
 */
function isFresh(situation: ClusterSituation, state: FailingHost): boolean {
  const tried = triedVersion(state.host);
  if (state.error.type.endsWith("registration error") && tried !== undefined) {
    const secret = text(state.host, "spec", "bmc", "credentialsName") ?? "";
    const present = managed(situation.observation, "bmcSecrets", secret)?.metadata.resourceVersion;
    if (present !== undefined && present !== tried) return false;
  }
  if (situation.attempts === undefined) return true;
  const seen = situation.attempts.get(state.name);
  if (seen === undefined) return true;
  const isOtherLogin = seen.triedBefore !== undefined && tried !== seen.triedBefore;
  return isOtherLogin || seen.failedWrites.length > 0 || state.error.count > seen.errorsBefore;
}

/** `registration error, 3 times: "..."`. */
export function quoted(error: HostError): string {
  return `${error.type}, ${error.count} times: "${error.message}"`;
}

/** A rule for an error type that the bare metal operator reports in its own words. */
export function ownWordsRule(options: {
  readonly id: string;
  readonly why: string;
  readonly type: string;
  readonly tries: number;
  readonly problem: (state: FailingHost) => string;
  readonly fix: string;
}): CauseRule {
  return clusterRule({
    id: options.id,
    why: options.why,
    graceSeconds: 0,
    find: (situation) =>
      failing(situation, [options.type])
        .filter((state) => state.error.count >= options.tries && !refusesImage(state.error))
        .map((state) => ({
          object: `BareMetalHost/${state.name}`,
          who: state.name,
          problem: options.problem(state),
          evidence: quoted(state.error),
          fix: options.fix,
        })),
  });
}
