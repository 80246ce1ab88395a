import { resources } from "../../model/kubernetes/resources";
import { changeHost } from "../model/stacks";
import { ciliumMistakes } from "./cilium-mistakes";
import { controller, coreLease, definition } from "./installed";
import { type Mistake, find, holding, host, manages, named } from "./mistake";
import { namespace } from "./situation";

/** Mistakes around the management cluster and the objects in it. */
export const managementMistakes: Readonly<Record<string, Mistake>> = {
  "an API server that nobody started": {
    check: "management/reachable",
    silent: true,
    finding: /127\.0\.0\.1:\d+: .*ECONNREFUSED/,
  },
  "a context that leads into the cluster itself": {
    check: "management/not-workload",
    stack: (raw) => {
      (named(raw, "kubernetes") as { endpoint: object }).endpoint = {
        host: "127.0.0.1",
        provider: "external",
      };
      changeHost(raw, 2, { address: "127.0.0.1" });
    },
    finding: /leads to http:\/\/127\.0\.0\.1:\d+, which is the address of this stack's host capi-1-cp-3/,
  },
  "a namespace that nobody made": {
    check: "management/namespace-exists",
    without: ({ kind }) => kind === "Namespace",
    finding: /the namespace "capi-1" does not exist/,
  },
  "a namespace that is being deleted": {
    check: "management/namespace-exists",
    management: (api) =>
      api.put({
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: namespace },
        status: { phase: "Terminating" },
      }),
    finding: /"capi-1" is being deleted/,
  },
  "a management cluster without Metal3": {
    check: "management/kinds-served",
    management: (api) => api.unserved.add("Metal3Cluster"),
    finding: /does not serve infrastructure\.cluster\.x-k8s\.io\/v1beta2\/Metal3Cluster/,
  },
  "a kind that is only watched and not served": {
    check: "management/kinds-served",
    management: (api) => api.unserved.add("ClusterResourceSetBinding"),
    finding: /does not serve addons\.cluster\.x-k8s\.io\/v1beta2\/ClusterResourceSetBinding/,
  },
  "a user who may not delete hosts": {
    check: "management/permitted",
    management: (api) => api.denied.add("delete baremetalhosts"),
    finding: /may not delete baremetalhosts\.metal3\.io in namespace "capi-1"/,
  },
  "a user who may not watch machines": {
    check: "management/permitted",
    management: (api) => api.denied.add("watch machines"),
    finding: /may not watch machines\.cluster\.x-k8s\.io/,
  },
  "Cluster API from before the contract": {
    check: "providers/versions-supported",
    management: (api) => api.put(controller("cluster-api-controller", "v1.10.4")),
    finding:
      /Cluster API is v1\.10\.4 \(Deployment providers\/cluster-api-controller-manager\); this stack needs v1\.13/,
  },
  "a baremetal-operator from before 0.13": {
    check: "providers/versions-supported",
    management: (api) => api.put(controller("baremetal-operator", "v0.11.2@sha256:abc")),
    finding: /the baremetal-operator is v0\.11\.2 /,
  },
  "a kubeadm that stalls under this control plane provider": {
    check: "providers/kubernetes-version-supported",
    management: (api) => api.put(controller("kubeadm-control-plane-controller", "v1.13.1")),
    finding: /rollouts to "v1\.36\.3" stall .* v1\.13\.1/,
  },
  "a Kubernetes newer than Cluster API knows": {
    check: "providers/kubernetes-version-supported",
    stack: (raw) => (named(raw, "kubernetes")["version"] = "v1.38.0"),
    severity: "warning",
    finding: /"v1\.38\.0" is outside of what Cluster API v1\.14\.0 supports/,
  },
  "Metal3 with the old contract only": {
    check: "providers/contracts-served",
    management: (api) =>
      api.put(definition(resources.Metal3Cluster, { "cluster.x-k8s.io/v1beta1": "v1beta1" })),
    finding: /metal3clusters\.infrastructure.* contract v1beta2, its labels name only v1beta1/,
  },
  "CRDs installed by hand, without labels": {
    check: "providers/contracts-served",
    management: (api) => api.put(definition(resources.KubeadmControlPlane, {})),
    finding: /kubeadmcontrolplanes\.controlplane.* its labels name none/,
  },
  "a manager that crashes": {
    check: "providers/resource-set-controller",
    management: (api) => api.put(controller("cluster-api-controller", "v1.14.0", 0)),
    finding: /cluster-api-controller-manager, which applies resource sets, has no ready replica/,
  },
  "a manager that hangs": {
    check: "providers/resource-set-controller",
    management: (api) => api.put(coreLease(60)),
    finding: /has not renewed its lease for 60 min/,
  },
  "resource sets switched off": {
    check: "providers/resource-set-controller",
    management: (api) =>
      api.put(
        controller("cluster-api-controller", "v1.14.0", 1, [
          "--feature-gates=MachinePool=true,ClusterResourceSet=false",
        ]),
      ),
    finding: /ClusterResourceSet=false, so Cilium would not be applied/,
  },
  "a Cluster of another stack under our name": {
    check: "management/objects-ours",
    management: holding("Cluster", { metadata: { labels: { "metal.internal/stack": "capi-2" } } }),
    finding: /Cluster capi-1 exists and belongs to stack "capi-2"/,
  },
  "a host that somebody registered by hand": {
    check: "management/objects-ours",
    management: host({ metadata: { labels: {} } }),
    finding: /BareMetalHost capi-1-cp-1 exists and belongs to no stack of metal/,
  },
  "a Cluster that is on its way out": {
    check: "management/objects-staying",
    management: holding("Cluster", {
      metadata: { deletionTimestamp: "2026-11-25T10:00:00Z", finalizers: ["cluster.cluster.x-k8s.io"] },
    }),
    finding: /Cluster capi-1 is being deleted since .*, held by cluster\.cluster\.x-k8s\.io/,
  },
  "replicas that an autoscaler has set": {
    check: "management/fields-uncontested",
    management: (api, planned) => {
      const object = find(planned, "MachineDeployment");
      const metadata = { ...object.metadata, ...manages("autoscaler", { "f:spec": { "f:replicas": {} } }) };
      api.put({ ...object, metadata, spec: { ...(object["spec"] as object), replicas: 7 } });
    },
    finding:
      /"autoscaler" has set spec\.replicas of MachineDeployment capi-1-workers to 7, and the stack sets 1/,
  },
  "a login that somebody wrote with another tool": {
    check: "management/fields-uncontested",
    management: holding("Secret", { metadata: manages("vault", { "f:data": { "f:password": {} } }) }),
    severity: "warning",
    finding: /"vault" has written data\.password of Secret capi-1-cp-1-bmc; if its value differs/,
  },
  "a webhook that refuses": {
    check: "management/objects-accepted",
    management: (api) =>
      api.refusals.set("KubeadmControlPlane capi-1", {
        status: 422,
        message: "spec.replicas: cannot be an even number",
      }),
    finding:
      /KubeadmControlPlane capi-1 is refused by the API server: spec\.replicas: cannot be an even number/,
  },
  "a webhook whose controller is down": {
    check: "management/objects-accepted",
    management: (api) =>
      api.refusals.set("Cluster capi-1", {
        status: 500,
        message: 'failed calling webhook "x": connection refused',
      }),
    finding: /Cluster capi-1 is refused .*failed calling webhook/,
  },
  "a change that bootstrap-only never applies": {
    check: "lifecycle/change-reaches-cluster",
    stack: (raw) => (named(raw, "cilium")["lifecycle"] = "bootstrap-only"),
    management: (api, planned) => {
      holding("ConfigMap", { data: { "cilium.yaml": "an older render" } })(api, planned);
      const bindings = [{ resources: [{ name: "capi-1-cilium", applied: true }] }];
      const { apiVersion, kind } = resources.ClusterResourceSetBinding;
      api.put({ apiVersion, kind, metadata: { name: "capi-1", namespace }, spec: { bindings } });
    },
    finding: /Cilium's render has changed, but with bootstrap-only nothing applies it/,
  },
  ...ciliumMistakes,
  "a chart that the CLI cannot render": {
    check: "cilium/chart-rendered",
    site: { rendered: Promise.resolve({ refused: "cilium version unsupported 1.15.19" }) },
    finding: /cilium version unsupported 1\.15\.19/,
  },
};
