import { type KubernetesObject, field } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import { runningCilium } from "./cilium-mistakes";
import { contractLabels, controller, definition } from "./installed";
import { claimedHost, find, inspected, manages, named } from "./mistake";
import { running } from "./running";
import { hardware, liveHost, namespace, type Situation } from "./situation";

/** Situations that look dangerous and are not: every check must stay silent. */
export const innocent: Readonly<Record<string, Situation>> = {
  "a cluster that runs": {
    management: (api, planned) => {
      for (const object of planned) if (object.kind !== "BareMetalHost") api.put(object);
      for (const index of [0, 1, 2, 3]) {
        claimedHost(api, planned, index, {}, "capi-1");
      }
    },
  },
  "a cluster that runs, machine by machine": { management: running() },
  "settings of a cluster that change in place": {
    stack: (raw) => {
      raw["controlPlane"] = { replicas: 3, drainTimeoutSeconds: 300, healthCheck: { reboots: 2 } };
      raw["workers"] = [{ name: "workers", drainTimeoutSeconds: 300, nodeReuse: true }];
    },
    management: running(),
  },
  "a label that Cluster API keeps on running nodes": {
    stack: (raw) => {
      raw["workers"] = [{ name: "workers", labels: { "node-role.kubernetes.io/worker": "" } }];
      raw["controlPlane"] = { replicas: 3, labels: { "rack.node.cluster.x-k8s.io/row": "7" } };
    },
    management: running(),
  },
  "a pool that grows onto a free host": {
    stack: (raw) => (raw["workers"] = [{ name: "workers", replicas: 1 }]),
    management: running({
      before: (raw) => (raw["workers"] = [{ name: "workers", replicas: 0 }]),
      free: ["capi-1-w-1"],
    }),
  },
  "a pool that grows again onto the host that Metal3 has kept for it": {
    stack: (raw) => (raw["workers"] = [{ name: "workers", replicas: 1, nodeReuse: true }]),
    management: running({
      before: (raw) => (raw["workers"] = [{ name: "workers", replicas: 0, nodeReuse: true }]),
      free: ["capi-1-w-1"],
      kept: { "capi-1-w-1": "md-capi-1-workers" },
    }),
  },
  "arguments that the API server keeps in another order": {
    management: (api, planned) => {
      running()(api);
      const live = find(planned, "KubeadmControlPlane");
      const spec = structuredClone(live["spec"]) as {
        kubeadmConfigSpec: { joinConfiguration: { nodeRegistration: { kubeletExtraArgs: object[] } } };
      };
      spec.kubeadmConfigSpec.joinConfiguration.nodeRegistration.kubeletExtraArgs.reverse();
      api.put({ ...live, spec });
    },
  },
  "hosts that Metal3 has switched off, and labelled": {
    management: (api, planned) => {
      const own = {
        "f:metadata": { "f:labels": { "f:cluster.x-k8s.io/cluster-name": {} } },
        "f:spec": { "f:online": {} },
      };
      api.put(liveHost(planned, 0, { metadata: manages("capm3", own), spec: { online: false } }));
    },
  },
  "fields that Pulumi itself, kubectl or a status writer hold": {
    management: (api, planned) => {
      const object = find(planned, "MachineDeployment");
      const fieldsV1 = { "f:spec": { "f:replicas": {} } };
      const managedFields = [
        { manager: "pulumi-kubernetes-d69795ee", operation: "Apply", fieldsV1 },
        { manager: "kubectl-edit", operation: "Update", fieldsV1 },
        { manager: "manager", operation: "Update", subresource: "status", fieldsV1 },
      ];
      const spec = { ...(object["spec"] as object), replicas: 7 };
      api.put({
        ...object,
        spec,
        metadata: { ...object.metadata, managedFields } as KubernetesObject["metadata"],
      });
    },
  },
  "inspected hosts that are as declared": {
    management: inspected({}),
  },
  "inspection results in a HardwareData object": {
    management: (api, planned) => {
      api.put(liveHost(planned, 0));
      const { apiVersion, kind } = resources.HardwareData;
      const spec = { hardware: hardware("52:54:00:0a:00:20") };
      api.put({ apiVersion, kind, metadata: { name: "capi-1-cp-1", namespace }, spec });
    },
  },
  "a login Secret that somebody made": {
    stack: (raw) => (raw["bmc"] = { existingSecret: "bmc-login" }),
    management: (api) =>
      api.put({
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "bmc-login", namespace },
        data: { username: "eA==", password: "eA==" },
      }),
  },
  "a bootstrap-only cluster whose render is the applied one": {
    stack: (raw) => (named(raw, "cilium")["lifecycle"] = "bootstrap-only"),
    management: (api, planned) => {
      api.put(find(planned, "ConfigMap"));
      const bindings = [{ resources: [{ name: "capi-1-cilium", applied: true }] }];
      const { apiVersion, kind } = resources.ClusterResourceSetBinding;
      api.put({ apiVersion, kind, metadata: { name: "capi-1", namespace }, spec: { bindings } });
      if (field(find(planned, "ConfigMap"), "data", "cilium.yaml") === "")
        throw new Error("nothing rendered");
    },
  },
  "a Cilium one minor below the stack file's": {
    stack: (raw) => (named(raw, "cilium")["installedVersion"] = "1.18.4"),
    management: runningCilium({ agents: ["1.18.4"], installed: "1.18" }),
  },
  "an upgrade that is half done, and goes on": {
    management: runningCilium({ agents: ["1.18.4", "1.19.5"], template: "1.19.5" }),
  },
  "an upgrade that is half done, and goes back": {
    stack: (raw) => (named(raw, "cilium")["version"] = "1.18.4"),
    management: runningCilium({ agents: ["1.18.4", "1.19.5"], template: "1.19.5", installed: "1.18" }),
  },
  "versions from clusterctl's inventory, images named by digest": {
    management: (api) => {
      api.put(controller("cluster-api-controller", "@sha256:0123"));
      const { apiVersion, kind } = resources.Provider;
      const metadata = { name: "cluster-api", namespace: "capi-system" };
      api.put({
        apiVersion,
        kind,
        metadata,
        type: "CoreProvider",
        providerName: "cluster-api",
        version: "v1.14.1",
      });
    },
  },
  "a provider that implements both contracts": {
    management: (api) =>
      api.put(
        definition(resources.Metal3Cluster, { ...contractLabels, "cluster.x-k8s.io/v1beta1": "v1beta1" }),
      ),
  },
};
