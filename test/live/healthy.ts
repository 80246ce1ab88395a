import type { KubernetesObject } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import {
  type ManagementPart,
  type Reading,
  type Side,
  type Snapshot,
  managementParts,
  workloadParts,
} from "../../model/live/snapshot";
import { healthyWorkload } from "./healthy-workload";
import { type Server, at, condition, labels, live, plan, servers, settled, then } from "./settled";

export { at, condition, plan } from "./settled";

const { name: cluster, namespace } = plan;

function hostOf({ host, machine }: Server): KubernetesObject {
  const planned = plan.hosts.hosts.find(({ metadata }) => metadata.name === host);
  if (planned === undefined) throw new Error(`the plan has no host ${host}`);
  const consumerRef = { kind: "Metal3Machine", name: machine, namespace };
  const image = { url: "http://10.250.250.2/images/fedora-k8s-v1.36.3.qcow2" };
  return {
    ...settled(planned, {
      provisioning: { state: "provisioned" },
      operationalStatus: "OK",
      errorType: "",
      errorMessage: "",
      errorCount: 0,
      poweredOn: true,
      operationHistory: {
        register: { start: "2026-11-26T07:00:00Z", end: "2026-11-26T07:05:00Z" },
        inspect: { start: "2026-11-26T07:05:00Z", end: "2026-11-26T07:30:00Z" },
        provision: { start: "2026-11-26T07:30:00Z", end: "2026-11-26T07:50:00Z" },
      },
      triedCredentials: { credentialsVersion: "1" },
    }),
    spec: { ...(planned["spec"] as object), consumerRef, image },
  };
}

function machineOf({ host, pool, machine }: Server): readonly [KubernetesObject, KubernetesObject] {
  const control = pool === "control-plane";
  const own = {
    ...labels,
    "metal.internal/cluster": cluster,
    "metal.internal/pool": pool,
    ...(control ? { "cluster.x-k8s.io/control-plane": "" } : {}),
  };
  const providerID = `metal3://${namespace}/${host}/${machine}`;
  const hostSelector = { matchLabels: { "metal.internal/cluster": cluster, "metal.internal/pool": pool } };
  const template = plan.cluster.templates.find(
    ({ manifest }) => manifest.kind === "Metal3MachineTemplate" && manifest.metadata.name.includes(pool),
  );
  return [
    live(resources.Machine, machine, {
      metadata: { labels: own },
      spec: {
        clusterName: cluster,
        version: "v1.36.3",
        providerID,
        bootstrap: { dataSecretName: machine },
        infrastructureRef: { kind: "Metal3Machine", name: machine },
      },
      status: {
        phase: "Running",
        nodeRef: { name: machine },
        ...(control ? { certificatesExpiryDate: "2027-11-26T08:00:00Z" } : {}),
        conditions: [
          condition("Ready"),
          condition("BootstrapConfigReady"),
          condition("InfrastructureReady"),
          condition("NodeHealthy"),
          condition("Deleting", "False", "NotDeleting"),
        ],
      },
    }),
    live(resources.Metal3Machine, machine, {
      metadata: {
        labels: own,
        annotations: {
          "metal3.io/BareMetalHost": `${namespace}/${host}`,
          "cluster.x-k8s.io/cloned-from-name": template?.manifest.metadata.name ?? "",
        },
        ownerReferences: [{ apiVersion: "x", kind: "Machine", name: machine, uid: `uid-${machine}` }],
      },
      spec: { providerID, hostSelector },
      status: { ready: true, conditions: [condition("Ready"), condition("AssociateBareMetalHost")] },
    }),
  ];
}

const counts = (replicas: number) => ({
  replicas,
  readyReplicas: replicas,
  availableReplicas: replicas,
  upToDateReplicas: replicas,
  desiredReplicas: replicas,
});

function clusterObject(): KubernetesObject {
  return settled(plan.cluster.cluster, {
    phase: "Provisioned",
    initialization: { infrastructureProvisioned: true, controlPlaneInitialized: true },
    controlPlane: counts(3),
    workers: counts(1),
    conditions: [
      condition("Available"),
      condition("InfrastructureReady"),
      condition("ControlPlaneInitialized"),
      condition("ControlPlaneAvailable"),
      condition("RemoteConnectionProbe"),
      condition("RollingOut", "False"),
      condition("Deleting", "False"),
      condition("Paused", "False"),
    ].map((entry) => ({ ...entry, observedGeneration: 1 })),
  });
}

