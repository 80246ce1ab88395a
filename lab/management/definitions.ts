import fs from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { infrastructureKinds } from "../crds/metal3-infrastructure";
import { ipamKinds } from "../crds/metal3-ipam";
import { type Kind, definitionOf } from "../crds/schema";
import { until } from "../processes/probes";
import type { Toolchain } from "../toolchain";
import { field, list, text } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import type { KubernetesApi } from "../../ops/kubernetes/api";

type Definition = Record<string, unknown>;

const contract = "v1beta2";

/**
 * All CustomResourceDefinitions of the management cluster: Cluster API's and BareMetalHost's from their Go modules, Metal3's
 * from `lab/crds`. Only the newest Cluster API version is kept, so that no conversion webhook is needed.
 */
export function managementDefinitions(tools: Toolchain): readonly Definition[] {
  const source = tools.folder("cluster-api");
  const clusterApi = ["core", "bootstrap/kubeadm", "controlplane/kubeadm"].flatMap((part) =>
    definitionsIn(path.join(source, part, "config", "crd", "bases")),
  );
  const bareMetal = definitionsIn(tools.folder("baremetal-operator-crds"));
  return [...clusterApi.map(onlyContract), ...bareMetal, ...ownDefinitions()];
}

/** Creates the definitions eight at a time and waits until all of them are served. */
export async function installDefinitions(
  api: KubernetesApi,
  definitions: readonly Definition[],
): Promise<void> {
  const queue = [...definitions];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      await api.create(resources.CustomResourceDefinition, next);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  const names = definitions.map((definition) => text(definition, "metadata", "name"));
  const established = async () => {
    const { items } = await api.list(resources.CustomResourceDefinition);
    const served = items.filter((item) =>
      list(item, "status", "conditions").some(
        (condition) => text(condition, "type") === "Established" && text(condition, "status") === "True",
      ),
    );
    const have = new Set(served.map((item) => item.metadata.name));
    return names.every((name) => name !== undefined && have.has(name));
  };
  await until("all CRDs of the management cluster are established", established, 30);
}

function definitionsIn(folder: string): readonly Definition[] {
  return fs
    .readdirSync(folder)
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => parse(fs.readFileSync(path.join(folder, name), "utf8")) as Definition);
}

/** Keeps only the contract's version where it exists, and labels the definition with it. */
function onlyContract(definition: Definition): Definition {
  const spec = definition["spec"] as Definition;
  const versions = list(spec, "versions") as readonly Definition[];
  const wanted = versions.filter((version) => version["name"] === contract);
  const kept =
    wanted.length === 0 ? versions : wanted.map((version) => ({ ...version, storage: true, served: true }));
  return {
    apiVersion: definition["apiVersion"],
    kind: definition["kind"],
    metadata: {
      name: text(definition, "metadata", "name"),
      annotations: field(definition, "metadata", "annotations") ?? {},
      labels: { [`cluster.x-k8s.io/${contract}`]: contract, "cluster.x-k8s.io/provider": "cluster-api" },
    },
    spec: { ...spec, versions: kept },
  };
}

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
 * What a management cluster shows of its controllers. In the lab they are processes or simulated; no Deployment controller
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

/** Every kind that we define ourselves, because no Go module carries it. */
export const ownKinds: readonly Kind[] = [...infrastructureKinds, ...ipamKinds];

/** The CustomResourceDefinitions of {@link ownKinds}, as plain objects. */
function ownDefinitions(): readonly Record<string, unknown>[] {
  return ownKinds.map(definitionOf);
}
