import crypto from "node:crypto";
import { parse } from "yaml";
import { list } from "../../model/kubernetes/object";
import { ApiError, KubernetesApi } from "../../ops/kubernetes/api";
import type { KubeadmPlan } from "../simulated/boot/kubeadm";
import { BootRefused } from "../simulated/boot/cloud-config";

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
