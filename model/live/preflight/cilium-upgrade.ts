import type { DaemonSet, Pod } from "../../kubernetes/core";
import { type Version, atLeast, parseVersion, versionOfImage, minorVersion } from "../../kubernetes/version";
import type { KubernetesObject } from "../../kubernetes/object";
import { installedCiliumAnnotation } from "../../kubernetes/labels";
import { type CheckResult, judged, unknown } from "./check-result";

/** The Cilium that runs in the workload cluster. */
export interface RunningCilium {
  /** DaemonSet kube-system/cilium; undefined when it is not there. */
  readonly daemonSet: DaemonSet | undefined;
  /** The agents' pods. */
  readonly agents: readonly Pod[];
}

/** Versions that run or are about to, the oldest first; undefined when an image does not name its version. */
export function runningVersions({ daemonSet, agents }: RunningCilium): readonly string[] | undefined {
  const images = [
    ...(daemonSet?.spec?.template?.spec?.containers ?? []),
    ...agents.flatMap((pod) => pod.spec?.containers ?? []),
  ].flatMap(({ name, image = "" }) => (name === "cilium-agent" ? [image] : []));
  const found = images.map(versionOfImage);
  const known = found.filter((version) => version !== undefined);
  if (known.length < found.length) return undefined;
  return [...new Set(known)].sort(byAge);
}

/** Cilium goes up by one minor version at a time, and never down; what half of the agents run already counts too. */
export function judgeUpgrade(wanted: string, running: RunningCilium): CheckResult {
  const versions = runningVersions(running);
  if (versions === undefined) return unknown("the agents' image does not name its version");
  return judgeVersionStep(wanted, versions);
}

/** The same of versions, the oldest first. */
export function judgeVersionStep(wanted: string, versions: readonly string[]): CheckResult {
  const [oldest, newest] = [versions[0], versions.at(-1)];
  if (oldest === undefined || newest === undefined) return judged("no agent runs yet");
  const [to, from, last] = [wanted, oldest, newest].map((version) => parseVersion(version) ?? none) as [
    Version,
    Version,
    Version,
  ];
  const run = oldest === newest ? `agents run ${oldest}` : `some agents run ${oldest}, others ${newest}`;
  if (minors(to) < minors(from)) {
    return judged("", [
      {
        at: "cilium.version",
        problem: `${run}, and Cilium does not go back from 1.${from.minor} to 1.${to.minor}: its state has moved on`,
        fix: `write ${newest}`,
      },
    ]);
  }
  if (minors(to) - minors(from) <= 1) return judged(`${run}, ${wanted} is not more than one minor away`);
  const half = minors(last) > minors(from);
  return judged("", [
    {
      at: "cilium.version",
      problem: `${run}, and Cilium goes up by one minor at a time: ${wanted} is ${minors(to) - minors(from)} away`,
      fix: half
        ? `finish the upgrade to ${newest} first: write ${newest}, and run pulumi up`
        : `write the newest 1.${from.minor + 1} first, run pulumi up, and then go on`,
    },
  ]);
}

/** The version of the first installation stays what it was: the chart keeps that version's defaults. */
export function judgeInstalledVersion(
  planned: KubernetesObject,
  live: KubernetesObject | undefined,
  running: string | undefined,
): CheckResult {
  const now = planned.metadata.annotations?.[installedCiliumAnnotation] ?? "";
  const first = live?.metadata.annotations?.[installedCiliumAnnotation];
  if (first === undefined) return judged("nothing is installed yet");
  if (first === now) return judged(`installed with ${first}`);
  const known = running !== undefined && minorVersion(running) === first ? running : `${first}.0`;
  return judged("", [
    {
      at: "cilium.installedVersion",
      problem: `the cluster was installed with Cilium ${first}, and the stack file means ${now}: defaults would change under running pods`,
      fix: `write installedVersion: ${known}`,
    },
  ]);
}

const none: Version = { major: 0, minor: 0, patch: 0 };

const minors = ({ major, minor }: Version) => major * 1000 + minor;

function byAge(a: string, b: string): number {
  const [one, other] = [parseVersion(a) ?? none, parseVersion(b) ?? none];
  return a === b ? 0 : atLeast(one, other) ? 1 : -1;
}
