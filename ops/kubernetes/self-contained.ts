import { field, list } from "../../model/kubernetes/object";
import { KubeconfigError, parseKubeconfig } from "./kubeconfig";

/** Entries that make a client run a program, or read a file of the machine and send or trust its content. */
const reachingOut = {
  users: ["exec", "auth-provider", "tokenFile", "client-certificate", "client-key"],
  clusters: ["certificate-authority"],
} as const;

/**
 * A kubeconfig that came out of a cluster, if it holds all that it needs, as those that Cluster API writes do. Every user who may
 * write its Secret could otherwise have a program run here, or a local file sent as a token. Throws a {@link KubeconfigError}
 * that never repeats the text; `source` names the Secret.
 */
export function selfContained(kubeconfig: string, source: string): string {
  const config = parseKubeconfig(kubeconfig, `the kubeconfig of ${source}`);
  for (const [section, inner] of [
    ["users", "user"],
    ["clusters", "cluster"],
  ] as const) {
    const found = list(config, section).flatMap((entry) =>
      reachingOut[section].filter((key) => field(entry, inner, key) !== undefined),
    );
    if (found.length > 0) {
      throw new KubeconfigError(
        `the kubeconfig of ${source} has ${[...new Set(found)].join(", ")}, which would run a program or read a file of this ` +
          "machine; Cluster API writes none of these: find out who changed the Secret",
      );
    }
  }
  return kubeconfig;
}
