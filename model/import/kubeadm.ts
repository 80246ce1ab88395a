import { parse } from "yaml";
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
  readonly files: readonly Readonly<Record<string, unknown>>[];
  readonly pre: readonly string[];
  readonly post: readonly string[];
  readonly users: readonly unknown[];
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
}

/** Node labels and kubelet flags that every stack sets by itself. */
const ownLabel = /^metal3\.io\/uuid$|^metal\.internal\//;
const ownArgument = /^(node-labels|node-ip)$/;
const kubeletPatch = "/etc/kubernetes/patches/kubeletconfiguration+merge.json";
/** Commands that every stack runs by itself: the services, and kube-vip's credentials during kubeadm init. */
const ownCommand = /^systemctl enable (--now )?(kubelet|containerd|crio)$|super-admin\.conf.*kube-vip/s;

/** Reads a KubeadmConfigSpec; of a control plane machine's two node registrations the one that joins. */
export function kubeadmOf(spec: unknown): Kubeadm {
  const registration =
    field(spec, "joinConfiguration", "nodeRegistration") ??
    field(spec, "initConfiguration", "nodeRegistration");
  const args = argumentsOf(field(registration, "kubeletExtraArgs"));
  const files = list(spec, "files").filter(isMap);
  const isKubeVip = (file: unknown) =>
    /kube-vip/.test(text(file, "path") ?? "") && /^\s*kind:\s*Pod/m.test(text(file, "content") ?? "");
  const patch = files.find(({ path }) => path === kubeletPatch);
  const commands = (key: string) =>
    list(spec, key)
      .map(String)
      .filter((command) => !ownCommand.test(command));
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
    files: files.filter((file) => !isKubeVip(file) && file !== patch),
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
  };
}
