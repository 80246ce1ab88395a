import { controlPlanePool } from "../kubernetes/labels";
import { type KubernetesObject, defined, field, isMap, list, number, text } from "../kubernetes/object";
import { parseAddress } from "../net/addresses";
import { defaultKubeVipImage, supportedVersions } from "../stack/supported-versions";
import type { Draft } from "./draft";
import { type Inputs, ofKind } from "./inputs";
import { argumentsOf } from "./kubeadm";
import type { ImportedPool } from "./pools";

type Raw = Readonly<Record<string, unknown>>;

/** Where the API answers, as the inputs say it. */
export interface ImportedEndpoint {
  readonly host: string;
  /** The DNS name of the endpoint, where the inputs name one. */
  readonly name: string | undefined;
  readonly port: number;
  /** Whether no input says it. */
  readonly isPlaceholder: boolean;
}

/** The control plane endpoint: of Metal3Cluster or Cluster, with kube-vip's address where that is a name. */
export function endpointOf(inputs: Inputs, pools: readonly ImportedPool[]): ImportedEndpoint {
  const [infrastructure] = ofKind(inputs, "Metal3Cluster");
  const [cluster] = ofKind(inputs, "Cluster");
  const vip = controlPlaneOf(pools)?.kubeadm.kubeVip;
  const [holder] = [infrastructure, cluster].filter(
    (each) => text(each, "spec", "controlPlaneEndpoint", "host") !== undefined,
  );
  const named = text(holder, "spec", "controlPlaneEndpoint", "host");
  const port = number(holder, "spec", "controlPlaneEndpoint", "port") ?? Number(vip?.port ?? 6443);
  const isAddress = named !== undefined && parseAddress(named) !== undefined;
  // Cilium has to know the address, because it runs before the cluster's DNS.
  const ofCilium = text(inputs.values?.map, "k8sServiceHost");
  const known = ofCilium !== undefined && parseAddress(ofCilium) !== undefined ? ofCilium : undefined;
  const host = isAddress ? named : (vip?.address ?? known);
  return {
    host: host ?? "192.0.2.9",
    name: isAddress ? undefined : named,
    port,
    isPlaceholder: host === undefined,
  };
}

/** The control plane's pool. */
export function controlPlaneOf(pools: readonly ImportedPool[]): ImportedPool | undefined {
  return pools.find(({ name }) => name === controlPlanePool);
}

/** `kubernetes` of the stack file. */
export function importKubernetes(
  pools: readonly ImportedPool[],
  endpoint: ImportedEndpoint,
  draft: Draft,
): Raw {
  const controlPlane = controlPlaneOf(pools);
  const configuration = field(controlPlane?.kubeadm.spec, "clusterConfiguration");
  const version =
    text(controlPlane?.object, "spec", "version") ??
    pools.flatMap(({ object }) => text(object, "spec", "template", "spec", "version") ?? [])[0];
  if (version === undefined) draft.yours("kubernetes", "version is a placeholder: no input says it");
  if (endpoint.isPlaceholder)
    draft.yours("kubernetes", "endpoint.host is a placeholder: no input has an address of the endpoint");
  const vip = controlPlane?.kubeadm.kubeVip;
  const names = list(configuration, "apiServer", "certSANs").map(String);
  const further = names.filter((name) => name !== endpoint.host && name !== endpoint.name);
  const patches = controlPlane?.kubeadm.podPatches ?? [];
  const gates = field(configuration, "featureGates");
  return {
    version: version ?? `v1.${supportedVersions.kubernetes.newest}.3`,
    endpoint: {
      host: endpoint.host,
      ...defined({ name: endpoint.name }),
      ...(endpoint.port === 6443 ? {} : { port: endpoint.port }),
      provider: vip === undefined ? "external" : "kube-vip",
      ...defined({
        interface: vip?.interface,
        kubeVipImage: vip?.image === defaultKubeVipImage ? undefined : vip?.image,
      }),
    },
    ...defined({ imageRepository: text(configuration, "imageRepository") }),
    ...(isMap(gates) ? { featureGates: gates } : {}),
    ...(further.length === 0 ? {} : { certificateNames: further }),
    ...component("apiServer", configuration),
    ...component("controllerManager", configuration),
    ...component("scheduler", configuration),
    ...etcdOf(configuration),
    ...(patches.length === 0 ? {} : { patches }),
  };
}

/** Sizes of the nodes' shares of the pod networks, which a stack file has elsewhere. */
const nodeMask = /^node-cidr-mask-size(-ipv[46])?$/;

function component(name: string, configuration: unknown): Raw {
  const args = Object.fromEntries(
    Object.entries(argumentsOf(field(configuration, name, "extraArgs"))).filter(
      ([key]) => !nodeMask.test(key),
    ),
  );
  const volumes = list(configuration, name, "extraVolumes").map((volume) =>
    isMap(volume)
      ? defined({ ...volume, readOnly: volume["readOnly"] === true ? undefined : false })
      : volume,
  );
  if (Object.keys(args).length === 0 && volumes.length === 0) return {};
  return {
    [name]: {
      ...(Object.keys(args).length === 0 ? {} : { extraArgs: args }),
      ...(volumes.length === 0 ? {} : { extraVolumes: volumes }),
    },
  };
}

function etcdOf(configuration: unknown): Raw {
  const args = argumentsOf(field(configuration, "etcd", "local", "extraArgs"));
  return Object.keys(args).length === 0 ? {} : { etcd: { extraArgs: args } };
}

/** The networks inside the cluster, and its time servers: the rest of `network` is the hosts'. */
export function clusterNetwork(
  cluster: KubernetesObject | undefined,
  pools: readonly ImportedPool[],
  values: Raw,
): Raw {
  const controlPlane = controlPlaneOf(pools);
  const args = argumentsOf(
    field(controlPlane?.kubeadm.spec, "clusterConfiguration", "controllerManager", "extraArgs"),
  );
  const pods = list(cluster, "spec", "clusterNetwork", "pods", "cidrBlocks").map(String);
  const services = list(cluster, "spec", "clusterNetwork", "services", "cidrBlocks");
  const domain = text(cluster, "spec", "clusterNetwork", "serviceDomain");
  const ofPool = ["ipv4", "ipv6"].flatMap((family) =>
    list(values, "ipam", "operator", `cluster${family === "ipv4" ? "PoolIPv4" : "PoolIPv6"}PodCIDRList`),
  );
  const ntp = controlPlane?.kubeadm.ntp ?? [];
  const single = args["node-cidr-mask-size"];
  const isSix = pods.length === 1 && pods[0]?.includes(":") === true;
  const masks = defined({
    ipv4: args["node-cidr-mask-size-ipv4"] ?? (isSix ? undefined : single),
    ipv6: args["node-cidr-mask-size-ipv6"] ?? (isSix ? single : undefined),
  });
  const sizes = Object.fromEntries(Object.entries(masks).map(([family, size]) => [family, Number(size)]));
  return {
    ...(ntp.length === 0 ? {} : { ntp }),
    ...(pods.length > 0 ? { pods } : ofPool.length > 0 ? { pods: ofPool } : {}),
    ...(Object.keys(sizes).length === 0 ? {} : { podPrefixPerNode: sizes }),
    ...(services.length === 0 ? {} : { services }),
    ...(domain === undefined || domain === "cluster.local" ? {} : { serviceDomain: domain }),
  };
}
