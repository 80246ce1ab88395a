import { isBetween, minorVersion } from "../../model/kubernetes/version";
import { supportedVersions } from "../../model/stack/supported-versions";

/** How an installed tool is recognised, and which of its versions the rehearsal works with. */
export interface Installed {
  /**
   * Arguments that print the version without network and cluster; `plugin` for a provider plugin, which reports its
   * version over gRPC only.
   */
  readonly probe: readonly string[] | "plugin";
  readonly range: VersionRange;
  /** An environment variable that names a folder to look into before `PATH`. */
  readonly folderVariable?: string;
  /** A folder below the Pulumi home (`$PULUMI_HOME`, `~/.pulumi`) in which `pulumi plugin install` puts it. */
  readonly pulumiFolder?: string;
}

/** One program that the lab runs: where it is found, else how it is built. */
export interface ToolSpec {
  /** Folder below lab/toolchain that holds the pinned go.mod and go.sum. */
  readonly module: string;
  readonly package: string;
  readonly version: string;
  readonly ldflags: string;
  readonly tags?: string;
  /** Needed by one kind of rehearsal only: built where it is requested by name, and not with "all". */
  readonly onRequest?: boolean;
  /** Seconds that a build took on 2 cores in the order of this table, with an empty build cache. */
  readonly typicalSeconds: number;
  /** Absent for programs that are not installed on machines: they are always built. */
  readonly installed?: Installed;
}

const strip = "-s -w";

const ciliumVersions = supportedVersions.cilium.recorded;

function kubernetes(command: string, typicalSeconds: number, folderVariable?: string): ToolSpec {
  const stamp = "-X k8s.io/component-base/version";
  return {
    module: "kubernetes",
    package: `k8s.io/kubernetes/cmd/${command}`,
    version: "v1.36.3",
    ldflags: `${strip} ${stamp}.gitVersion=v1.36.3 ${stamp}.gitMajor=1 ${stamp}.gitMinor=36 ${stamp}.gitTreeState=clean`,
    typicalSeconds,
    // one minor only: a controller manager must not be newer than its API server
    installed: {
      probe: ["--version"],
      range: { from: "1.36.0", below: "1.37.0" },
      ...(folderVariable === undefined ? {} : { folderVariable }),
    },
  };
}

function clusterApi(folder: string, typicalSeconds: number): ToolSpec {
  const stamp = "-X sigs.k8s.io/cluster-api/version";
  return {
    module: "cluster-api",
    package: `sigs.k8s.io/cluster-api/${folder}`,
    version: "v1.14.2",
    ldflags: `${strip} ${stamp}.gitVersion=v1.14.2 ${stamp}.gitMajor=1 ${stamp}.gitMinor=14`,
    typicalSeconds,
  };
}

function pulumi(module: string, packagePath: string, version: string, typicalSeconds: number): ToolSpec {
  return {
    module,
    package: `github.com/pulumi/pulumi/${packagePath}`,
    version,
    ldflags: `${strip} -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${version}`,
    typicalSeconds,
  };
}

// an installed one is never used: Cilium embeds a pre-release of this version, and others answer differently
function gobgp(command: "gobgpd" | "gobgp", typicalSeconds: number): ToolSpec {
  return {
    module: "gobgp",
    package: `github.com/osrg/gobgp/v4/cmd/${command}`,
    version: "v4.8.0",
    ldflags: strip,
    typicalSeconds,
  };
}

/** The recorded release of a minor. */
export function recordedCilium(minor: string): CiliumVersion {
  const version = ciliumVersions.find((each) => minorVersion(each) === minor);
  if (version === undefined) throw new Error(`no release of Cilium ${minor} is recorded`);
  return version;
}

/** A minor whose programs can be built. */
export type CiliumMinor = "1.18" | "1.19" | "1.20";

/** Cilium's own programs, with the version that their status reports: three words, the second the commit's. */
function cilium(minor: CiliumMinor, folder: string, typicalSeconds: number, tag?: string): ToolSpec {
  const version = recordedCilium(minor);
  return {
    module: `cilium-${minor}`,
    package: `github.com/cilium/cilium/${folder}`,
    version: `v${version}`,
    ldflags: `${strip} -X 'github.com/cilium/cilium/pkg/version.ciliumVersion=${version} module 1970-01-01T00:00:00+00:00'`,
    tags: ["osusergo", ...(tag === undefined ? [] : [tag])].join(","),
    onRequest: true,
    typicalSeconds,
  };
}

function plugin(name: string, from: string, below: string): Installed {
  return {
    probe: "plugin",
    range: { from, below },
    pulumiFolder: `plugins/resource-${name}-v${from}`,
  };
}

