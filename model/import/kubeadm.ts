import { parse } from "yaml";
import { controlPlanePool } from "../kubernetes/labels";
import { defined, field, isMap, list, text } from "../kubernetes/object";
import type { Draft } from "./draft";
import type { ImportedPool } from "./pools";

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

/** `machines` of the stack file, and the part of each pool that is its own. */
export interface ImportedMachines {
  readonly machines: Readonly<Record<string, unknown>>;
  /** By the name of the pool. */
  readonly own: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
}

/**
 * What all machines have is that of the control plane, for which a stack file has no part of its own; what a pool of workers has in
 * addition is the pool's.
 */
export function importMachines(pools: readonly ImportedPool[], draft: Draft): ImportedMachines {
  const base = (pools.find(({ name }) => name === controlPlanePool) ?? pools[0])?.kubeadm;
  if (base === undefined) return { machines: {}, own: new Map() };
  const basePool = pools[0];
  const users = base.users.filter((user) => list(user, "sshAuthorizedKeys").length > 0);
  const machines = {
    ...settings(base, undefined, (file, j) =>
      secretFile(basePool, file, `machines.secretFiles[${j}].secretContent`, draft),
    ),
    ...(base.containerRuntime === "containerd" ? {} : { containerRuntime: base.containerRuntime }),
    ...(users.length === 0 ? {} : { users: users.map(userOf) }),
  };
  const workers = pools.filter(({ name }) => name !== controlPlanePool);
  const own = new Map(
    workers.map((pool, i) => [
      pool.name,
      settings(pool.kubeadm, pool.kubeadm === base ? undefined : base, (file, j) =>
        secretFile(pool, file, `workers[${i}].machines.secretFiles[${j}].secretContent`, draft),
      ),
    ]),
  );
  return { machines, own };
}

function settings(
  { files, pre, post, kubeletArguments, kubeletConfiguration }: Kubeadm,
  base: Kubeadm | undefined,
  secret: (file: Readonly<Record<string, unknown>>, index: number) => object,
): Readonly<Record<string, unknown>> {
  const isNew = (known: readonly unknown[] | undefined) => {
    const before = new Set((known ?? []).map((each) => JSON.stringify(each)));
    return (each: unknown) => !before.has(JSON.stringify(each));
  };
  const newFiles = files.filter(isNew(base?.files));
  const plain = newFiles.filter((file) => file["contentFrom"] === undefined);
  const secrets = newFiles.filter((file) => file["contentFrom"] !== undefined);
  const args = Object.fromEntries(
    Object.entries(kubeletArguments).filter(([name, value]) => base?.kubeletArguments[name] !== value),
  );
  const [newPre, newPost] = [pre.filter(isNew(base?.pre)), post.filter(isNew(base?.post))];
  const configuration =
    isMap(kubeletConfiguration) && isNew([base?.kubeletConfiguration])(kubeletConfiguration)
      ? kubeletConfiguration
      : undefined;
  return {
    ...(plain.length === 0 ? {} : { files: plain.map(fileOf) }),
    ...(secrets.length === 0 ? {} : { secretFiles: secrets.map(secret) }),
    ...(newPre.length === 0 ? {} : { preKubeadmCommands: newPre }),
    ...(newPost.length === 0 ? {} : { postKubeadmCommands: newPost }),
    ...(Object.keys(args).length === 0 ? {} : { kubeletArguments: args }),
    ...(configuration === undefined ? {} : { kubeletConfiguration: configuration }),
  };
}

function fileOf(file: Readonly<Record<string, unknown>>): object {
  const { path, owner, permissions, content } = file;
  return defined({
    path,
    content: content ?? "",
    permissions: permissions === "0644" ? undefined : permissions,
    owner: owner === "root:root" ? undefined : owner,
  });
}

/** A file with its content in a Secret: the content is not read. */
function secretFile(
  pool: ImportedPool | undefined,
  { path, owner, permissions, contentFrom }: Readonly<Record<string, unknown>>,
  place: string,
  draft: Draft,
): object {
  const name = text(contentFrom, "secret", "name") ?? "";
  if (pool !== undefined) {
    const [object, spec] =
      pool.configTemplate === undefined
        ? ([pool.object, "spec.kubeadmConfigSpec"] as const)
        : ([pool.configTemplate, "spec.template.spec"] as const);
    draft.secret(object, `${spec}.files[${String(path)}]`, place, name);
  }
  return defined({
    path,
    permissions: permissions === "0600" ? undefined : permissions,
    owner: owner === "root:root" ? undefined : owner,
  });
}

function userOf(user: unknown): object {
  return {
    name: text(user, "name") ?? "",
    sshAuthorizedKeys: list(user, "sshAuthorizedKeys"),
    ...(text(user, "sudo") === undefined ? { sudo: false } : {}),
  };
}
