import { judgeKubernetesVersion } from "../../../model/live/preflight/kubernetes-version";
import { groupOf } from "../../../model/live/preflight/permissions";
import { coreLease, judgeResourceSetController } from "../../../model/live/preflight/resource-set-controller";
import { type PreflightContext, definePreflight } from "../check";
import { kindOf } from "../../live/planned";
import { judgeContracts, judgeVersions } from "../../../model/live/preflight/providers";

/** Groups of the kinds that Cluster API finds by contract. */
const byContract = ["infrastructure", "bootstrap", "controlplane"].map((part) => `${part}.cluster.x-k8s.io`);

/** Cluster API and Metal3 as they are installed in the management cluster. */
export const providerChecks = [
  definePreflight({
    id: "providers/versions-supported",
    summary: "The versions of the controllers are supported.",
    why: "older controllers accept the objects and then treat them differently, or ignore them",
    run: async (context) => judgeVersions(await installed(context)),
  }),
  definePreflight({
    id: "providers/kubernetes-version-supported",
    summary: "The controllers support the Kubernetes version.",
    why: "a control plane of a version that the controllers do not support never comes up",
    run: async (context) =>
      judgeKubernetesVersion(context.stack.kubernetes.version, await installed(context)),
  }),
  definePreflight({
    id: "providers/contracts-served",
    summary: "The CRDs of Metal3 and kubeadm declare Cluster API's contract.",
    why: "Cluster API finds the kinds of Metal3 and kubeadm by the contract on their CRDs, and waits indefinitely without it",
    after: ["management/kinds-served"],
    run: async ({ management }) => {
      const [definitions, served, planned] = await Promise.all([
        management.definitions(),
        management.served(),
        management.planned(),
      ]);
      const kinds = new Set(planned.map(kindOf));
      const names = [...kinds].flatMap((kind) => {
        const type = served.get(kind);
        return type !== undefined && byContract.includes(groupOf(type))
          ? [`${type.plural}.${groupOf(type)}`]
          : [];
      });
      return judgeContracts(definitions, names);
    },
  }),
  definePreflight({
    id: "providers/resource-set-controller",
    summary: "The controller of ClusterResourceSets runs.",
    why: "without it Cilium is not applied, and no node ever becomes Ready",
    run: async ({ management }) => {
      const [deployments, leases] = await Promise.all([
        management.deployments(),
        management.leases(coreLease),
      ]);
      return judgeResourceSetController({ deployments, leases, now: Date.now() });
    },
  }),
];

async function installed({ management }: PreflightContext) {
  const [deployments, inventory] = await Promise.all([management.deployments(), management.inventory()]);
  return { deployments, inventory };
}
