import type { DaemonSet, Pod } from "../../kubernetes/core";
import { byAge, minorOf, minorVersion, versionOfImage } from "../../kubernetes/version";
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
  const steps = minorOf(wanted) - minorOf(oldest);
  const run = oldest === newest ? `agents run ${oldest}` : `some agents run ${oldest}, others ${newest}`;
  if (steps < 0) {
    return judged("", [
      {
        at: "cilium.version",
        problem: `${run}, and Cilium does not go back from ${minorVersion(oldest)} to ${minorVersion(wanted)}: its state has moved on`,
        fix: `write ${newest}`,
      },
    ]);
  }
  if (steps <= 1) return judged(`${run}, ${wanted} is not more than one minor away`);
  const half = minorOf(newest) > minorOf(oldest);
  return judged("", [
    {
      at: "cilium.version",
      problem: `${run}, and Cilium goes up by one minor at a time: ${wanted} is ${steps} away`,
      fix: half
        ? `finish the upgrade to ${newest} first: write ${newest}, and run pulumi up`
        : `write the newest 1.${minorOf(oldest) + 1} first, run pulumi up, and then go on`,
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
