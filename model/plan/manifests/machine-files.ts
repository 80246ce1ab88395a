import { contentHash } from "../../kubernetes/content";
import { controlPlanePool } from "../../kubernetes/labels";
import type { SecretPath } from "../../stack/secrets";
import type { ComposedText, PlannedSecret } from "../plan";
import { encryptionConfiguration, encryptionFile, encryptionSecretName } from "./encryption";
import {
  kubeVipManifest,
  kubeVipPasswordFile,
  kubeVipPasswords,
  kubeVipText,
  putKubeVipPasswords,
  swapKubeVipConfig,
} from "./kube-vip";
import { managementMetadata } from "./metadata";
import { workerIndex } from "../../stack/addressing";
import { nodeCidrs } from "../../stack/host-networks";
import type { Stack } from "../../stack/schema";
import { shellQuoted } from "../../text/wording";

/** A file that cloud-init writes before kubeadm runs. */
export interface MachineFile {
  readonly path: string;
  readonly owner: string;
  readonly permissions: string;
  readonly content: string;
}

/** A file whose content is in a Secret, from which Cluster API puts it into the machine's user data. */
export interface MachineSecretFile extends Omit<MachineFile, "content"> {
  readonly contentFrom: { readonly secret: { readonly name: string; readonly key: string } };
}

type SecretFile = Stack["machines"]["secretFiles"][number];

/** A secret file of a pool's machines, with the place of its content, and what its Secret is named after. */
interface PlacedSecretFile {
  readonly file: SecretFile;
  readonly at: SecretPath;
  readonly scope: string;
}

const scopeOfAll = "machines";

/** The secret files of all machines, then those of a pool; of two with one path the pool's. */
export function secretFilesOf(stack: Stack, pool: string): readonly PlacedSecretFile[] {
  const { machines, controlPlane, workers } = stack;
  const i = workerIndex(stack, pool);
  const placed = (files: readonly SecretFile[], at: string, scope: string) =>
    files.map((file, j) => ({ file, at: `${at}.secretFiles[${j}].secretContent`, scope }));
  const own =
    pool === controlPlanePool
      ? placed(controlPlane.secretFiles, "controlPlane", pool)
      : placed(workers[i]?.machines?.secretFiles ?? [], `workers[${i}].machines`, pool);
  const replaced = own.map(({ file }) => file.path);
  const all = placed(machines.secretFiles, "machines", scopeOfAll);
  return [...all.filter(({ file }) => !replaced.includes(file.path)), ...own];
}

/** The Secrets that hold the contents of secret files, each once. */
export function machineSecrets(stack: Stack): readonly PlannedSecret[] {
  const pools = [controlPlanePool, ...stack.workers.map(({ name }) => name)];
  const files = pools.flatMap((pool) => secretFilesOf(stack, pool));
  const manifest = (name: string) => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: managementMetadata(stack, name),
    type: "Opaque",
  });
  return [
    ...[...new Map(files.map((file) => [file.at, file])).values()].map((placed) => ({
      manifest: manifest(secretFileName(stack, placed)),
      text: {},
      secret: { content: placed.at },
    })),
    ...ownSecretFiles(stack).map(({ name, content }) => ({
      manifest: manifest(name),
      text: {},
      secret: {},
      composed: { content },
    })),
  ];
}

/** Files of control plane machines that this program writes with secrets inside, each with the name of its Secret. */
function ownSecretFiles(
  stack: Stack,
): readonly { readonly path: string; readonly name: string; readonly content: ComposedText }[] {
  const [passwords, encryption] = [kubeVipPasswords(stack), encryptionConfiguration(stack)];
  return [
    ...(passwords === undefined
      ? []
      : [{ path: kubeVipPasswordFile, name: `${stack.name}-kube-vip-passwords`, content: passwords }]),
    ...(encryption === undefined
      ? []
      : [{ path: encryptionFile, name: encryptionSecretName(stack), content: encryption }]),
  ];
}

