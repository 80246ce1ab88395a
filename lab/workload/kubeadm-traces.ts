import crypto from "node:crypto";
import { parse, stringify } from "yaml";
import { type KeyPair, kubeconfigText } from "../processes/pki";
import { BootRefused } from "../simulated/boot/cloud-config";
import type { KubeadmPlan } from "../simulated/boot/kubeadm";
import type { Store } from "../simulated/store";
import { type PlaneSettings, serverUrl } from "./plane";
import { type KubernetesObject, list, text } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import { ApiError, KubernetesApi } from "../../ops/kubernetes/api";

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

/** What a joining machine meets. */
export interface JoinTarget {
  /** `host:port` of the endpoint that answers. */
  readonly endpoint: string;
  /** The cluster's authority, PEM. */
  readonly authority: string;
  /** An administrator's kubeconfig of the workload cluster. */
  readonly kubeconfig: string;
}

/**
 * What `kubeadm join` insists on before it touches the machine: an endpoint that answers, an authority whose public key
 * has the promised hash, and a bootstrap token that the real API server takes. Throws BootRefused in kubeadm's words.
 */
export async function checkJoin(plan: KubeadmPlan, target: JoinTarget): Promise<void> {
  const requested = plan.endpoint ?? "";
  if (requested !== target.endpoint) {
    throw new BootRefused(`kubeadm join: ${requested} does not answer; the endpoint is ${target.endpoint}`);
  }
  const hash = publicKeyHash(target.authority);
  if (plan.caCertHashes.length > 0 && !plan.caCertHashes.includes(hash)) {
    throw new BootRefused(
      `kubeadm join: cluster CA found in cluster-info ConfigMap is invalid: none of the public keys "${hash}" are pinned`,
    );
  }
  if (!(await takesToken(target.kubeconfig, plan.token ?? ""))) {
    throw new BootRefused(
      `kubeadm join: the API server at ${target.endpoint} does not take the bootstrap token ${(plan.token ?? "").split(".")[0] ?? ""}`,
    );
  }
}

/** `sha256:<hex>` over the DER form of a certificate's public key: kubeadm's pin. */
export function publicKeyHash(pem: string): string {
  const key = new crypto.X509Certificate(pem).publicKey.export({ type: "spki", format: "der" });
  return `sha256:${crypto.createHash("sha256").update(key).digest("hex")}`;
}

/** Whether the API server knows who that token is; what the token may do is another question. */
async function takesToken(kubeconfig: string, token: string): Promise<boolean> {
  const api = await KubernetesApi.open(withToken(kubeconfig, token));
  try {
    await api.request("GET", "/api");
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 401) return false;
    if (error.status === 403) return true;
    throw error;
  } finally {
    api.close();
  }
}

/** The same kubeconfig with the token as its only login. */
function withToken(kubeconfig: string, token: string): string {
  const config: unknown = parse(kubeconfig);
  const users = list(config, "users").map((user) => ({ ...(user as object), user: { token } }));
  return JSON.stringify({ ...(config as object), users });
}
