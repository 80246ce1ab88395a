import { supportedVersions } from "../../config/supported-versions";
import { defineCheck } from "../check";
import { minorOf } from "../versions";

export const vipImageSupported = defineCheck({
  id: "kubernetes/vip-image-supported",
  severity: "warning",
  why: "the static pod is written for the releases that were tried; others read other variables, and may never bring up the endpoint",
  run: ({ kubernetes: { endpoint } }) => {
    const [, version] = /:v?(\d+\.\d+\.\d+)(?:@|$)/.exec(endpoint.kubeVipImage) ?? [];
    if (endpoint.provider !== "kube-vip" || version === undefined) return [];
    const minors = supportedVersions.kubeVip.tried.map(minorOf);
    const minor = minorOf(version);
    if (minor >= Math.min(...minors) && minor <= Math.max(...minors)) return [];
    return [
      {
        at: "kubernetes.endpoint.kubeVipImage",
        problem: `kube-vip v${version} is outside of what was tried, ${supportedVersions.kubeVip.tried.join(" to ")}`,
        fix: `write the tag ${supportedVersions.kubeVip.default}, or rehearse this one on a spare server and accept this`,
      },
    ];
  },
});
