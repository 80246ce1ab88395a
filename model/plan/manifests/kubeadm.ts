import { hasFailureDomains } from "../../bgp/nodes";
import { controlPlanePool, failureDomainLabel, poolLabel } from "../../kubernetes/labels";
import { forPool, isControlPlaneSchedulable, kubeletLabels } from "../machines";
import {
  afterControlPlane,
  beforeControlPlane,
  beforeKubeadm,
  commonFiles,
  containerRuntimeOf,
  controlPlaneFiles,
  kubeadmPatches,
  secretFiles,
} from "./machine-files";
import { encryptionSettings } from "./encryption";
import type { KubeadmConfigSpec } from "../../kubernetes/cluster-api";
import { defined } from "../../kubernetes/object";
import { addressingOf, hasSecondaryAddresses } from "../../stack/addressing";
import type { Stack, WorkerPool } from "../../stack/schema";
import { familyOf } from "../../net/addresses";

/** The kubeadm configuration of control plane machines (KubeadmConfigSpec of v1beta2). */
export function controlPlaneKubeadm(stack: Stack, kubeProxyReplacement: boolean): KubeadmConfigSpec {
  const registration = {
    ...nodeRegistration(stack, controlPlanePool, stack.controlPlane.labels),
    // Left out, kubeadm taints the node; empty, it does not.
    ...(isControlPlaneSchedulable(stack) ? { taints: [] } : {}),
  };
  // The webhook wants both equal.
  const timeouts = { controlPlaneComponentHealthCheckSeconds: 600 };
  return {
    clusterConfiguration: clusterConfiguration(stack),
    initConfiguration: {
      // Only init installs addons: a join with this phase dies with "invalid phase name".
      ...(kubeProxyReplacement ? { skipPhases: ["addon/kube-proxy"] } : {}),
      nodeRegistration: registration,
      timeouts,
      ...localEndpoint(stack),
      ...kubeadmPatches(stack, controlPlanePool),
    },
    joinConfiguration: {
      nodeRegistration: registration,
      timeouts,
      ...joinEndpoint(stack),
      ...kubeadmPatches(stack, controlPlanePool),
    },
    ...defined({
      files: filled([...controlPlaneFiles(stack), ...secretFiles(stack, controlPlanePool)]),
      preKubeadmCommands: filled(beforeControlPlane(stack)),
      postKubeadmCommands: filled(afterControlPlane(stack)),
    }),
    ...commonParts(forPool(stack, controlPlanePool)),
  };
}

/** The kubeadm configuration of a pool's workers. */
export function workerKubeadm(whole: Stack, pool: WorkerPool): KubeadmConfigSpec {
  const stack = forPool(whole, pool.name);
  return {
    joinConfiguration: {
      nodeRegistration: {
        ...nodeRegistration(stack, pool.name, pool.labels),
        ...(pool.taints.length === 0 ? {} : { taints: pool.taints }),
      },
      ...kubeadmPatches(stack, pool.name),
    },
    ...defined({
      files: filled([...commonFiles(stack), ...secretFiles(whole, pool.name)]),
      preKubeadmCommands: filled(beforeKubeadm(stack)),
      postKubeadmCommands: filled(stack.machines.postKubeadmCommands),
    }),
    ...commonParts(stack),
  };
}

/**
 * Node name and kubelet flags. Metal3 finds the node by the label metal3.io/uuid; a provider-id flag would make
 * machines never ready since CAPM3 1.14.
 */
function nodeRegistration(stack: Stack, pool: string, labels: Readonly<Record<string, string>>): object {
  const nodeLabels = {
    "metal3.io/uuid": "{{ ds.meta_data.uuid }}",
    [poolLabel]: pool,
    ...(hasFailureDomains(stack, pool) ? { [failureDomainLabel]: "{{ ds.meta_data.failureDomain }}" } : {}),
    ...kubeletLabels(labels),
  };
  const kubelet: Record<string, string> = {
    "node-labels": Object.entries(nodeLabels)
      .map(([key, value]) => `${key}=${value}`)
      .join(","),
    ...nodeIp(stack, pool),
    ...stack.machines.kubeletArguments,
  };
  const { socket } = containerRuntimeOf(stack);
  return {
    name: "{{ ds.meta_data.name }}",
    ...(socket === undefined ? {} : { criSocket: socket }),
    kubeletExtraArgs: Object.entries(kubelet).map(([name, value]) => ({ name, value })),
  };
}