/** The provider plugins in the versions of their npm packages (package.json). */
export const kubernetesPlugin = plugin("kubernetes", "4.32.0", "4.33.0");
export const commandPlugin = plugin("command", "1.2.1", "1.2.2");

const kubernetesProvider = "v4.0.0-20260115033456-f47bc2d6f199";

const assets = "KUBEBUILDER_ASSETS";

/**
 * Every program that can be built, in build order; measured on 2026-11-30. The modules of Kubernetes, Cluster API, Helm and
 * kwok name equal versions of the dependencies that they share, so that these are compiled once.
 */
export const toolSpecs = {
  etcd: {
    module: "etcd",
    package: "go.etcd.io/etcd/server/v3",
    version: "v3.6.9",
    ldflags: strip,
    typicalSeconds: 50,
    installed: { probe: ["--version"], range: { from: "3.6.0", below: "4.0.0" }, folderVariable: assets },
  },
  // Early: one of its packages compiles for two minutes on one core.
  // The newest source that is served as a module: between releases 4.24 and 4.25
  "pulumi-resource-kubernetes": {
    module: "kubernetes-provider",
    package: ".",
    version: kubernetesProvider,
    // The engine warns of a plugin that reports an older version than the package; the build metadata names the source.
    ldflags: `${strip} -X main.version=${kubernetesPlugin.range.from}+source.${kubernetesProvider.slice(8, 16)}`,
    typicalSeconds: 290,
    installed: kubernetesPlugin,
  },
  "kube-apiserver": kubernetes("kube-apiserver", 165, assets),
  "kube-controller-manager": kubernetes("kube-controller-manager", 45),
  "kube-scheduler": kubernetes("kube-scheduler", 5),
  "capi-core": clusterApi("core", 35),
  "capi-bootstrap": clusterApi("bootstrap/kubeadm", 5),
  "capi-control-plane": clusterApi("controlplane/kubeadm", 8),
  // the last release whose module holds the language host; it works with the 3.248.0 engine
  "pulumi-language-nodejs": pulumi(
    "pulumi-nodejs",
    "sdk/v3/nodejs/cmd/pulumi-language-nodejs",
    "v3.68.0",
    20,
  ),
  pulumi: {
    ...pulumi("pulumi", "pkg/v3/cmd/pulumi", "v3.248.0", 180),
    installed: {
      probe: ["version"],
      range: { from: supportedVersions.pulumi.oldest, below: supportedVersions.pulumi.below },
    },
  },
  helm: {
    module: "helm",
    package: "helm.sh/helm/v4/cmd/helm",
    version: "v4.2.3",
    ldflags: `${strip} -X helm.sh/helm/v4/internal/version.version=v4.2.3`,
    typicalSeconds: 20,
    // 4.3 splits documents differently, so that its bytes are not the Cilium CLI's
    installed: { probe: ["version", "--template", "{{.Version}}"], range: { from: "4.2.0", below: "4.3.0" } },
  },
  kwok: {
    module: "kwok",
    package: "sigs.k8s.io/kwok/cmd/kwok",
    version: "v0.8.0",
    ldflags: strip,
    typicalSeconds: 10,
    installed: { probe: ["--version"], range: { from: "0.8.0", below: "0.9.0" } },
  },
  gobgpd: gobgp("gobgpd", 40),
  gobgp: gobgp("gobgp", 8),
  actionlint: {
    module: "actionlint",
    package: "github.com/rhysd/actionlint/cmd/actionlint",
    version: "v1.7.12",
    ldflags: `${strip} -X github.com/rhysd/actionlint.version=1.7.12`,
    typicalSeconds: 15,
    installed: { probe: ["-version"], range: { from: "1.7.0", below: "2.0.0" } },
  },
  "cilium-agent-1.18": cilium("1.18", "daemon", 300),
  "cilium-agent-1.19": cilium("1.19", "daemon", 300),
  "cilium-agent-1.20": cilium("1.20", "daemon", 300),
  "cilium-operator-1.18": cilium("1.18", "operator", 30, "ipam_provider_operator"),
  "cilium-operator-1.19": cilium("1.19", "operator", 30, "ipam_provider_operator"),
  "cilium-operator-1.20": cilium("1.20", "operator", 60, "ipam_provider_operator"),
  "cilium-health-responder-1.18": cilium("1.18", "cilium-health/responder", 1),
  "cilium-health-responder-1.19": cilium("1.19", "cilium-health/responder", 1),
  "cilium-health-responder-1.20": cilium("1.20", "cilium-health/responder", 1),
  "cilium-cni-1.18": cilium("1.18", "plugins/cilium-cni", 6),
  "cilium-cni-1.19": cilium("1.19", "plugins/cilium-cni", 6),
  "cilium-cni-1.20": cilium("1.20", "plugins/cilium-cni", 6),
  "cilium-dbg-1.18": cilium("1.18", "cilium-dbg", 10),
  "cilium-dbg-1.19": cilium("1.19", "cilium-dbg", 10),
  "cilium-dbg-1.20": cilium("1.20", "cilium-dbg", 10),
  "cilium-mount-1.18": cilium("1.18", "tools/mount", 1),
  "cilium-mount-1.19": cilium("1.19", "tools/mount", 1),
  "cilium-mount-1.20": cilium("1.20", "tools/mount", 1),
  "cilium-sysctlfix-1.18": cilium("1.18", "tools/sysctlfix", 1),
  "cilium-sysctlfix-1.19": cilium("1.19", "tools/sysctlfix", 1),
  "cilium-sysctlfix-1.20": cilium("1.20", "tools/sysctlfix", 1),
} as const satisfies Record<string, ToolSpec>;

