import type { ImportedPool } from "./pools";
import type { Draft, NotCarried } from "./draft";
import { type Input, type Inputs, leftOut, textOfSecret } from "./inputs";
import { type Difference, differing } from "./differing";
import { whyOf } from "./reasons";
import { advertiseLabel } from "../kubernetes/labels";
import { type KubernetesObject, field, isMap, list, text } from "../kubernetes/object";
import type { ClusterPlan } from "../plan/plan";
import { nameAt, shownField } from "../redaction/objects";

/**
 * What the stack's plan does not have of the inputs, and what it has in addition: every field of every input is held against the
 * planned object in its place, so that nothing can be left out without being listed.
 */
export function comparedWithPlan(
  inputs: Inputs,
  pools: readonly ImportedPool[],
  plan: ClusterPlan,
  draft: Draft,
): { readonly notCarried: readonly NotCarried[]; readonly added: readonly NotCarried[] } {
  const notCarried = [...draft.notes];
  const added: NotCarried[] = [];
  const isNoted = (object: string, at: string) =>
    draft.notes.some(
      (note) => note.object === object && (note.at === at || (note.at !== "" && at.startsWith(note.at))),
    );
  for (const input of inputs.objects) {
    const { kind, metadata } = input.object;
    const object = `${kind}/${metadata.name}`;
    const entry = (at: string, why: string): NotCarried => ({ file: input.file, object, at, why });
    const pair = pairOf(input, pools, plan, inputs);
    if (pair === "secret") continue;
    if (pair === undefined) {
      if (!draft.notes.some((note) => note.object === object))
        notCarried.push(entry("", leftOut[kind] ?? "nothing that the stack plans is in its place"));
      continue;
    }
    const found = differing(pair.given, pair.planned);
    for (const difference of found.missing) {
      const why = whyOf(kind, difference) ?? planned(difference);
      if (why !== "" && !isNoted(object, difference.at)) notCarried.push(entry(difference.at, why));
    }
    for (const difference of found.added) {
      if (whyOf(kind, difference) === undefined) added.push(entry(difference.at, value(difference)));
    }
  }
  const { values } = inputs;
  if (values !== undefined) {
    const entry = (at: string, why: string): NotCarried => ({
      file: values.file,
      object: "Cilium values",
      at,
      why,
    });
    const found = differing(values.map, plan.cilium.values);
    notCarried.push(
      ...found.missing
        .filter(({ at }) => !isNoted("Cilium values", at))
        .map((each) => entry(each.at, planned(each))),
    );
    added.push(...found.added.map((each) => entry(each.at, value(each))));
  }
  return { notCarried, added };
}

function planned(difference: Difference): string {
  if (difference.planned === undefined) return "a stack file has no key for it";
  return `the stack plans ${value(difference)}`;
}

const longest = 60;

function value({ at, planned: found }: Difference): string {
  const text = JSON.stringify(shownField(nameAt(at), found)) ?? "";
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}

interface Pair {
  readonly given: unknown;
  readonly planned: unknown;
}

/** The parts of an input and of the planned object in its place that are compared; undefined where there is none. */
function pairOf(
  { object }: Input,
  pools: readonly ImportedPool[],
  plan: ClusterPlan,
  inputs: Inputs,
): Pair | "secret" | undefined {
  if (object.kind === "Secret") return "secret";
  const found = counterpart(object, pools, plan);
  if (found === undefined) return undefined;
  const isHost = object.kind === "BareMetalHost";
  const isNamed = !/Template$|^IPPool$|^Metal3RemediationTemplate$/.test(object.kind);
  const part = (each: KubernetesObject) => ({
    metadata: {
      ...(isNamed ? { name: each.metadata.name } : {}),
      labels: ownKeys(each.metadata.labels, isHost),
      annotations: ownKeys(each.metadata.annotations, isHost),
    },
    spec: each["spec"],
  });
  const given = part(object);
  if (!isHost) return { given, planned: part(found) };
  return {
    given: { ...given, network: networkOf(object, inputs) },
    planned: { ...part(found), network: plannedNetwork(found, plan) },
  };
}

/** Without what controllers, kubectl and this project write. */
function ownKeys(map: Readonly<Record<string, string>> | undefined, isHost: boolean): object {
  const written =
    /^(metal\.internal|kubectl\.kubernetes\.io|pulumi\.com|baremetalhost\.metal3\.io|clusterctl\.cluster\.x-k8s\.io)\//;
  return Object.fromEntries(
    Object.entries(map ?? {}).filter(
      ([key]) => !written.test(key) && (isHost || !/(^|\.)cluster\.x-k8s\.io\//.test(key)),
    ),
  );
}

/** A host's network as data: that of its Secret. */
function networkOf(host: KubernetesObject, inputs: Inputs): unknown {
  const name = text(host, "spec", "networkData", "name");
  const secret = inputs.objects.find(
    ({ object }) => object.kind === "Secret" && object.metadata.name === name,
  )?.object;
  return parsed(textOfSecret(secret, "networkData"));
}

function plannedNetwork(host: KubernetesObject, { hosts }: ClusterPlan): unknown {
  const name = text(host, "spec", "networkData", "name");
  return parsed(hosts.secrets.find(({ manifest }) => manifest.metadata.name === name)?.text["networkData"]);
}

function parsed(written: string | undefined): unknown {
  try {
    return written === undefined ? undefined : (JSON.parse(written) as unknown);
  } catch {
    return undefined; // YAML, which was read for the host's part of the stack file
  }
}

function counterpart(
  object: KubernetesObject,
  pools: readonly ImportedPool[],
  plan: ClusterPlan,
): KubernetesObject | undefined {
  const { kind, metadata } = object;
  const objects: readonly KubernetesObject[] = [plan.cluster.cluster, ...plan.cluster.objects];
  const one = objects.filter((each) => each.kind === kind);
  const ofPool = (uses: (pool: ImportedPool) => boolean) => {
    const pool = pools.find(uses);
    const key = pool === undefined ? undefined : `${plan.name}-${pool.name}`;
    const template = plan.cluster.templates.find((each) => each.key === key && each.manifest.kind === kind);
    return template?.manifest ?? one.find((each) => each.metadata.name === key);
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
      return ofPool((pool) => pool.object === object);
    case "KubeadmConfigTemplate":
      return ofPool((pool) => pool.configTemplate === object);
    case "Metal3MachineTemplate":
      return ofPool((pool) => pool.machineTemplate === object);
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
      return plan.hosts.hosts.find((each) => each.metadata.name === metadata.name);
    case "CiliumBGPClusterConfig":
      return inCluster.find((each) => each.metadata.name === (instanceName(object) ?? metadata.name));
    case "CiliumBGPPeerConfig":
      return peerConfig(object, inCluster);
    case "CiliumBGPAdvertisement":
      return advertisement(object, inCluster);
    case "CiliumBGPNodeConfigOverride": {
      const manifest = plan.bgp?.nodeOverrides.find(({ host }) => host === metadata.name)?.manifest;
      return manifest === undefined ? undefined : { ...manifest, metadata: { name: metadata.name } };
    }
    default:
      return inCluster.find((each) => each.metadata.name === metadata.name);
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
