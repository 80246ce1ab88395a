import { parse } from "yaml";
import { kubeVipPasswordFile } from "../plan/manifests/kube-vip";
import { field, isMap, list, text } from "../kubernetes/object";

/** What a kubeadm configuration says about its machines. */
export interface Kubeadm {
  readonly spec: unknown;
  /** Labels of the nodes, without those that every stack gives. */
  readonly labels: Readonly<Record<string, string>>;
  /** Undefined: kubeadm's own. */
  readonly taints: readonly unknown[] | undefined;
  readonly kubeletArguments: Readonly<Record<string, string>>;
  readonly kubeletConfiguration: unknown;
  /** Patches of static pods, as `kubernetes.patches` has them. */
  readonly podPatches: readonly Readonly<Record<string, unknown>>[];
  readonly files: readonly Readonly<Record<string, unknown>>[];
  readonly pre: readonly string[];
  readonly post: readonly string[];
  readonly users: readonly unknown[];
  /** Proxy of the container runtime; `noProxy` as the machines have it. */
  readonly proxy:
    { readonly http?: string; readonly https?: string; readonly noProxy: readonly string[] } | undefined;
  /** Registry to mirrors, of the files of containerd that say nothing else. */
  readonly registryMirrors: Readonly<Record<string, readonly string[]>>;
  readonly ntp: readonly unknown[];
  readonly containerRuntime: "containerd" | "cri-o";
  /** kube-vip's static pod: what its environment and image say. */
  readonly kubeVip: KubeVip | undefined;
}

