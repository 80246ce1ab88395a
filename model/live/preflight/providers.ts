import type { Deployment } from "../../kubernetes/core";
import { type KubernetesObject, text } from "../../kubernetes/object";
import { atLeast, parseVersion, type Version } from "../../kubernetes/version";
import { judged, type CheckResult, type Problem } from "./check-result";
import { supportedVersions } from "../../stack/supported-versions";

/** A controller that must run in the management cluster, and how to find it there. */
export interface Provider {
  readonly name: string;
  /** Last part of its image's name, whatever registry it comes from. */
  readonly image: string;
  /** Its name in clusterctl's inventory, where it is managed by clusterctl. */
  readonly inventory?: { readonly type: string; readonly providerName: string };
  /** The minors that are supported; patch releases do not count. */
  readonly lines: { readonly oldest: Minor; readonly newest: Minor };
}

type Minor = Pick<Version, "major" | "minor">;

const { clusterApi, capm3, ipam, baremetalOperator } = supportedVersions;

/** Metal3 speaks the contract v1beta2 from 1.13 on; the minors of the others go with it in its support table. */
export const providers: readonly Provider[] = [
  {
    name: "Cluster API",
    image: "cluster-api-controller",
    inventory: { type: "CoreProvider", providerName: "cluster-api" },
    lines: clusterApi,
  },
  {
    name: "the kubeadm bootstrap provider",
    image: "kubeadm-bootstrap-controller",
    inventory: { type: "BootstrapProvider", providerName: "kubeadm" },
    lines: clusterApi,
  },
  {
    name: "the kubeadm control plane provider",
    image: "kubeadm-control-plane-controller",
    inventory: { type: "ControlPlaneProvider", providerName: "kubeadm" },
    lines: clusterApi,
  },
  {
    name: "Cluster API Provider Metal3",
    image: "cluster-api-provider-metal3",
    inventory: { type: "InfrastructureProvider", providerName: "metal3" },
    lines: capm3,
  },
  { name: "the baremetal-operator", image: "baremetal-operator", lines: baremetalOperator },
  {
    name: "Metal3's ip-address-manager",
    image: "ip-address-manager",
    inventory: { type: "IPAMProvider", providerName: "metal3" },
    lines: ipam,
  },
];

/** What is installed: the controllers' Deployments and clusterctl's Provider objects, of all namespaces. */
export interface Installed {
  readonly deployments: readonly Deployment[];
  readonly inventory: readonly KubernetesObject[];
}

/** One place where a provider was found. */
export interface Found {
  readonly provider: Provider;
  readonly tag: string;
  readonly where: string;
}

/** Every provider is found in a version that this project was made for. */
export function judgeVersions(installed: Installed): CheckResult {
  const found = providers.map((provider) => ({ provider, found: versionsOf(provider, installed) }));
  const problems = found.flatMap(({ found: all }) => all.flatMap(unsupported));
  const unknowns = untoldVersions(found);
  const versions = found.flatMap(({ provider, found: all }) =>
    all.flatMap(({ tag }) => (parseVersion(tag) === undefined ? [] : [`${provider.image} ${tag}`])),
  );
  return judged(versions.join(", "), problems, unknowns);
}

/** Where a provider was found, with its tag or version. */
export function versionsOf(provider: Provider, { deployments, inventory }: Installed): readonly Found[] {
  const fromImages = deploymentsOf(provider, deployments).map(({ tag, deployment }) => ({
    provider,
    tag,
    where: `Deployment ${deployment.metadata.namespace ?? ""}/${deployment.metadata.name}`,
  }));
  if (fromImages.some(({ tag }) => parseVersion(tag) !== undefined)) return fromImages;
  const listed = inventory
    .filter(
      (entry) =>
        text(entry, "type") === provider.inventory?.type &&
        text(entry, "providerName") === provider.inventory?.providerName,
    )
    .map((entry) => ({
      provider,
      tag: text(entry, "version") ?? "",
      where: `Provider ${entry.metadata.namespace ?? ""}/${entry.metadata.name}`,
    }));
  return listed.length > 0 ? listed : fromImages;
}

