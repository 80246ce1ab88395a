import type { KubernetesApi } from "../../ops/kubernetes/api";
import { resources } from "../../model/kubernetes/resources";

/** Controllers as their releases install them: namespace, Deployment, image and tag. */
const controllers = [
  ["capi-system", "capi-controller-manager", "registry.k8s.io/cluster-api/cluster-api-controller:v1.14.2"],
  [
    "capi-kubeadm-bootstrap-system",
    "capi-kubeadm-bootstrap-controller-manager",
    "registry.k8s.io/cluster-api/kubeadm-bootstrap-controller:v1.14.2",
  ],
  [
    "capi-kubeadm-control-plane-system",
    "capi-kubeadm-control-plane-controller-manager",
    "registry.k8s.io/cluster-api/kubeadm-control-plane-controller:v1.14.2",
  ],
  ["capm3-system", "capm3-controller-manager", "quay.io/metal3-io/cluster-api-provider-metal3:v1.14.0"],
  [
    "baremetal-operator-system",
    "baremetal-operator-controller-manager",
    "quay.io/metal3-io/baremetal-operator:v0.14.0",
  ],
  ["metal3-ipam-system", "ipam-controller-manager", "quay.io/metal3-io/ip-address-manager:v1.14.0"],
] as const;

/**
 * What a management cluster shows of its controllers. In the lab they are processes, or played; no Deployment controller
 * looks at these objects, so they stay as they are, whatever a fault does to a process.
 */
export async function showControllers(api: KubernetesApi): Promise<void> {
  await Promise.all(
    controllers.map(async ([namespace, name, image]) => {
      const labels = { app: name };
      await api.apply(
        resources.Namespace,
        { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
        { fieldManager: "lab" },
      );
      await api.create(resources.Deployment, {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name, namespace },
        spec: {
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: { containers: [{ name: "manager", image }] } },
        },
      });
      const status = { replicas: 1, readyReplicas: 1, availableReplicas: 1 };
      await api.mergePatch(resources.Deployment, name, namespace, { status }, "status");
    }),
  );
}