export type BuildableTool = keyof typeof toolSpecs;

/** The same table with its entries widened, for code that treats all tools alike. */
export function toolSpec(name: BuildableTool): ToolSpec {
  return toolSpecs[name];
}

/** Later minors of the Cilium CLI may render other bytes. */
export const ciliumCliSpec: Installed = {
  probe: ["version", "--client"],
  range: { from: supportedVersions.ciliumCli.oldest, below: supportedVersions.ciliumCli.below },
};

/** Files of a Go module that are read and never compiled. */
export interface FolderSpec {
  readonly module: string;
  readonly source: string;
  readonly version: string;
  /** The folder itself, relative to the module's root. */
  readonly path: string;
  /** A file or folder below `path` whose presence shows that the module cache is intact. */
  readonly proof: string;
}

export type CiliumVersion = (typeof ciliumVersions)[number];
export type FolderName =
  | `cilium-chart-${CiliumVersion}`
  | `cilium-crds-${CiliumVersion}`
  | `cilium-bpf-${CiliumVersion}`
  | `cilium-image-${CiliumVersion}`
  | `cilium-plugin-${CiliumVersion}`
  | "baremetal-operator-crds"
  | "cluster-api";

function ciliumFolders(version: CiliumVersion): [FolderName, FolderSpec][] {
  const source = { module: "cilium", source: "github.com/cilium/cilium", version: `v${version}` };
  const crds = "pkg/k8s/apis/cilium.io/client/crds";
  return [
    [`cilium-chart-${version}`, { ...source, path: "install/kubernetes/cilium", proof: "Chart.yaml" }],
    [`cilium-crds-${version}`, { ...source, path: crds, proof: "v2/ciliumnodes.yaml" }],
    [`cilium-bpf-${version}`, { ...source, path: "bpf", proof: "bpf_lxc.c" }],
    [`cilium-image-${version}`, { ...source, path: "images/cilium", proof: "init-container.sh" }],
    [`cilium-plugin-${version}`, { ...source, path: "plugins/cilium-cni", proof: "install-plugin.sh" }],
  ];
}

/** Every data folder. `cluster-api` is the module's root: CRDs and webhook manifests are below its `config` folders. */
export const folderSpecs: ReadonlyMap<FolderName, FolderSpec> = new Map<FolderName, FolderSpec>([
  ...ciliumVersions.flatMap(ciliumFolders),
  [
    "baremetal-operator-crds",
    {
      module: "baremetal-operator",
      source: "github.com/metal3-io/baremetal-operator",
      version: "v0.13.0",
      path: "config/base/crds/bases",
      proof: "metal3.io_baremetalhosts.yaml",
    },
  ],
  [
    "cluster-api",
    {
      module: "cluster-api",
      source: "sigs.k8s.io/cluster-api",
      version: "v1.14.2",
      path: ".",
      proof: "core/config/crd/bases",
    },
  ],
]);

export { ciliumVersions as CILIUM_VERSIONS };

/** The chart that the shim renders when it is called without `--version`, as cilium-cli v0.19.7 does. */
export const defaultCiliumVersion: CiliumVersion = supportedVersions.cilium.default;

/** Versions from `from` (inclusive) up to `below` (exclusive), both written `major.minor.patch`. */
export interface VersionRange {
  readonly from: string;
  readonly below: string;
}

/** The first `major.minor.patch` in a tool's own version output, or undefined where there is none. */
export function versionIn(output: string): string | undefined {
  return /(\d+\.\d+\.\d+)/.exec(output)?.[1];
}

/** True when `version` lies in the range; a pre-release counts as the version it leads to. */
export function fits(version: string, { from, below }: VersionRange): boolean {
  return isBetween(version, from, below);
}

/** `>=3.6.0 <4.0.0`, as package managers write it. */
export function rangeText(range: VersionRange): string {
  return `>=${range.from} <${range.below}`;
}
