import { parseAllDocuments } from "yaml";
import { list, text } from "../../../model/kubernetes/object";
import { fileAtKubeadm, type CloudConfig } from "./cloud-config";

/** Where the endpoint of a control plane is answered from. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** What a control plane node's own manifests do about the endpoint. */
export type VipVerdict =
  | { readonly kind: "answers" }
  /** No manifest of ours announces it: it is somebody else's (a load balancer). */
  | { readonly kind: "external" }
  | { readonly kind: "dead"; readonly why: string };

const MANIFESTS = "/etc/kubernetes/manifests/";

/**
 * Whether kube-vip brings the endpoint up on this node. On Kubernetes 1.29 and later admin.conf has no rights before
 * `kubeadm init` has made them, so on the init node kube-vip must use super-admin.conf (facts 3.2).
 */
export function endpointVerdict(
  config: CloudConfig,
  endpoint: Endpoint,
  version: string,
  init: boolean,
): VipVerdict {
  const manifests = [...config.files.keys()].filter((path) => path.startsWith(MANIFESTS));
  for (const path of manifests) {
    const pod = podOf(fileAtKubeadm(config, path) ?? "");
    const container = list(pod, "spec", "containers").find((entry) =>
      (text(entry, "image") ?? "").includes("kube-vip"),
    );
    if (container !== undefined) return kubeVip(pod, container, endpoint, version, init);
  }
  return { kind: "external" };
}

/** The verdict where the stack has no load balancer: nobody else will answer for a node that announces nothing. */
export function withoutLoadBalancer(verdict: VipVerdict): VipVerdict {
  if (verdict.kind !== "external") return verdict;
  const why = `no manifest in ${MANIFESTS} announces it (kube-vip is missing), and the stack names no load balancer`;
  return { kind: "dead", why };
}

function podOf(content: string): unknown {
  const [first] = parseAllDocuments(content);
  return first !== undefined && "toJS" in first ? (first.toJS() as unknown) : undefined;
}

function kubeVip(
  pod: unknown,
  container: unknown,
  endpoint: Endpoint,
  version: string,
  init: boolean,
): VipVerdict {
  const environment = new Map(
    list(container, "env").map((entry) => [text(entry, "name") ?? "", text(entry, "value") ?? ""]),
  );
  const address = environment.get("address") ?? environment.get("vip_address") ?? "";
  if (address !== endpoint.host) {
    return { kind: "dead", why: `kube-vip announces "${address}", the endpoint is ${endpoint.host}` };
  }
  const port = environment.get("port") ?? "6443";
  if (port !== String(endpoint.port)) {
    return { kind: "dead", why: `kube-vip serves port ${port}, the endpoint's is ${endpoint.port}` };
  }
  if (environment.get("cp_enable") !== "true") {
    return { kind: "dead", why: "kube-vip runs without cp_enable: it announces no control plane address" };
  }
  const paths = list(pod, "spec", "volumes").map((volume) => text(volume, "hostPath", "path") ?? "");
  const file = paths.find((path) => path.endsWith("admin.conf")) ?? "";
  if (file === "") return { kind: "dead", why: "kube-vip has no kubeconfig from /etc/kubernetes" };
  const minor = Number(/^v?1\.(\d+)/.exec(version)?.[1] ?? 0);
  if (init && minor >= 29 && !file.endsWith("super-admin.conf")) {
    const why = `kube-vip uses ${file}, which has no rights before kubeadm init has finished (Kubernetes 1.29 and later): it needs super-admin.conf on the init node`;
    return { kind: "dead", why };
  }
  if (!init && file.endsWith("super-admin.conf")) {
    return { kind: "dead", why: `kube-vip uses ${file}, which exists on the init node only` };
  }
  return { kind: "answers" };
}