/** The addresses that a node registers with, its primary family first; with DHCP they are not known before. */
function nodeIp(stack: Stack, pool: string): Record<string, string> {
  if (addressingOf(stack, pool) === "dhcp") return {};
  const second = hasSecondaryAddresses(stack, pool) ? ",{{ ds.meta_data.secondaryNodeIP }}" : "";
  return { "node-ip": `{{ ds.meta_data.nodeIP }}${second}` };
}

/**
 * The address that an API server announces and etcd listens on: the node's own. Left out, kubeadm takes that of the
 * default route, which may be another port's, and without one it refuses (kubeadm v1.36
 * app/util/config/initconfiguration.go). With DHCP only the default route tells it.
 */
function localEndpoint(stack: Stack): object {
  const { provider, port } = stack.kubernetes.endpoint;
  const local = {
    ...(addressingOf(stack, controlPlanePool) === "dhcp"
      ? {}
      : { advertiseAddress: "{{ ds.meta_data.nodeIP }}" }),
    // kube-vip forwards nothing: the API servers themselves answer on the endpoint's port. 6443 is kubeadm's default.
    ...(provider === "kube-vip" && port !== defaultApiPort ? { bindPort: port } : {}),
  };
  return Object.keys(local).length === 0 ? {} : { localAPIEndpoint: local };
}

const defaultApiPort = 6443;

function joinEndpoint(stack: Stack): object {
  const endpoint = localEndpoint(stack);
  return Object.keys(endpoint).length === 0 ? {} : { controlPlane: endpoint };
}

// v1beta2 refuses empty lists and objects, so each of these is present only when it has content.
function filled<Entry>(entries: readonly Entry[]): readonly Entry[] | undefined {
  return entries.length === 0 ? undefined : entries;
}

/** What every machine has apart from kubeadm's own configuration. */
function commonParts({ machines, network }: Stack): Pick<KubeadmConfigSpec, "users" | "ntp"> {
  return defined({
    users: filled(
      machines.users.map(({ name, sshAuthorizedKeys, sudo }) => ({
        name,
        sshAuthorizedKeys,
        ...(sudo ? { sudo: "ALL=(ALL) NOPASSWD:ALL" } : {}),
      })),
    ),
    ntp: network.ntp.length === 0 ? undefined : { enabled: true, servers: network.ntp },
  });
}

type Component = Stack["kubernetes"]["apiServer"];

/** kubeadm's configuration of the control plane's components: what this program decides, then the user's arguments. */
function clusterConfiguration(stack: Stack): Record<string, unknown> {
  const { endpoint, certificateNames, apiServer, controllerManager, scheduler, etcd } = stack.kubernetes;
  const { imageRepository, featureGates } = stack.kubernetes;
  const encryption = encryptionSettings(stack);
  const ownSchedulerPart = component(scheduler, []);
  return {
    ...defined({ imageRepository }),
    ...(Object.keys(featureGates).length === 0 ? {} : { featureGates }),
    apiServer: {
      certSANs: [
        ...new Set([
          ...(endpoint.name === undefined ? [] : [endpoint.name]),
          endpoint.host,
          ...certificateNames,
        ]),
      ],
      ...component(
        { ...apiServer, extraVolumes: [...encryption.volumes, ...apiServer.extraVolumes] },
        encryption.args,
      ),
    },
    controllerManager: component(controllerManager, nodeMasks(stack)),
    // v1beta2 refuses empty objects.
    ...(Object.keys(ownSchedulerPart).length === 0 ? {} : { scheduler: ownSchedulerPart }),
    ...(Object.keys(etcd.extraArgs).length === 0
      ? {}
      : { etcd: { local: { extraArgs: named(etcd.extraArgs) } } }),
  };
}

interface Argument {
  readonly name: string;
  readonly value: string;
}

function component(
  {
    extraArgs,
    extraVolumes,
  }: { readonly extraArgs: Component["extraArgs"]; readonly extraVolumes: readonly object[] },
  own: readonly Argument[],
): object {
  const args = [...own, ...named(extraArgs)];
  return {
    ...(args.length === 0 ? {} : { extraArgs: args }),
    ...(extraVolumes.length === 0 ? {} : { extraVolumes }),
  };
}

function named(args: Readonly<Record<string, string>>): readonly Argument[] {
  return Object.entries(args).map(([name, value]) => ({ name, value }));
}

/** Flags that size each node's share of the pod networks; one flag per family, or the short one when there is one family. */
function nodeMasks(stack: Stack): readonly Argument[] {
  const { pods, podPrefixPerNode } = stack.network;
  return pods.map((cidr) => {
    const family = familyOf(cidr);
    const name = pods.length === 1 ? "node-cidr-mask-size" : `node-cidr-mask-size-${family}`;
    return { name, value: String(podPrefixPerNode[family]) };
  });
}
