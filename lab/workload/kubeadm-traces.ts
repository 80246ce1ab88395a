import { stringify } from "yaml";
import { text, type KubernetesObject } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import type { KubeadmPlan } from "../simulated/boot/kubeadm";
import type { Store } from "../simulated/store";
import { kubeconfigText, type KeyPair } from "../processes/pki";
import { serverUrl, type PlaneSettings } from "./plane";

/** What kubeadm leaves in the cluster: its configuration, the cluster-info for joins, and the proxy unless skipped. */
export async function kubeadmTraces(
  store: Store,
  settings: PlaneSettings,
  kubeadm: KubeadmPlan,
): Promise<void> {
  const configMap = (namespace: string, name: string, data: Record<string, string>): KubernetesObject => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace },
    data,
  });
  const placeholder: KeyPair = { cert: "", key: "" };
  const info = kubeconfigText({
    name: "",
    server: serverUrl(settings),
    ca: settings.authority.cert,
    user: placeholder,
  });
  const { clusters, kind, apiVersion } = JSON.parse(info) as Record<string, unknown>;
  const kubeconfig = stringify({
    apiVersion,
    kind,
    clusters,
    contexts: null,
    users: null,
    "current-context": "",
  });
  for (const object of [
    configMap("kube-system", "kubeadm-config", {
      ClusterConfiguration: stringify(kubeadm.clusterConfiguration),
    }),
    configMap("kube-public", "cluster-info", { kubeconfig }),
  ]) {
    await persistently(() => store.create(resources.ConfigMap, object));
  }
  if (kubeadm.skipPhases.includes("addon/kube-proxy") || kubeadm.skipPhases.includes("addon")) return;
  await store.create(
    resources.DaemonSet,
    kubeProxy(text(kubeadm.clusterConfiguration, "kubernetesVersion") ?? ""),
  );
}

/** Right after its start an API server has not made its own namespaces yet. */
async function persistently(work: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      await work();
      return;
    } catch (error) {
      if (tries > 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function kubeProxy(version: string): KubernetesObject {
  const labels = { "k8s-app": "kube-proxy" };
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: "kube-proxy", namespace: "kube-system", labels },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          hostNetwork: true,
          priorityClassName: "system-node-critical",
          tolerations: [{ operator: "Exists" }],
          containers: [{ name: "kube-proxy", image: `registry.k8s.io/kube-proxy:${version}` }],
        },
      },
    },
  };
}
