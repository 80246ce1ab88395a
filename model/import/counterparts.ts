import { nameInStack } from "./inputs";
import type { ImportedPool } from "./pools";
import { advertiseLabel } from "../kubernetes/labels";
import { type KubernetesObject, field, isMap, list, text } from "../kubernetes/object";
import type { ClusterPlan } from "../plan/plan";

/** The planned object in the place of an input; undefined where there is none. */
export function counterpart(
  object: KubernetesObject,
  pools: readonly ImportedPool[],
  plan: ClusterPlan,
): KubernetesObject | undefined {
  const { kind, metadata } = object;
  const plannedName = nameInStack(metadata.name);
  const objects: readonly KubernetesObject[] = [plan.cluster.cluster, ...plan.cluster.objects];
  const one = objects.filter((each) => each.kind === kind);
  const ofPool = (uses: (pool: ImportedPool) => boolean, failureDomain?: string) => {
    const pool = pools.find(uses);
    const domain = failureDomain === undefined ? [] : [failureDomain];
    const key = pool === undefined ? undefined : [plan.name, pool.name, ...domain].join("-");
    const template = plan.cluster.templates.find((each) => each.key === key && each.manifest.kind === kind);
    return template?.manifest ?? one.find((each) => each.metadata.name === key);
  };
  const ofPart = (is: (part: ImportedPool["parts"][number]) => boolean) => {
    const part = pools.flatMap(({ parts }) => parts).find(is);
    return part === undefined ? undefined : ofPool(({ parts }) => parts.includes(part), part.failureDomain);
  };
  const inCluster = [...(plan.bgp?.objects ?? []), ...(plan.loadBalancer?.objects ?? [])].filter(
    (each) => each.kind === kind,
  );
  switch (kind) {
    case "Cluster":
    case "Metal3Cluster":
    case "KubeadmControlPlane":
      return one[0];
    case "MachineDeployment":
      return ofPart((part) => part.object === object);
    case "KubeadmConfigTemplate":
      return ofPool((pool) => pool.configTemplate === object);
    case "Metal3MachineTemplate":
      return ofPart((part) => part.machineTemplate === object);
    case "Metal3DataTemplate":
      return ofPool((pool) => pool.dataTemplate === object);
    case "MachineHealthCheck":
      return ofPool((pool) => pool.healthCheck === object);
    case "Metal3RemediationTemplate": {
      const pool = pools.find(
        ({ healthCheck }) =>
          text(healthCheck, "spec", "remediation", "templateRef", "name") === metadata.name,
      );
      return one.find((each) => each.metadata.name === `${plan.name}-${pool?.name ?? ""}-reboot`);
    }
    case "IPPool":
      return one.find((each) => starts(each).some((start) => starts(object).includes(start)));
    case "BareMetalHost":
      return plan.hosts.hosts.find((each) => each.metadata.name === plannedName);
    case "CiliumBGPClusterConfig":
      return inCluster.find(
        (each) => each.metadata.name === nameInStack(instanceName(object) ?? metadata.name),
      );
    case "CiliumBGPPeerConfig":
      return peerConfig(object, inCluster);
    case "CiliumBGPAdvertisement":
      return advertisement(object, inCluster);
    case "CiliumBGPNodeConfigOverride": {
      const manifest = plan.bgp?.nodeOverrides.find(({ host }) => host === plannedName)?.manifest;
      return manifest === undefined ? undefined : { ...manifest, metadata: { name: metadata.name } };
    }
    default:
      return inCluster.find((each) => each.metadata.name === plannedName);
  }
}

function starts(pool: KubernetesObject): readonly unknown[] {
  return list(pool, "spec", "pools").map((range) => field(range, "start"));
}

function instanceName(config: KubernetesObject): string | undefined {
  return text(config, "spec", "bgpInstances", 0, "name");
}

/** One configuration for both families is planned as two; they differ in the family alone. */
function peerConfig(
  given: KubernetesObject,
  plannedConfigs: readonly KubernetesObject[],
): KubernetesObject | undefined {
  const { name } = given.metadata;
  const plain = name.replace(/[-.](ip)?v[46]$/, "");
  const exact = plannedConfigs.find((each) => each.metadata.name === name);
  const both = plannedConfigs.filter((each) => each.metadata.name.replace(/-v[46]$/, "") === plain);
  const [first] = exact === undefined ? both : [exact];
  const spec = first?.["spec"];
  if (first === undefined || !isMap(spec)) return undefined;
  const families = (exact === undefined ? both : [exact]).flatMap((each) => list(each, "spec", "families"));
  return { ...first, metadata: { ...first.metadata, name }, spec: { ...spec, families } };
}

/** What is announced is planned per peer: each entry of an input must be planned for one of them. */
function advertisement(
  given: KubernetesObject,
  plannedOnes: readonly KubernetesObject[],
): KubernetesObject | undefined {
  const exact = plannedOnes.find((each) => each.metadata.name === given.metadata.name);
  if (exact !== undefined) return exact;
  const [first] = plannedOnes;
  if (first === undefined) return undefined;
  const types = new Set(list(given, "spec", "advertisements").map((each) => text(each, "advertisementType")));
  const entries = plannedOnes
    .flatMap((each) => list(each, "spec", "advertisements"))
    .filter((each) => types.has(text(each, "advertisementType")));
  return {
    ...first,
    metadata: { name: given.metadata.name, labels: { [advertiseLabel]: first.metadata.name } },
    spec: { advertisements: entries },
  };
}

/**
 * A template's network with the names that the stack gives: those of its entries and pools follow the stack file's networks. An entry
 * is the planned one on the same interface.
 */
export function renamed(given: unknown, planned: unknown): unknown {
  const networks = field(given, "spec", "networkData", "networks");
  if (!isMap(networks) || !isMap(given)) return given;
  const entries = Object.fromEntries(
    Object.entries(networks).map(([family, each]) => [
      family,
      (Array.isArray(each) ? (each as unknown[]) : []).map((entry) => {
        const same = list(planned, "spec", "networkData", "networks", family).find(
          (other) => field(other, "link") === field(entry, "link"),
        );
        if (!isMap(entry) || same === undefined) return entry;
        const pool = field(same, "ipAddressFromIPPool");
        const routes = list(entry, "routes").map((route) =>
          isMap(route) && text(route, "gateway", "fromIPPool") !== undefined
            ? { ...route, gateway: { fromIPPool: pool } }
            : route,
        );
        return {
          ...entry,
          id: field(same, "id"),
          ...(entry["ipAddressFromIPPool"] === undefined ? {} : { ipAddressFromIPPool: pool }),
          ...(routes.length === 0 ? {} : { routes }),
        };
      }),
    ]),
  );
  const spec = given["spec"] as Readonly<Record<string, unknown>>;
  const data = spec["networkData"] as Readonly<Record<string, unknown>>;
  return { ...given, spec: { ...spec, networkData: { ...data, networks: entries } } };
}
