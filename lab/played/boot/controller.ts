import { parse } from "yaml";
import { field, list, text, type KubernetesObject } from "../../../model/kubernetes/object";
import { resources } from "../../../model/kubernetes/resources";
import type { LabContext } from "../../context";
import type { Workloads } from "../../workload";
import type { BootingNode } from "../../workload/cluster";
import type { Controller } from "../controller";
import { stateOf } from "../hosts/states";
import { CLUSTER_LABEL } from "../metal3/association";
import { keyOf, type World } from "../world";
import { nodeAddresses } from "./address";
import { readCloudConfig } from "./cloud-config";
import { endpointVerdict } from "./kube-vip";
import { nodeLabels, readKubeadm, registeredTaints } from "./kubeadm";
import { BootRefused } from "./refusal";

interface BootState {
  readonly uid: string;
  readonly at: number;
  done: boolean;
}

/** Plays the first boot of each provisioned server: cloud-init, then kubeadm. */
export function bootController(context: LabContext, world: World, workloads: Workloads): Controller {
  const boots = new Map<string, BootState>();

  function secret(
    host: KubernetesObject,
    field: "userData" | "metaData" | "networkData",
  ): string | undefined {
    const object = world.get(resources.Secret, text(host, "spec", field, "name"), host.metadata.namespace);
    const encoded = text(object, "data", field) ?? text(object, "data", "value");
    return encoded === undefined ? undefined : Buffer.from(encoded, "base64").toString("utf8");
  }

  /** BMO's own values, overlaid with the rendered ones (facts 3.1). */
  function metaDataOf(host: KubernetesObject): Record<string, string> {
    const { name, namespace, uid } = host.metadata;
    const base = {
      uuid: uid ?? "",
      "metal3-namespace": namespace ?? "",
      "metal3-name": name,
      "local-hostname": name,
    };
    const rendered: unknown = parse(secret(host, "metaData") ?? "{}");
    const strings = Object.entries((rendered ?? {}) as Record<string, unknown>).map(([key, value]) => [
      key,
      String(value),
    ]);
    return { ...base, ...(Object.fromEntries(strings) as Record<string, string>) };
  }

  function nodeFrom(host: KubernetesObject): BootingNode | undefined {
    const userData = secret(host, "userData");
    if (userData === undefined) return undefined;
    const { namespace } = host.metadata;
    const metaData = metaDataOf(host);
    const config = readCloudConfig(userData, metaData);
    const kubeadm = readKubeadm(config);
    const metal3 = world.get(resources.Metal3Machine, text(host, "spec", "consumerRef", "name"), namespace);
    const owner = list(metal3, "metadata", "ownerReferences").find(
      (entry) => text(entry, "kind") === "Machine",
    );
    const machine = world.get(resources.Machine, text(owner, "name"), namespace);
    const cluster = world.get(resources.Cluster, host.metadata.labels?.[CLUSTER_LABEL], namespace);
    const version = text(machine, "spec", "version") ?? "";
    const endpoint = {
      host: text(cluster, "spec", "controlPlaneEndpoint", "host") ?? "",
      port: field(cluster, "spec", "controlPlaneEndpoint", "port") as number,
    };
    const { kubelet } = kubeadm;
    const addresses = nodeAddresses(
      kubelet["node-ip"],
      secret(host, "networkData"),
      metaData,
      host.metadata.name,
    );
    if (kubeadm.action === "init" && !addresses.includes(endpoint.host)) {
      const verdict = endpointVerdict(config, endpoint, version, true);
      if (verdict.kind === "dead") {
        throw new BootRefused(
          `kubeadm init: timed out waiting for ${endpoint.host}:${endpoint.port}: ${verdict.why}`,
        );
      }
      context.log.record("endpoint-announced", `BareMetalHost/${host.metadata.name}`, verdict.kind);
    }
    const providerId = kubelet["provider-id"];
    return {
      host: keyOf(host),
      kubeadm,
      endpoint,
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

  async function boot(host: KubernetesObject, state: BootState): Promise<number | void> {
    try {
      const node = nodeFrom(host);
      if (node === undefined) return;
      await workloads.boot(host.metadata.namespace ?? "", host.metadata.labels?.[CLUSTER_LABEL] ?? "", node);
      state.done = true;
      context.log.record("machine-booted", `BareMetalHost/${host.metadata.name}`, node.identity.name);
    } catch (error) {
      // The power was cut meanwhile: nobody waits for this boot any more.
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
