import { clusterNameLabel } from "../../kubernetes/labels";
import type { Stack } from "../../stack/schema";
import type { PlannedSecret } from "../plan";
import { managementMetadata } from "./metadata";

type Certificates = Stack["kubernetes"]["certificates"];

/** What Cluster API appends to the cluster's name (Cluster API v1.14 util/secret/consts.go). */
const suffixes = { cluster: "ca", etcd: "etcd", frontProxy: "proxy", serviceAccount: "sa" } as const;

/** The keys of `kubernetes.certificates`, in the order of the stack file. */
export const certificateNames = Object.keys(suffixes) as readonly (keyof Certificates)[];

/** Type of Secrets that belong to a cluster: Cluster API makes the KubeadmControlPlane the owner of such a one. */
export const certificateType = "cluster.x-k8s.io/secret";

/**
 * The Secrets in which Cluster API looks for the authorities of a cluster before it makes its own (Cluster API v1.14
 * util/secret/certificates.go). They go with the cluster, whatever becomes of the stack file: without them no machine can be made.
 */
export function certificateSecrets(stack: Stack): readonly PlannedSecret[] {
  const { certificates } = stack.kubernetes;
  return certificateNames.flatMap((name) => {
    const given = certificates[name];
    if (given === undefined) return [];
    const metadata = managementMetadata(stack, `${stack.name}-${suffixes[name]}`);
    return [
      {
        manifest: {
          apiVersion: "v1",
          kind: "Secret",
          metadata: { ...metadata, labels: { ...metadata.labels, [clusterNameLabel]: stack.name } },
          type: certificateType,
        },
        text: { "tls.crt": "certificate" in given ? given.certificate : given.publicKey },
        secret: { "tls.key": `kubernetes.certificates.${name}.privateKey` },
        retainOnDelete: true as const,
      },
    ];
  });
}