const ofKind = (kind: string) => [
  ...plan.cluster.templates.map(({ manifest }) => manifest).filter((object) => object.kind === kind),
  ...plan.cluster.objects.filter((object) => object.kind === kind),
];

function management(): Partial<Record<ManagementPart, readonly KubernetesObject[]>> {
  const [resourceSet, payload] = [plan.resourceSet.resourceSet, plan.resourceSet.payload];
  const entry = { kind: "ConfigMap", name: payload.metadata.name, applied: true, lastAppliedTime: then };
  const machines = servers.map(machineOf);
  return {
    hosts: servers.map(hostOf),
    clusters: [clusterObject()],
    controlPlanes: ofKind("KubeadmControlPlane").map((object) =>
      settled(object, {
        ...counts(3),
        conditions: [
          condition("Available"),
          condition("EtcdClusterHealthy"),
          condition("RollingOut", "False"),
        ],
      }),
    ),
    machineDeployments: ofKind("MachineDeployment").map((object) =>
      settled(object, { ...counts(1), conditions: [condition("Available")] }),
    ),
    machines: machines.map(([machine]) => machine),
    metal3Machines: machines.map(([, machine]) => machine),
    healthChecks: ofKind("MachineHealthCheck").map((object) =>
      settled(object, { conditions: [condition("RemediationAllowed")] }),
    ),
    kubeadmConfigs: servers.map(({ machine }) =>
      live(resources.KubeadmConfig, machine, {
        metadata: { labels },
        status: { conditions: [condition("Ready")] },
      }),
    ),
    metal3Clusters: ofKind("Metal3Cluster").map((object) =>
      settled(object, { conditions: [condition("Ready")] }),
    ),
    machineTemplates: ofKind("Metal3MachineTemplate").map((object) => settled(object)),
    dataTemplates: ofKind("Metal3DataTemplate").map((object) => settled(object)),
    bootstrapTemplates: ofKind("KubeadmConfigTemplate").map((object) => settled(object)),
    resourceSets: [settled(resourceSet, { conditions: [condition("ResourcesApplied", "True", "Applied")] })],
    bindings: [
      live(resources.ClusterResourceSetBinding, cluster, {
        spec: {
          clusterName: cluster,
          bindings: [{ clusterResourceSetName: resourceSet.metadata.name, resources: [entry] }],
        },
      }),
    ],
    payloads: [settled(payload)],
    secrets: [
      ...plan.hosts.secrets.map(({ manifest }) => ({
        ...settled(manifest),
        metadata: {
          ...manifest.metadata,
          resourceVersion: "1",
          creationTimestamp: "2026-11-26T06:59:00Z",
          ...(manifest.metadata.name.endsWith("-bmc")
            ? { labels: { ...manifest.metadata.labels, "environment.metal3.io": "baremetal" } }
            : {}),
        },
      })),
      live(resources.Secret, `${cluster}-kubeconfig`, { metadata: { labels } }),
    ],
  };
}

function side<Part extends string>(
  names: readonly Part[],
  objects: Partial<Record<Part, readonly KubernetesObject[]>>,
): Side<Part> {
  const readings = names.map((part): [Part, Reading] => [part, { at, objects: objects[part] ?? [] }]);
  const parts = Object.fromEntries(readings) as Record<Part, Reading>;
  return { server: "https://127.0.0.1:6443", reached: true, parts };
}

/** The worked example two hours after it had become ready. */
export function healthySnapshot(): Snapshot {
  const object = `Secret/${cluster}-kubeconfig`;
  return {
    cluster,
    namespace,
    at,
    management: side(managementParts, management()),
    workload: {
      ...side(workloadParts, healthyWorkload()),
      kubeconfig: true,
      credentials: [
        { name: "kubeconfig", object, notAfter: Date.parse("2027-11-26T08:00:00Z") },
        { name: "ca", object, notAfter: Date.parse("2036-11-26T08:00:00Z") },
      ],
    },
  };
}
