import { supportedVersions } from "../../stack/supported-versions";
import type { LiveCluster, LiveMachine } from "../rollout/live-cluster";
import { type CheckResult, judged, named, notApplicable, unknown } from "./check-result";
import { type Installed, providers, versionsOf } from "./providers";
import { atLeast, minorOf, parseVersion } from "../../kubernetes/version";

/** Patch releases of Kubernetes from which kubeadm stopped making a ClusterRoleBinding that older controllers wait for. */
const bindingGone = ["1.36.1", "1.35.5", "1.34.8", "1.33.12"] as const;
const bindingMade = "1.13.2";
const { kubernetes: supported, clusterApi } = supportedVersions;

/** The Kubernetes version of the stack is one that the installed control plane provider can roll out. */
export function judgeKubernetesVersion(wanted: string, installed: Installed): CheckResult {
  const provider = providers.find(({ image }) => image === "kubeadm-control-plane-controller");
  const kubernetes = parseVersion(wanted);
  const found = provider === undefined ? [] : versionsOf(provider, installed);
  const [version] = found.flatMap(({ tag }) => parseVersion(tag) ?? []);
  if (kubernetes === undefined || version === undefined) {
    return unknown("the version of the kubeadm control plane provider is not known");
  }
  const installedWords = `v${version.major}.${version.minor}.${version.patch}`;
  const newKubeadm =
    kubernetes.minor > supported.newest ||
    bindingGone.some((gone) => minorOf(gone) === minorOf(wanted) && atLeast(kubernetes, gone));
  if (newKubeadm && !atLeast(version, bindingMade)) {
    return judged("", [
      {
        at: "kubernetes.version",
        problem: `rollouts to "${wanted}" stall under the kubeadm control plane provider ${installedWords}: it waits for a ClusterRoleBinding that this kubeadm no longer makes`,
        fix: "upgrade Cluster API to v1.13.2 or newer first",
      },
    ]);
  }
  const tested = kubernetes.minor >= supported.oldest && kubernetes.minor <= supported.newest;
  if (version.minor === clusterApi.newest.minor && !tested) {
    return judged("", [
      {
        severity: "warning",
        at: "kubernetes.version",
        problem: `"${wanted}" is outside of what Cluster API ${installedWords} supports (v1.${supported.oldest} to v1.${supported.newest})`,
        fix: "choose a version within, or upgrade Cluster API first",
      },
    ]);
  }
  return judged(`${wanted} under the kubeadm control plane provider ${installedWords}`);
}

/** A running control plane is upgraded one minor version at a time, and never back to an older one. */
export function judgeVersionStep(
  wanted: string,
  live: LiveCluster,
  machines: readonly LiveMachine[],
): CheckResult {
  const runs = live.controlPlane?.spec?.version;
  const [from, to] = [parseVersion(runs ?? ""), parseVersion(wanted)];
  if (runs === undefined || from === undefined || to === undefined)
    return notApplicable("nothing of this cluster runs yet");
  const at = "kubernetes.version";
  const steps = minorOf(wanted) - minorOf(runs);
  if (steps < 0) {
    const problem = `"${wanted}" is older than ${runs}, which runs; etcd and the API objects do not go back a minor version`;
    return judged("", [{ at, problem, fix: `write ${runs}` }]);
  }
  if (steps > 1) {
    const problem = `"${wanted}" skips a minor version after ${runs}, which runs; kubeadm takes one at a time`;
    return judged("", [{ at, problem, fix: `write the newest v${from.major}.${from.minor + 1} first` }]);
  }
  const behind = machines.filter(({ version }) => version !== undefined && version !== runs);
  if (steps === 1 && behind.length > 0) {
    const problem = `"${wanted}" comes before the last upgrade, to ${runs}, has reached ${named(behind.map(({ name }) => name))}`;
    return judged("", [{ at, problem, fix: `write ${runs}, and let pulumi up finish it` }]);
  }
  return judged(runs === wanted ? `${runs} runs` : `${runs} -> ${wanted}`);
}
