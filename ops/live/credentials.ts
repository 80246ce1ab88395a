import { X509Certificate } from "node:crypto";
import { list, text } from "../../model/kubernetes/object";
import type { Credential } from "../../model/live/snapshot";
import { KubeconfigError, parseKubeconfig } from "../kubernetes/kubeconfig";

/** The certificates in a kubeconfig and when they end; what cannot be read as one is left out. */
export function credentialsOf(kubeconfig: string, object: string): readonly Credential[] {
  const config = configOf(kubeconfig, object);
  const found = [
    ["kubeconfig", text(list(config, "users")[0], "user", "client-certificate-data")],
    ["ca", text(list(config, "clusters")[0], "cluster", "certificate-authority-data")],
  ] as const;
  return found.flatMap(([name, data]) => {
    const notAfter = data === undefined ? undefined : endOf(data);
    return notAfter === undefined ? [] : [{ name, object, notAfter }];
  });
}

function configOf(kubeconfig: string, object: string): unknown {
  try {
    return parseKubeconfig(kubeconfig, object);
  } catch (error) {
    if (!(error instanceof KubeconfigError)) throw error;
    return undefined; // who opens the cluster with it reports what is wrong
  }
}

function endOf(data: string): number | undefined {
  try {
    return Date.parse(new X509Certificate(Buffer.from(data, "base64")).validTo);
  } catch {
    return undefined;
  }
}
