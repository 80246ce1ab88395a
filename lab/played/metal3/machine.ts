import { field, list, text, type KubernetesObject } from "../../../model/kubernetes/object";
import { resources } from "../../../model/kubernetes/resources";
import type { LabContext } from "../../context";
import { hasConditions, timestamp, withConditions, type Condition } from "../conditions";
import type { Controller } from "../controller";
import { stateOf } from "../hosts/states";
import type { World } from "../world";
import {
  claimHost,
  CLUSTER_LABEL,
  emptyHost,
  freeHost,
  HOST_ANNOTATION,
  type RenderedData,
} from "./association";
import { chooseHost } from "./choose-host";

const FINALIZER = "metal3machine.infrastructure.cluster.x-k8s.io";

/** The workload cluster as CAPM3 sees it: it looks for the Node of a server by the label with the server's uid. */
export interface NodeLookup {
  /** The Node labelled `metal3.io/uuid=<uid>`, once it registered. */
  nodeOf(host: KubernetesObject): KubernetesObject | undefined;
  setProviderId(host: KubernetesObject, node: KubernetesObject, providerId: string): Promise<void>;
  /** The server's own addresses. */
  addressesOf(host: KubernetesObject): readonly string[];
}

/** Plays CAPM3's Metal3Machine controller: takes a host, waits for it, and ties Node, host and machine together. */
export function metal3MachineController(context: LabContext, world: World, nodes: NodeLookup): Controller {
  const types = resources;

  function hostOf(machine: KubernetesObject): KubernetesObject | undefined {
    const [namespace, name] = (machine.metadata.annotations?.[HOST_ANNOTATION] ?? "").split("/");
    return world.get(types.BareMetalHost, name, namespace);
  }

  async function condition(machine: KubernetesObject, conditions: readonly Condition[]): Promise<void> {
    if (hasConditions(machine, conditions)) return;
    const status = { conditions: withConditions(machine, conditions, timestamp()) };
    await world.patch(types.Metal3Machine, machine, { status }, "status");
  }

  const waiting = (machine: KubernetesObject, reason: string, message = "", associated = false) =>
    condition(machine, [
      associated
        ? { type: "AssociateBareMetalHost", status: "True", reason: "AssociateBareMetalHost" }
        : { type: "AssociateBareMetalHost", status: "False", reason, message },
      { type: "Ready", status: "False", reason, message },
    ]);

  /** False while the rendered data is not there yet. */
  async function rendered(machine: KubernetesObject): Promise<RenderedData | undefined> {
    const template = text(machine, "spec", "dataTemplate", "name");
    if (template === undefined) return {};
    const { name, namespace, uid } = machine.metadata;
    const claim = world.get(types.Metal3DataClaim, name, namespace);
    if (claim === undefined) {
      await world.create(types.Metal3DataClaim, {
        apiVersion: types.Metal3DataClaim.apiVersion,
        kind: "Metal3DataClaim",
        metadata: {
          name,
          ...(namespace === undefined ? {} : { namespace }),
          labels: { [CLUSTER_LABEL]: machine.metadata.labels?.[CLUSTER_LABEL] ?? "" },
          ownerReferences: [ownerReference(machine, uid)],
        },
        spec: { template: { name: template, namespace } },
      });
      return undefined;
    }
    const data = world.get(types.Metal3Data, text(claim, "status", "renderedData", "name"), namespace);
    if (data === undefined || field(data, "status", "ready") !== true) return undefined;
    const metaData = text(data, "spec", "metaData", "name");
    const networkData = text(data, "spec", "networkData", "name");
    const names = {
      ...(metaData === undefined ? {} : { metaData }),
      ...(networkData === undefined ? {} : { networkData }),
    };
    if (text(machine, "status", "renderedData", "name") !== data.metadata.name) {
      const refs = Object.fromEntries(
        Object.entries(names).map(([key, secret]) => [key, { name: secret, namespace }]),
      );
      const status = { renderedData: { name: data.metadata.name, namespace }, ...refs };
      await world.patch(types.Metal3Machine, machine, { status }, "status");
    }
    return names;
  }

  async function associate(machine: KubernetesObject, cluster: string, userData: string): Promise<void> {
    const hosts = world.list(types.BareMetalHost, machine.metadata.namespace);
    const host = chooseHost(machine, hosts, Math.random);
    if (host === undefined) {
      await waiting(machine, "WaitingForAvailableHost", "no available host found");
      return;
    }
    const marked = await world.patch(types.Metal3Machine, machine, {
      metadata: { annotations: { [HOST_ANNOTATION]: `${host.metadata.namespace}/${host.metadata.name}` } },
    });
    const names = text(marked, "spec", "dataTemplate", "name") === undefined ? {} : undefined;
    // The image follows when the data is rendered; until then the host is only reserved.
    const claim = claimHost(host, marked, cluster, userData, names ?? {});
    const reserve =
      names === undefined
        ? { metadata: claim["metadata"], spec: { consumerRef: field(claim, "spec", "consumerRef") } }
        : claim;
    await world.patch(types.BareMetalHost, host, reserve);
    context.log.record(
      "host-claimed",
      `BareMetalHost/${host.metadata.name}`,
      `Metal3Machine/${machine.metadata.name}`,
    );
    await condition(marked, [
      { type: "AssociateBareMetalHost", status: "True", reason: "AssociateBareMetalHost" },
    ]);
  }

  async function provision(
    machine: KubernetesObject,
    host: KubernetesObject,
    cluster: string,
    userData: string,
  ) {
    if (text(host, "spec", "image", "url") === undefined) {
      const names = await rendered(machine);
      if (names === undefined)
        return waiting(machine, "WaitingForMetal3Data", "metadata is not rendered yet", true);
      await world.patch(types.BareMetalHost, host, claimHost(host, machine, cluster, userData, names));
    }
    if (stateOf(host) !== "provisioned") {
      return waiting(
        machine,
        "WaitingForBareMetalHost",
        `BareMetalHost ${host.metadata.name} is ${stateOf(host)}`,
        true,
      );
    }
    const providerId = `metal3://${host.metadata.namespace}/${host.metadata.name}/${machine.metadata.name}`;
    const node = nodes.nodeOf(host);
    if (node === undefined) {
      const message = `no Node with label metal3.io/uuid=${host.metadata.uid} in the workload cluster`;
      return waiting(machine, "SettingProviderIDOnNodeFailed", message, true);
    }
    const own = text(node, "spec", "providerID") ?? "";
    if (own !== "" && own !== providerId) {
      return waiting(
        machine,
        "SettingProviderIDOnNodeFailed",
        `Node ${node.metadata.name} has providerID ${own}`,
        true,
      );
    }
    if (own === "") await nodes.setProviderId(host, node, providerId);
    if (text(machine, "spec", "providerID") !== providerId) {
      await world.patch(types.Metal3Machine, machine, { spec: { providerID: providerId } });
    }
    if (field(machine, "status", "initialization", "provisioned") === true) return;
    const now = timestamp();
    const ready = [
      "AssociateBareMetalHost",
      "AssociateMetal3MachineMetaData",
      "Metal3DataReady",
      "Ready",
    ] as const;
    const status = {
      initialization: { provisioned: true },
      lastUpdated: now,
      addresses: [
        ...nodes.addressesOf(host).map((address) => ({ type: "InternalIP", address })),
        { type: "Hostname", address: node.metadata.name },
        { type: "InternalDNS", address: node.metadata.name },
      ],
      conditions: withConditions(
        machine,
        ready.map((type) => ({ type, status: "True" as const, reason: type })),
        now,
      ),
    };
    await world.patch(types.Metal3Machine, machine, { status }, "status");
    context.log.record("metal3machine-provisioned", `Metal3Machine/${machine.metadata.name}`, providerId);
  }

  async function release(machine: KubernetesObject): Promise<void> {
    const { name, namespace } = machine.metadata;
    const cluster = world.get(types.Cluster, machine.metadata.labels?.[CLUSTER_LABEL], namespace);
    const infrastructure = world.get(
      types.Metal3Cluster,
      text(cluster, "spec", "infrastructureRef", "name"),
      namespace,
    );
    // Real CAPM3 returns here: this is how foreground deletion strands machines for ever (facts 4.7).
    const provisioned = field(cluster, "status", "initialization", "infrastructureProvisioned") === true;
    if (cluster === undefined || infrastructure === undefined || !provisioned) {
      context.log.record(
        "metal3machine-stranded",
        `Metal3Machine/${name}`,
        "its Cluster or Metal3Cluster is gone or not ready",
      );
      return;
    }
    const host = hostOf(machine);
    if (host !== undefined && text(host, "spec", "consumerRef", "name") === name) {
      const names = renderedNames(machine);
      if (field(host, "spec", "image") !== undefined) {
        await waiting(machine, "Deleting", `BareMetalHost ${host.metadata.name} is being released`, true);
        await world.patch(types.BareMetalHost, host, emptyHost(host, names));
        context.log.record("host-emptied", `BareMetalHost/${host.metadata.name}`);
        return;
      }
      if (["provisioning", "provisioned", "deprovisioning"].includes(stateOf(host))) return;
      await world.patch(types.BareMetalHost, host, freeHost(host));
      context.log.record("host-released", `BareMetalHost/${host.metadata.name}`);
    }
    const claim = world.get(types.Metal3DataClaim, name, namespace);
    if (claim !== undefined && claim.metadata.deletionTimestamp === undefined) {
      await world.remove(types.Metal3DataClaim, claim);
    }
    await world.setFinalizer(types.Metal3Machine, latest(machine), FINALIZER, false);
    context.log.record("metal3machine-released", `Metal3Machine/${name}`);
  }

  const latest = (machine: KubernetesObject) =>
    world.get(types.Metal3Machine, machine.metadata.name, machine.metadata.namespace) ?? machine;

  return {
    name: "metal3machine",
    primary: types.Metal3Machine,
    also: [
      types.Machine,
      types.Cluster,
      types.Metal3Cluster,
      types.BareMetalHost,
      types.Metal3DataClaim,
      types.Metal3Data,
    ],
    async reconcile(machine) {
      if (machine.metadata.deletionTimestamp !== undefined) return release(machine);
      const { namespace, labels } = machine.metadata;
      const owner = list(machine, "metadata", "ownerReferences").find(
        (entry) => text(entry, "kind") === "Machine",
      );
      const capi = world.get(types.Machine, text(owner, "name"), namespace);
      const cluster = world.get(types.Cluster, labels?.[CLUSTER_LABEL], namespace);
      if (capi === undefined || cluster === undefined) return;
      if (field(cluster, "spec", "paused") === true) return;
      await world.setFinalizer(types.Metal3Machine, machine, FINALIZER, true);
      if (field(cluster, "status", "initialization", "infrastructureProvisioned") !== true) {
        return waiting(latest(machine), "WaitingForClusterInfrastructureReady");
      }
      const userData = text(capi, "spec", "bootstrap", "dataSecretName");
      if (userData === undefined) return waiting(latest(machine), "WaitingForBootstrapReady");
      const host = hostOf(machine);
      if (host === undefined) return associate(latest(machine), cluster.metadata.name, userData);
      if (text(host, "spec", "consumerRef", "name") === undefined) {
        return associate(latest(machine), cluster.metadata.name, userData);
      }
      return provision(latest(machine), host, cluster.metadata.name, userData);
    },
  };
}

/** An owner reference with which the owner's deletion takes the object along. */
export function ownerReference(owner: KubernetesObject, uid = owner.metadata.uid) {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: uid ?? "",
    controller: true,
  };
}

function renderedNames(machine: KubernetesObject): RenderedData {
  const metaData = text(machine, "status", "metaData", "name");
  const networkData = text(machine, "status", "networkData", "name");
  return {
    ...(metaData === undefined ? {} : { metaData }),
    ...(networkData === undefined ? {} : { networkData }),
  };
}
