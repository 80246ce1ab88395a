import { defaultKubeVipImage } from "../../config/supported-versions";
import { defineCheck } from "../check";

export const vipImagePinned = defineCheck({
  id: "kubernetes/vip-image-pinned",
  why: "machines that are made on different days would run different versions of kube-vip",
  severity: "warning",
  run: ({ kubernetes: { endpoint } }) => {
    const [, tag] = /^[^@]*?(?::([^:/@]+))?(@sha256:[0-9a-f]{64})?$/.exec(endpoint.kubeVipImage) ?? [];
    const pinned = endpoint.kubeVipImage.includes("@sha256:") || (tag !== undefined && tag !== "latest");
    if (endpoint.provider !== "kube-vip" || pinned) return [];
    return [
      {
        at: "kubernetes.endpoint.kubeVipImage",
        problem: `"${endpoint.kubeVipImage}" names no version`,
        fix: `add one, such as ${defaultKubeVipImage}`,
      },
    ];
  },
});
