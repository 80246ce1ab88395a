import { KubeconfigError, parseKubeconfig, reachingOut } from "./kubeconfig";

/**
 * A kubeconfig that came out of a cluster, if it holds all that it needs, as those that Cluster API writes do. Every user who may
 * write its Secret could otherwise have a program run here, or a local file sent as a token. Throws a {@link KubeconfigError}
 * that never repeats the text; `source` names the Secret.
 */
export function selfContained(kubeconfig: string, source: string): string {
  const found = reachingOut(parseKubeconfig(kubeconfig, `the kubeconfig of ${source}`));
  if (found.length === 0) return kubeconfig;
  throw new KubeconfigError(
    `the kubeconfig of ${source} has ${found.join(", ")}, which would run a program or read a file of this ` +
      "machine; Cluster API writes none of these: find out who changed the Secret",
  );
}
