import { parse } from "yaml";
import { field, list, text, type KubernetesObject } from "../../../model/kubernetes/object";
import { resources } from "../../../model/kubernetes/resources";
import type { LabContext } from "../../context";
import type { BootingNode } from "../../workload/cluster";
import { CLUSTER_LABEL } from "../metal3/association";
import { ownerOf } from "../metal3/owner";
import { keyOf, type World } from "../store";
import { type Leases, nodeAddresses } from "./address";
import { type CloudConfig, readCloudConfig } from "./cloud-config";
import {
  type Endpoint,
  endpointVerdict,
  type VipMachine,
  type VipVerdict,
  withoutLoadBalancer,
} from "./kube-vip";
import { machineNetwork } from "./links";
import { nodeLabels, readKubeadm, registeredTaints } from "./kubeadm";
import { BootRefused } from "./refusal";

function secret(
  world: World,
  host: KubernetesObject,
  field: "userData" | "metaData" | "networkData",
): string | undefined {
  const object = world.get(resources.Secret, text(host, "spec", field, "name"), host.metadata.namespace);
  const encoded = text(object, "data", field) ?? text(object, "data", "value");
  return encoded === undefined ? undefined : Buffer.from(encoded, "base64").toString("utf8");
}

/** BMO's own values, overlaid with the rendered ones (facts 3.1). */
function metaDataOf(world: World, host: KubernetesObject): Record<string, string> {
  const { name, namespace, uid } = host.metadata;
  const base = {
    uuid: uid ?? "",
    "metal3-namespace": namespace ?? "",
    "metal3-name": name,
    "local-hostname": name,
  };
  const rendered: unknown = parse(secret(world, host, "metaData") ?? "{}");
  const strings = Object.entries((rendered ?? {}) as Record<string, unknown>).map(([key, value]) => [
    key,
    String(value),
  ]);
  return { ...base, ...(Object.fromEntries(strings) as Record<string, string>) };
}

/** Nothing of this machine decides whether the endpoint answers. */
const external: VipVerdict = { kind: "external" };

function verdictOf(
  { loadBalancers }: LabContext,
  config: CloudConfig,
  endpoint: Endpoint,
  machine: VipMachine,
): VipVerdict {
  const announced = endpointVerdict(config, endpoint, machine);
  return loadBalancers.has(endpoint.host) ? announced : withoutLoadBalancer(announced);
}

const portsOf = (host: KubernetesObject) =>
  list(host, "status", "hardware", "nics").map((nic) => ({
    name: text(nic, "name") ?? "",
    mac: (text(nic, "mac") ?? "").toLowerCase(),
  }));

/**
 * What a provisioned server becomes, from its user data, metaData and networkData; undefined while it has none. Throws
 * BootRefused where cloud-init, kubeadm or the kubelet would give up.
 */
export function bootingNode(
  context: LabContext,
  world: World,
  host: KubernetesObject,
  leases: Leases,
): BootingNode | undefined {
  const userData = secret(world, host, "userData");
  if (userData === undefined) return undefined;
  const { namespace } = host.metadata;
  const metaData = metaDataOf(world, host);
  const config = readCloudConfig(userData, metaData);
  const kubeadm = readKubeadm(config);
  const metal3 = world.get(resources.Metal3Machine, text(host, "spec", "consumerRef", "name"), namespace);
  const machine = world.get(resources.Machine, ownerOf(metal3, "Machine"), namespace);
  const cluster = world.get(resources.Cluster, host.metadata.labels?.[CLUSTER_LABEL], namespace);
  const version = text(machine, "spec", "version") ?? "";
  const endpoint = {
    host: text(cluster, "spec", "controlPlaneEndpoint", "host") ?? "",
    port: field(cluster, "spec", "controlPlaneEndpoint", "port") as number,
  };
  const { kubelet } = kubeadm;
  const networkData = secret(world, host, "networkData");
  const addresses = nodeAddresses(kubelet["node-ip"], networkData, metaData, () =>
    leases.addressFor(keyOf(host), endpoint.host),
  );
  const { action } = kubeadm;
  const network = machineNetwork(networkData, portsOf(host));
  const verdict =
    action === "join" || addresses.includes(endpoint.host)
      ? external
      : verdictOf(context, config, endpoint, { network, addresses, version, init: action === "init" });
  if (action === "init" && verdict.kind === "dead") {
    throw new BootRefused(
      `kubeadm init: timed out waiting for ${endpoint.host}:${endpoint.port}: ${verdict.why}`,
    );
  }
  if (action !== "join") {
    const object = `BareMetalHost/${host.metadata.name}`;
    if (verdict.kind === "dead") context.log.record("endpoint-not-announced", object, verdict.why);
    else context.log.record("endpoint-announced", object, verdict.kind);
  }
  const providerId = kubelet["provider-id"];
  return {
    host: keyOf(host),
    kubeadm,
    endpoint,
    takesEndpoint: verdict.kind !== "dead",
    identity: {
      name: (kubeadm.nodeName ?? metaData["local-hostname"] ?? host.metadata.name).toLowerCase(),
      addresses,
      version,
      controlPlane: kubeadm.action !== "join",
      labels: nodeLabels(kubelet["node-labels"]),
      taints: [...kubeadm.taints, ...registeredTaints(kubelet["register-with-taints"])],
      ...(providerId === undefined ? {} : { providerId }),
      systemUuid: host.metadata.uid ?? "",
    },
  };
}