/** The files of a pool's machines whose contents are in Secrets. */
export function secretFiles(stack: Stack, pool: string): readonly MachineSecretFile[] {
  const from = (name: string) => ({ contentFrom: { secret: { name, key: "content" } } });
  const own = pool === controlPlanePool ? ownSecretFiles(stack) : [];
  return [
    ...own.map(({ path, name }) => ({ ...privateFile(path), ...from(name) })),
    ...secretFilesOf(stack, pool).map((placed) => ({
      path: placed.file.path,
      owner: placed.file.owner,
      permissions: placed.file.permissions,
      ...from(secretFileName(stack, placed)),
    })),
  ];
}

function privateFile(path: string): Omit<MachineFile, "content"> {
  return { path, owner: "root:root", permissions: "0600" };
}

/** The name of the Secret with the content of a secret file. */
export function secretFileName(stack: Stack, { file: { path }, scope }: PlacedSecretFile): string {
  return `${stack.name}-${scope}-file-${contentHash(path)}`;
}

/** Where kubeadm looks for patches of what it writes itself. */
export const patchDirectory = "/etc/kubernetes/patches";

/** kubeadm's reference to the patches of a pool's machines; empty without any. */
export function kubeadmPatches({ machines, kubernetes }: Stack, pool: string): object {
  const ofPods = pool === controlPlanePool ? kubernetes.patches.length : 0;
  return Object.keys(machines.kubeletConfiguration).length + ofPods === 0
    ? {}
    : { patches: { directory: patchDirectory } };
}

/** Patches of the static pods; kubeadm applies those of one pod in the order of their names. */
function podPatches({ kubernetes }: Stack): readonly MachineFile[] {
  return kubernetes.patches.map(({ target, type, patch }, i) =>
    file(`${patchDirectory}/${target}${String(i).padStart(2, "0")}+${type}.json`, JSON.stringify(patch)),
  );
}

/** Files of every machine: registry mirrors, proxy, the kubelet's configuration, and the user's own. */
export function commonFiles(stack: Stack): readonly MachineFile[] {
  const { registryMirrors, proxy, files } = stack.machines;
  const mirrors = Object.entries(registryMirrors).map(([registry, urls]) =>
    file(`/etc/containerd/certs.d/${registry}/hosts.toml`, hostsToml(registry, urls)),
  );
  const proxies =
    proxy === undefined
      ? []
      : [containerRuntimeOf(stack).unit, "kubelet"].map((unit) =>
          file(`/etc/systemd/system/${unit}.service.d/http-proxy.conf`, proxyUnit(stack)),
        );
  const { kubeletConfiguration } = stack.machines;
  const patches =
    Object.keys(kubeletConfiguration).length === 0
      ? []
      : [file(`${patchDirectory}/kubeletconfiguration+merge.json`, JSON.stringify(kubeletConfiguration))];
  return [...mirrors, ...proxies, ...patches, ...files];
}

/** Further files of control plane machines: patches, and kube-vip when it provides the endpoint. */
export function controlPlaneFiles(stack: Stack): readonly MachineFile[] {
  const common = [...podPatches(stack), ...commonFiles(stack)];
  if (stack.kubernetes.endpoint.provider !== "kube-vip") return common;
  const text = kubeVipText(stack);
  const hasPasswords = kubeVipPasswords(stack) !== undefined;
  return [
    hasPasswords ? { ...privateFile(kubeVipManifest), content: text } : file(kubeVipManifest, text),
    ...common,
  ];
}

/** Paths of the files that this program itself writes on machines. */
export function ownFilePaths(stack: Stack): readonly string[] {
  const ours = controlPlaneFiles({ ...stack, machines: { ...stack.machines, files: [] } });
  return [...ours, ...ownSecretFiles(stack)].map(({ path }) => path);
}

/** Before kubeadm, on every machine: the runtime runs, with its proxy; then the user's commands. */
export function beforeKubeadm(stack: Stack): readonly string[] {
  return [...startRuntime(stack), ...stack.machines.preKubeadmCommands];
}

/**
 * Before kubeadm on control plane machines: since Kubernetes 1.29 admin.conf has no rights on the first machine until kubeadm has bootstrapped
 * RBAC, so kube-vip starts with super-admin.conf there (and only there does that file exist).
 */
