import { defineProof } from "./proof";

/** API groups that every API server serves from its first second. */
const builtIn = /^(apps|batch|autoscaling|policy|[a-z]+\.k8s\.io)$/;
/** Groups that look like those and are defined later, by CRDs. */
const later = ["gateway.networking.k8s.io", "snapshot.storage.k8s.io"];

export const kindsBuiltIn = defineProof({
  id: "render/kinds-built-in",
  why: "Cilium's operator registers its kinds at run time, and until then the whole resource set counts as not applied",
  run: ({ objects }) =>
    objects
      .filter(({ apiVersion }) => {
        const [group, version] = apiVersion.split("/");
        return version !== undefined && (!isBuiltIn(group ?? "") || later.includes(group ?? ""));
      })
      .map(({ apiVersion, kind, metadata }) => ({
        problem: `the render holds ${kind} ${metadata.name} of ${apiVersion}, which a new cluster does not know`,
        fix: "switch it off in cilium.values (serviceMonitor, gatewayAPI), and create it once the cluster is ready",
      })),
});

function isBuiltIn(group: string): boolean {
  return builtIn.test(group) || group === "rbac.authorization.k8s.io";
}
