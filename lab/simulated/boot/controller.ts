import { parse } from "yaml";
import type { LabContext } from "../../context";
import { type CloudConfig, BootRefused, readCloudConfig } from "./cloud-config";
import {
  type Endpoint,
  type VipMachine,
  type VipVerdict,
  endpointVerdict,
  withoutLoadBalancer,
} from "./kube-vip";
import { nodeLabels, readKubeadm, registeredTaints } from "./kubeadm";
import { Leases, machineNetwork, nodeAddresses } from "./network";
import type { Controller } from "../controller";
import { stateOf } from "../hosts/states";
import { clusterLabel, ownerOf } from "../metal3/association";
import { type Store, keyOf } from "../store";
import type { BootingNode } from "../../workload/cluster";
import type { Workloads } from "../../workload";
import { type KubernetesObject, field, list, text } from "../../../model/kubernetes/object";
import { resources } from "../../../model/kubernetes/resources";

interface BootState {
  readonly uid: string;
  readonly at: number;
  done: boolean;
}

/** Simulates the first boot of each provisioned server: cloud-init, then kubeadm. */
export function bootController(context: LabContext, store: Store, workloads: Workloads): Controller {
  const boots = new Map<string, BootState>();
  const leases = new Leases();

  async function boot(host: KubernetesObject, state: BootState): Promise<number | void> {
    if (context.faults.isActive("node-dead", host.metadata.name)) {
      state.done = true;
      context.log.record("boot-dead", `BareMetalHost/${host.metadata.name}`);
      return;
    }
    try {
      const node = bootingNode(context, store, host, leases);
      if (node === undefined) return;
      await workloads.boot(host.metadata.namespace ?? "", host.metadata.labels?.[clusterLabel] ?? "", node);
      state.done = true;
      context.log.record("machine-booted", `BareMetalHost/${host.metadata.name}`, node.identity.name);
    } catch (error) {
      // The power was cut meanwhile: this boot has no result.
      if (boots.get(keyOf(host)) !== state) return;
      if (error instanceof BootRefused) {
        state.done = true;
        context.log.record("boot-failed", `BareMetalHost/${host.metadata.name}`, error.message);
        return;
      }
      context.log.record("boot-retry", `BareMetalHost/${host.metadata.name}`, (error as Error).message);
      return 2;
    }
  }

  return {
    name: "boot",
    primary: resources.BareMetalHost,
    also: [resources.Secret, resources.Cluster, resources.Machine, resources.Metal3Machine],
    parallel: true,
    async reconcile(host) {
      const key = keyOf(host);
      const runs = stateOf(host) === "provisioned" && text(host, "spec", "userData", "name") !== undefined;
      if (!runs || field(host, "status", "poweredOn") !== true) {
        boots.delete(key);
        return;
      }
      const uid = text(host, "spec", "consumerRef", "name") ?? "";
      const known = boots.get(key);
      const state = known?.uid === uid ? known : { uid, at: Date.now(), done: false };
      boots.set(key, state);
      if (state.done) return;
      const due = (context.pace.boot + context.pace.join) * 1000 - (Date.now() - state.at);
      return due > 0 ? due / 1000 : boot(host, state);
    },
    async gone(host) {
      boots.delete(keyOf(host));
    },
  };
}

function secret(
  store: Store,
  host: KubernetesObject,
  field: "userData" | "metaData" | "networkData",
): string | undefined {
  const object = store.get(resources.Secret, text(host, "spec", field, "name"), host.metadata.namespace);
  const encoded = text(object, "data", field) ?? text(object, "data", "value");
  return encoded === undefined ? undefined : Buffer.from(encoded, "base64").toString("utf8");
}

/** BMO's own values, overlaid with the rendered ones. */
function metaDataOf(store: Store, host: KubernetesObject): Record<string, string> {
  const { name, namespace, uid } = host.metadata;
  const base = {
    uuid: uid ?? "",
    "metal3-namespace": namespace ?? "",
    "metal3-name": name,
    "local-hostname": name,
  };
  const rendered: unknown = parse(secret(store, host, "metaData") ?? "{}");
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
 * BootRefused where cloud-init, kubeadm or the kubelet would fail.
 */
function bootingNode(
  context: LabContext,
  store: Store,
  host: KubernetesObject,
  leases: Leases,
): BootingNode | undefined {
  const userData = secret(store, host, "userData");
  if (userData === undefined) return undefined;
  const { namespace } = host.metadata;
  const metaData = metaDataOf(store, host);
  const config = readCloudConfig(userData, metaData);
  const kubeadm = readKubeadm(config);
  const metal3 = store.get(resources.Metal3Machine, text(host, "spec", "consumerRef", "name"), namespace);
  const machine = store.get(resources.Machine, ownerOf(metal3, "Machine"), namespace);
  const cluster = store.get(resources.Cluster, host.metadata.labels?.[clusterLabel], namespace);
  const version = text(machine, "spec", "version") ?? "";
  const endpoint = {
    host: text(cluster, "spec", "controlPlaneEndpoint", "host") ?? "",
    port: field(cluster, "spec", "controlPlaneEndpoint", "port") as number,
  };
  const { kubelet } = kubeadm;
  const networkData = secret(store, host, "networkData");
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
    interfaces: network.interfaces,
    takesEndpoint: verdict.kind !== "dead",
    ...(verdict.kind === "answers" && verdict.speaker !== undefined ? { speaker: verdict.speaker } : {}),
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