interface KubeVip {
  readonly address: string | undefined;
  readonly interface: string | undefined;
  readonly image: string | undefined;
  readonly port: string | undefined;
  /** Its environment, by name; variables that take another field of the pod are left out. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Node labels and kubelet flags that every stack sets by itself. */
const ownLabel = /^metal3\.io\/uuid$|^metal\.internal\//;
const ownArgument = /^(node-labels|node-ip)$/;
/** Target, suffix and type of a patch in a file's name (kubeadm v1.36 app/util/patches/patches.go). */
const podPatchFile =
  /^(etcd|kube-apiserver|kube-controller-manager|kube-scheduler)[^+.]*(?:\+(strategic|merge|json))?\.(?:json|yaml)$/;
const kubeletPatch = "/etc/kubernetes/patches/kubeletconfiguration+merge.json";
/** Commands that every stack runs by itself: the services, and kube-vip's credentials during kubeadm init. */
const ownCommand =
  /^systemctl enable (--now )?(kubelet|containerd|crio)$|super-admin\.conf.*kube-vip|kube-vip-passwords\.sed/s;

/** Its image or container, or a variable that only kube-vip has. */
const kubeVipSign =
  /(?:image|name)["']?:\s*["']?[^\s"']*kube-vip|["'\s](?:bgp_peers|bgp_peerpass|vip_arp|vip_leaderelection)["'\s,}]/;

/** Those of a stack with a proxy, in addition. */
const proxyCommand =
  /^export (HTTP|HTTPS|NO)_PROXY=|^systemctl daemon-reload$|^systemctl restart (containerd|crio)$/;
const proxyFile = /^\/etc\/systemd\/system\/(containerd|crio|kubelet)\.service\.d\/http-proxy\.conf$/;
const mirrorFile = /^\/etc\/containerd\/certs\.d\/([^/]+)\/hosts\.toml$/;

/** Reads a KubeadmConfigSpec; of a control plane machine's two node registrations the one that joins. */
export function kubeadmOf(spec: unknown): Kubeadm {
  const registration =
    field(spec, "joinConfiguration", "nodeRegistration") ??
    field(spec, "initConfiguration", "nodeRegistration");
  const args = argumentsOf(field(registration, "kubeletExtraArgs"));
  const files = list(spec, "files").filter(isMap);
  const patch = files.find(({ path }) => path === kubeletPatch);
  const proxy = proxyOf(text(files.find(isProxy), "content"));
  const commands = (key: string) =>
    list(spec, key)
      .map(String)
      .filter((command) => !ownCommand.test(command) && (proxy === undefined || !proxyCommand.test(command)));
  const podPatches = podPatchesOf(spec, files);
  const isOwn = (file: Readonly<Record<string, unknown>>) =>
    isKubeVip(file) ||
    podPatches.has(file) ||
    file["path"] === kubeVipPasswordFile ||
    file === patch ||
    (proxy !== undefined && isProxy(file)) ||
    mirrorsOf(file) !== undefined;
  const taints = field(registration, "taints");
  return {
    spec,
    labels: Object.fromEntries(
      (args["node-labels"] ?? "")
        .split(",")
        .map((pair) => pair.split("="))
        .flatMap(([key = "", value = ""]) => (key === "" || ownLabel.test(key) ? [] : [[key, value]])),
    ),
    taints: Array.isArray(taints) ? (taints as unknown[]) : undefined,
    kubeletArguments: Object.fromEntries(Object.entries(args).filter(([name]) => !ownArgument.test(name))),
    kubeletConfiguration: patch === undefined ? undefined : parsed(text(patch, "content") ?? ""),
    podPatches: [...podPatches.values()],
    files: files.filter((file) => !isOwn(file)),
    proxy,
    registryMirrors: Object.fromEntries(
      files.flatMap((file) => mirrorsOf(file) ?? []).map(({ registry, urls }) => [registry, urls]),
    ),
    pre: commands("preKubeadmCommands"),
    post: commands("postKubeadmCommands"),
    users: list(spec, "users"),
    ntp: list(spec, "ntp", "servers"),
    containerRuntime: list(spec, "preKubeadmCommands").some((command) => /\bcrio\b/.test(String(command)))
      ? "cri-o"
      : "containerd",
    kubeVip: kubeVipOf(text(files.find(isKubeVip), "content")),
  };
}

/** Whether a file is kube-vip's static pod, whatever it is called: the stack writes its own, and its passwords stay out of the stack file. */
function isKubeVip(file: unknown): boolean {
  const content = text(file, "content") ?? "";
  const isPod = /(?:^|[{,\s])["']?kind["']?:\s*["']?Pod\b/m.test(content);
  return isPod && (/kube-vip/.test(text(file, "path") ?? "") || kubeVipSign.test(content));
}

/** The files of kubeadm's folder of patches, by file; kubeadm applies them in the order of their names. */
function podPatchesOf(
  spec: unknown,
  files: readonly Readonly<Record<string, unknown>>[],
): ReadonlyMap<object, Readonly<Record<string, unknown>>> {
  const folder = text(spec, "initConfiguration", "patches", "directory");
  if (folder === undefined) return new Map();
  const found = files.flatMap((file) => {
    const path = text(file, "path") ?? "";
    const [, target, type = "strategic"] = path.startsWith(`${folder}/`)
      ? (podPatchFile.exec(path.slice(folder.length + 1)) ?? [])
      : [];
    const content = text(file, "content");
    if (target === undefined || content === undefined) return [];
    return [
      { file, path, patch: { target, ...(type === "strategic" ? {} : { type }), patch: parsed(content) } },
    ];
  });
  const ordered = found.sort((a, b) => (a.path < b.path ? -1 : 1));
  return new Map(ordered.map(({ file, patch }) => [file, patch]));
}

function isProxy(file: unknown): boolean {
  return proxyFile.test(text(file, "path") ?? "");
}

/** A proxy as systemd's drop-in has it. */
function proxyOf(content: string | undefined): Kubeadm["proxy"] {
  const variables = new Map(
    [...(content ?? "").matchAll(/^Environment="(HTTP|HTTPS|NO)_PROXY=(.*)"$/gm)].map(([, name, value]) => [
      name,
      value ?? "",
    ]),
  );
  const [http, https] = [variables.get("HTTP"), variables.get("HTTPS")];
  if (http === undefined && https === undefined) return undefined;
  const noProxy = (variables.get("NO") ?? "").split(",").filter((each) => each !== "");
  return { ...(http === undefined ? {} : { http }), ...(https === undefined ? {} : { https }), noProxy };
}

/** The mirrors of a hosts.toml that only names them; undefined for any other file. */
function mirrorsOf(
  file: unknown,
): { readonly registry: string; readonly urls: readonly string[] } | undefined {
  const [, registry] = mirrorFile.exec(text(file, "path") ?? "") ?? [];
  const content = (text(file, "content") ?? "").trim();
  if (registry === undefined) return undefined;
  const lines = content.split(/\n+/);
  const plain = [
    /^server = "https:\/\/[^"]+"$/,
    /^\[host\."[^"]+"\]$/,
    /^\s*capabilities = \["pull", "resolve"\]$/,
  ];
  const urls = lines.flatMap((line) => /^\[host\."([^"]+)"\]$/.exec(line)?.[1] ?? []);
  const isPlain =
    lines.every((line) => plain.some((each) => each.test(line))) &&
    lines[0] === `server = "https://${registry}"`;
  return isPlain && urls.length > 0 ? { registry, urls } : undefined;
}

/** Arguments as a map; in a list each has a name and a value. */
export function argumentsOf(args: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    list({ args }, "args").flatMap((argument) => {
      const name = text(argument, "name");
      return name === undefined ? [] : [[name, text(argument, "value") ?? ""]];
    }),
  );
}

function parsed(content: string): unknown {
  try {
    return parse(content, { maxAliasCount: 100, logLevel: "silent" }) as unknown;
  } catch {
    return undefined; // what cannot be read is reported as not carried over
  }
}

function kubeVipOf(content: string | undefined): KubeVip | undefined {
  if (content === undefined) return undefined;
  const [container] = list(parsed(content), "spec", "containers");
  const env = argumentsOf(field(container, "env"));
  return {
    address: env["address"] ?? env["vip_address"],
    interface: env["vip_interface"],
    image: text(container, "image"),
    port: env["port"],
    environment: env,
  };
}
