import { X509Certificate } from "node:crypto";
import { parse } from "yaml";
import { list, text } from "../../model/kubernetes/object";
import type { Credential } from "../../model/live/snapshot";

/** The certificates in a kubeconfig and when they end; what cannot be read as one is left out. */
export function credentialsOf(kubeconfig: string, object: string): readonly Credential[] {
  const config: unknown = parse(kubeconfig);
  const found = [
    ["kubeconfig", text(list(config, "users")[0], "user", "client-certificate-data")],
    ["ca", text(list(config, "clusters")[0], "cluster", "certificate-authority-data")],
  ] as const;
  return found.flatMap(([name, data]) => {
    const notAfter = data === undefined ? undefined : endOf(data);
    return notAfter === undefined ? [] : [{ name, object, notAfter }];
  });
}

function endOf(data: string): number | undefined {
  try {
    return Date.parse(new X509Certificate(Buffer.from(data, "base64")).validTo);
  } catch {
    return undefined;
  }
}