/** A provider's Deployments, each with its image's tag; a digest behind the tag does not count. */
export function deploymentsOf(
  provider: Provider,
  deployments: readonly Deployment[],
): readonly { readonly deployment: Deployment; readonly tag: string }[] {
  return deployments.flatMap((deployment) =>
    (deployment.spec?.template?.spec?.containers ?? []).flatMap(({ image = "" }) => {
      const [name = "", tag = ""] = imageParts(image);
      return name === provider.image ? [{ deployment, tag }] : [];
    }),
  );
}

function imageParts(image: string): readonly string[] {
  return (image.split("/").at(-1) ?? "").split("@")[0]?.split(":") ?? [];
}

function unsupported({ provider: { name, lines }, tag, where }: Found): readonly Problem[] {
  const version = parseVersion(tag);
  if (version === undefined) return [];
  const at = "management.context";
  if (!atLeast(version, `${words(lines.oldest)}.0`)) {
    return [
      {
        at,
        problem: `${name} is ${tag} (${where}); this stack needs ${words(lines.oldest)} or newer`,
        fix: "upgrade it in the management cluster (clusterctl upgrade plan, clusterctl upgrade apply)",
      },
    ];
  }
  const { major, minor } = lines.newest;
  if (!atLeast(version, `${major}.${minor + 1}.0`)) return [];
  return [
    {
      severity: "warning",
      at,
      problem: `${name} is ${tag} (${where}), newer than the newest supported minor, ${words(lines.newest)}`,
      fix: "read its release notes before an update, or use a version of this project that supports it",
    },
  ];
}

function untoldVersions(
  found: readonly { readonly provider: Provider; readonly found: readonly Found[] }[],
): readonly string[] {
  const unknowns = found.filter(({ found: all }) => all.every(({ tag }) => parseVersion(tag) === undefined));
  const absent = unknowns.filter(({ found: all }) => all.length === 0).map(({ provider }) => provider.image);
  const strange = unknowns.flatMap(({ provider, found: [first] }) =>
    first === undefined
      ? []
      : [`${first.where} has the image tag "${first.tag}", no version of ${provider.name}`],
  );
  if (absent.length === 0) return strange;
  return [...strange, `no Deployment and no clusterctl inventory shows the version of ${absent.join(", ")}`];
}

function words({ major, minor }: Minor): string {
  return `v${major}.${minor}`;
}

const contract = "v1beta2";

/**
 * Each kind that Cluster API refers to by group and name carries the label of the contract that we write. `definitions`
 * are the CustomResourceDefinitions' metadata, `kinds` the planned ones as `plural.group`.
 */
export function judgeContracts(
  definitions: readonly KubernetesObject[],
  kinds: readonly string[],
): CheckResult {
  const label = `cluster.x-k8s.io/${contract}`;
  const problems = kinds.flatMap((kind): Problem[] => {
    const definition = definitions.find(({ metadata }) => metadata.name === kind);
    const labels = definition?.metadata.labels ?? {};
    if (definition === undefined || (labels[label] ?? "").split("_").includes(contract)) return [];
    const others = Object.keys(labels).flatMap((key) => /^cluster\.x-k8s\.io\/(v1\w+)$/.exec(key)?.[1] ?? []);
    const has = others.length === 0 ? "none" : `only ${others.join(", ")}`;
    return [
      {
        at: "management.context",
        problem: `the CRD ${kind} must implement the Cluster API contract ${contract}, its labels name ${has}`,
        fix: "upgrade that provider (clusterctl upgrade apply); a CRD installed by hand lacks the label",
      },
    ];
  });
  const absent = kinds.filter((kind) => !definitions.some(({ metadata }) => metadata.name === kind));
  const unknowns = absent.length === 0 ? [] : [`no CRD object was found for ${absent.join(", ")}`];
  return judged(`contract ${contract} on ${kinds.join(", ")}`, problems, unknowns);
}
