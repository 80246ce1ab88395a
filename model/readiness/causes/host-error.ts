import { text } from "../../kubernetes/object";
import { type CauseRule, type ClusterSituation, clusterRule } from "../cause";
import type { HostError, HostState } from "../host-state";
import { managed } from "../observation";

/** A host that shows an error which was found by an attempt with the present settings. */
export type FailingHost = HostState & { readonly error: HostError };

/** One try may meet a BMC that is rebooting; after three with the operator's growing pauses it is not that. */
export const hopelessTries = 3;

/** Hosts whose error is of one of the types and was found now, not by an earlier run before somebody mended it. */
export function failing(situation: ClusterSituation, types: readonly string[]): readonly FailingHost[] {
  return situation.hosts
    .filter((state): state is FailingHost => state.error !== undefined)
    .filter((state) => types.includes(state.error.type))
    .filter((state) => isFresh(situation, state));
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

/** Whether the image that was written is not the one that the checksum promises. */
export function refusesImage(error: HostError): boolean {
  return /checksum|failed to verify (image|against)/i.test(error.message);
}

/**
 * The operator notes which version of the BMC Secret it tried. Where that can be compared, the present version decides;
 * else the count must have grown while we watched.
 */
function isFresh(situation: ClusterSituation, state: FailingHost): boolean {
  const secret = text(state.host, "spec", "bmc", "credentialsName") ?? "";
  const present = managed(situation.observation, "bmcSecrets", secret)?.metadata.resourceVersion;
  const tried = text(state.host, "status", "triedCredentials", "credentialsVersion");
  const registering = state.error.type.endsWith("registration error");
  if (registering && present !== undefined && tried !== undefined) return present === tried;
  return state.error.count > (situation.baseline.get(state.name) ?? 0);
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
