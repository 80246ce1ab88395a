import type { ClusterReadinessPlan } from "../../plan/readiness";

const inWorkloadCluster = /^(Node|Pod|DaemonSet|Deployment|Cilium.*|Lease)$/;
const system = /^(Pod|DaemonSet|Deployment|Lease)$/;

/** The command that shows more about the object of a symptom, where its rule knows no better one. */
export function nextCommand(object: string, { namespace, cluster }: ClusterReadinessPlan): string {
  const [kind = "", name = ""] = object.split("/");
  if (!/^[A-Z]\w*$/.test(kind) || name === "") return `npm run metal -- preflight --stack ${cluster}`;
  const plural = kind.toLowerCase();
  if (!inWorkloadCluster.test(kind)) return `kubectl -n ${namespace} describe ${plural} ${word(name)}`;
  const scope = system.test(kind) ? "-n kube-system " : "";
  return `kubectl ${scope}describe ${plural} ${word(name.split(" ")[0] ?? name)}    (in the workload cluster)`;
}

/** A name as one word of a shell: people copy the command, and a cluster says what the name is. */
function word(name: string): string {
  return /^[\w.:-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
}
