import { configValue } from "./config-value";

export const kubeProxyReplaced = configValue({
  id: "render/kube-proxy-replaced",
  why: "kubeadm installs kube-proxy exactly when Cilium does not replace it; with neither no Service works",
  setting: "kube-proxy-replacement",
  wanted: ({ kubeProxyReplacement }) => String(kubeProxyReplacement),
  key: "kubeProxyReplacement",
  fix: (wanted) => `write kubeProxyReplacement: ${wanted} in cilium.values`,
});
