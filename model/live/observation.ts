import type { KubernetesObject } from "../kubernetes/object";
import type { ManagementWatch, Objects, Observation, Trouble, WorkloadWatch } from "./readiness/observation";
import type { ManagementPart, Reading, Side, Snapshot, WorkloadPart } from "./snapshot";
import { least } from "../text/numbers";

type Parts<Watch extends string, Part extends string> = Readonly<Partial<Record<Watch, Part>>>;

const managementParts = {
  hosts: "hosts",
  clusters: "clusters",
  controlPlanes: "controlPlanes",
  machineDeployments: "machineDeployments",
  machines: "machines",
  metal3Machines: "metal3Machines",
  resourceSets: "resourceSets",
  bindings: "bindings",
} as const satisfies Parts<ManagementWatch, ManagementPart>;

/** The parts of the management cluster that an observation takes over as they are. */
export const observedParts: readonly ManagementPart[] = Object.values(managementParts);

const workloadParts: Parts<WorkloadWatch, WorkloadPart> = {
  nodes: "nodes",
  daemonSets: "daemonSets",
  deployments: "deployments",
  customResourceDefinitions: "customResourceDefinitions",
  bgpClusterConfigs: "bgpClusterConfigs",
  bgpNodeConfigs: "bgpNodeConfigs",
  bgpPeerConfigs: "bgpPeerConfigs",
};

/** A snapshot as the waiting program would have observed it, so that its states and causes speak of a running cluster too. */
export function observationOf(snapshot: Snapshot): Observation {
  const { management, workload } = snapshot;
  const { payloads, secrets } = management.parts;
  const bmcSecrets = secrets.objects?.filter(
    ({ metadata }) => metadata.labels?.["environment.metal3.io"] === "baremetal",
  );
  const ciliumPods = workload.parts.pods.objects?.filter(
    ({ metadata }) => metadata.labels?.["app.kubernetes.io/part-of"] === "cilium",
  );
  return {
    management: {
      objects: {
        ...objectsBy(management, managementParts),
        ...keyed("bmcSecrets", bmcSecrets),
        ...payloadsOf(payloads, secrets),
      },
      ...reach(management),
    },
    workload: {
      objects: { ...objectsBy(workload, workloadParts), ...keyed("ciliumPods", ciliumPods) },
      kubeconfig: workload.kubeconfig === true,
      ...(workload.notifications === undefined
        ? {}
        : { notifications: new Map(Object.entries(workload.notifications)) }),
      ...reach(workload),
    },
    // One look cannot see a while; it answers, or it does not.
    endpoint: {
      ...(workload.unreachable === undefined ? { steadySince: 0 } : { lastError: workload.unreachable }),
    },
  };
}

function objectsBy<Watch extends string, Part extends string>(
  side: Side<Part>,
  parts: Parts<Watch, Part>,
): Partial<Record<Watch, Objects>> {
  const entries = Object.entries<Part | undefined>(parts).map(([watch, part]) =>
    keyed(watch, part === undefined ? undefined : side.parts[part].objects),
  );
  return Object.assign({}, ...entries) as Partial<Record<Watch, Objects>>;
}

function keyed<Watch extends string>(
  watch: Watch,
  objects: readonly KubernetesObject[] | undefined,
): Partial<Record<Watch, Objects>> {
  if (objects === undefined) return {};
  const found: Objects = new Map(objects.map((object) => [keyOf(object), object]));
  return { [watch]: found } as Partial<Record<Watch, Objects>>;
}

function payloadsOf(configMaps: Reading, secrets: Reading): { readonly payloads?: Objects } {
  if (configMaps.objects === undefined || secrets.objects === undefined) return {};
  const both = [...configMaps.objects, ...secrets.objects];
  return { payloads: new Map(both.map((object) => [`${object.kind}/${object.metadata.name}`, object])) };
}

/** The keys of {@link Objects}. */
function keyOf({ kind, metadata }: KubernetesObject): string {
  if (kind === "DaemonSet" || kind === "Deployment") return `${metadata.namespace ?? ""}/${metadata.name}`;
  return metadata.name;
}

/** Only a server that does not answer is trouble here: a refused part has its own reason. */
function reach(side: Side<string>): { readonly reached: boolean; readonly trouble?: Trouble } {
  if (side.unreachable === undefined) return { reached: true };
  const readings: readonly Reading[] = Object.values(side.parts);
  const since = least(readings.map(({ at }) => at));
  const seen = readings.some(({ objects }) => objects !== undefined);
  return { reached: seen, trouble: { since, message: side.unreachable } };
}