export function beforeControlPlane(stack: Stack): readonly string[] {
  return [
    ...swapKubeVipConfig(stack, "admin.conf", "super-admin.conf"),
    ...putKubeVipPasswords(stack),
    ...beforeKubeadm(stack),
  ];
}

/** After kubeadm on control plane machines: kube-vip goes back to the weaker credentials. */
export function afterControlPlane(stack: Stack): readonly string[] {
  return [
    ...swapKubeVipConfig(stack, "super-admin.conf", "admin.conf"),
    ...stack.machines.postKubeadmCommands,
  ];
}

function hostsToml(registry: string, mirrors: readonly string[]): string {
  const entries = mirrors.map(
    (url) => `[host.${JSON.stringify(url)}]\n  capabilities = ["pull", "resolve"]\n`,
  );
  return `server = ${JSON.stringify(`https://${registry}`)}\n\n${entries.join("\n")}`;
}

function proxyUnit(stack: Stack): string {
  const lines = proxyEnvironment(stack).map(([name, value]) => `Environment="${name}=${value}"`);
  return `[Service]\n${lines.join("\n")}\n`;
}

function file(path: string, content: string): MachineFile {
  return { path, owner: "root:root", permissions: "0644", content };
}

/** What kubeadm and systemd call the container runtime of an image. */
export interface ContainerRuntime {
  /** Name of its systemd unit. */
  readonly unit: string;
  /** The socket that kubeadm uses; undefined where kubeadm finds it by itself. */
  readonly socket?: string;
}

const runtimes: Readonly<Record<Stack["machines"]["containerRuntime"], ContainerRuntime>> = {
  containerd: { unit: "containerd" },
  "cri-o": { unit: "crio", socket: "unix:///var/run/crio/crio.sock" },
};

/** The container runtime of the stack's images. */
export function containerRuntimeOf({ machines }: Stack): ContainerRuntime {
  return runtimes[machines.containerRuntime];
}

/** Names and networks that machines reach without the proxy: the cluster's own, then the user's. */
export function withoutProxy(stack: Stack): readonly string[] {
  const { network, kubernetes, machines } = stack;
  return [
    "127.0.0.1",
    "localhost",
    ...nodeCidrs(stack).map(({ text }) => text),
    ...network.additional.flatMap(({ cidrs }) => cidrs),
    ...network.pods,
    ...network.services,
    kubernetes.endpoint.host,
    ...(kubernetes.endpoint.name === undefined ? [] : [kubernetes.endpoint.name]),
    // The API server calls webhooks by the names of their services.
    ".svc",
    `.${network.serviceDomain}`,
    ...(machines.proxy?.noProxy ?? []),
  ];
}

/** The proxy as environment variables; empty without one. */
function proxyEnvironment(stack: Stack): readonly (readonly [name: string, value: string])[] {
  const { proxy } = stack.machines;
  if (proxy === undefined) return [];
  return [
    ...(proxy.http === undefined ? [] : [["HTTP_PROXY", proxy.http] as const]),
    ...(proxy.https === undefined ? [] : [["HTTPS_PROXY", proxy.https] as const]),
    ["NO_PROXY", withoutProxy(stack).join(",")],
  ];
}

/**
 * Commands that make the runtime run with its proxy before kubeadm needs it, and again after a reboot: systemd reads a
 * drop-in on daemon-reload only, and a process its environment at its start. All commands of cloud-init's runcmd are one shell
 * script, kubeadm's among them, so what is exported here is in kubeadm's environment, and kubeadm hands it on to the
 * control plane's pods (kubeadm v1.36 app/util/env.go).
 */
function startRuntime(stack: Stack): readonly string[] {
  const { unit } = containerRuntimeOf(stack);
  const environment = proxyEnvironment(stack);
  const enable = ["systemctl enable kubelet", `systemctl enable --now ${unit}`];
  if (environment.length === 0) return enable;
  return [
    ...environment.map(([name, value]) => `export ${name}=${shellQuoted(value)}`),
    "systemctl daemon-reload",
    ...enable,
    `systemctl restart ${unit}`,
  ];
}
