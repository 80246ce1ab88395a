import { type Judgement, judged, unknown } from "./judgement";
import { type Installed, providers, versionsOf } from "./providers";
import { type Version, atLeast, parseVersion } from "./version";

/** Patch releases of Kubernetes from which kubeadm stopped making a ClusterRoleBinding that older controllers wait for. */
const bindingGone: readonly Version[] = [
  { major: 1, minor: 36, patch: 1 },
  { major: 1, minor: 35, patch: 5 },
  { major: 1, minor: 34, patch: 8 },
  { major: 1, minor: 33, patch: 12 },
];
const bindingMade: Version = { major: 1, minor: 13, patch: 2 };
/** What Cluster API 1.14 documents for workload clusters. */
const supported = { byMinor: 14, fromMinor: 31, toMinor: 36 };

/** The Kubernetes version of the stack is one that the installed control plane provider can roll out. */
export function judgeKubernetesVersion(wanted: string, installed: Installed): Judgement {
  const provider = providers.find(({ image }) => image === "kubeadm-control-plane-controller");
  const kubernetes = parseVersion(wanted);
  const found = provider === undefined ? [] : versionsOf(provider, installed);
  const [version] = found.flatMap(({ tag }) => parseVersion(tag) ?? []);
  if (kubernetes === undefined || version === undefined) {
    return unknown("the version of the kubeadm control plane provider is not known");
  }
  const installedWords = `v${version.major}.${version.minor}.${version.patch}`;
  const newKubeadm =
    kubernetes.minor > 36 ||
    bindingGone.some((gone) => gone.minor === kubernetes.minor && kubernetes.patch >= gone.patch);
  if (newKubeadm && !atLeast(version, bindingMade)) {
    return judged("", [
      {
        at: "kubernetes.version",
        problem: `rollouts to "${wanted}" stall under the kubeadm control plane provider ${installedWords}: it waits for a ClusterRoleBinding that this kubeadm no longer makes`,
        fix: "upgrade Cluster API to v1.13.2 or newer first",
      },
    ]);
  }
  const tested = kubernetes.minor >= supported.fromMinor && kubernetes.minor <= supported.toMinor;
  if (version.minor === supported.byMinor && !tested) {
    return judged("", [
      {
        severity: "warning",
        at: "kubernetes.version",
        problem: `"${wanted}" is outside of what Cluster API ${installedWords} supports (v1.31 to v1.36)`,
        fix: "choose a version within, or upgrade Cluster API first",
      },
    ]);
  }
  return judged(`${wanted} under the kubeadm control plane provider ${installedWords}`);
}
