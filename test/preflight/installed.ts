import type { KubernetesObject, ResourceType } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";

const tags: Readonly<Record<string, string>> = {
  "cluster-api-controller": "v1.14.0",
  "kubeadm-bootstrap-controller": "v1.14.0",
  "kubeadm-control-plane-controller": "v1.14.0",
  "cluster-api-provider-metal3": "v1.14.0",
  "baremetal-operator": "v0.14.0",
  "ip-address-manager": "v1.14.0",
};

/** A controller's Deployment, with its image's tag and how many replicas are ready. */
export function controller(image: string, tag = tags[image] ?? "", ready = 1, args: readonly string[] = []) {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: `${image}-manager`, namespace: "providers" },
    spec: {
      template: {
        spec: { containers: [{ name: "manager", image: `mirror.example.com:5000/x/${image}:${tag}`, args }] },
      },
    },
    status: { readyReplicas: ready },
  } satisfies KubernetesObject;
}

/** A CRD as far as its labels go. */
export function definition(type: ResourceType, labels: Readonly<Record<string, string>>): KubernetesObject {
  const name = `${type.plural}.${type.apiVersion.split("/")[0] ?? ""}`;
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name, labels },
  };
}

/** Labels of a CRD that implements the contract, and an older one too. */
export const contractLabels = { "cluster.x-k8s.io/v1beta2": "v1beta1_v1beta2" };

/** The Lease of Cluster API's manager, renewed so many minutes ago. */
export function coreLease(minutesAgo = 0): KubernetesObject {
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name: "controller-leader-election-capi", namespace: "capi-system" },
    spec: {
      holderIdentity: "capi-controller-manager-7d9_abc",
      renewTime: new Date(Date.now() - minutesAgo * 60_000).toISOString(),
    },
  };
}

/** What a healthy management cluster holds before any stack: the namespace, the controllers, the labelled CRDs. */
export function installedManagement(namespace: string): readonly KubernetesObject[] {
  const byContract = /^(infrastructure|bootstrap|controlplane)\./;
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace }, status: { phase: "Active" } },
    ...Object.keys(tags).map((image) => controller(image)),
    ...Object.values(resources)
      .filter(({ apiVersion }) => byContract.test(apiVersion))
      .map((type) => definition(type, contractLabels)),
    coreLease(),
  ];
}
