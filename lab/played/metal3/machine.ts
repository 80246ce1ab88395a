import { field, text, type KubernetesObject } from "../../../model/kubernetes/object";
import { resources as types } from "../../../model/kubernetes/resources";
import type { LabContext } from "../../context";
import { hasConditions, timestamp, withConditions, type Condition } from "../conditions";
import type { Controller } from "../controller";
import { stateOf } from "../hosts/states";
import type { World } from "../world";
import { claimHost, CLUSTER_LABEL, emptyHost, freeHost, HOST_ANNOTATION } from "./association";
import { chooseHost } from "./choose-host";
import { renderedFor, renderedNames } from "./machine-data";
import { ownerOf } from "./owner";

const FINALIZER = "metal3machine.infrastructure.cluster.x-k8s.io";

/** The workload cluster as CAPM3 sees it: it looks for the Node of a server by the label with the server's uid. */
export interface NodeLookup {
  /** The Node labelled `metal3.io/uuid=<uid>`, once it registered. */
  nodeOf(host: KubernetesObject): KubernetesObject | undefined;
  setProviderId(host: KubernetesObject, node: KubernetesObject, providerId: string): Promise<void>;
  /** The server's own addresses. */
  addressesOf(host: KubernetesObject): readonly string[];
}

/** Who a machine belongs to, once Cluster API has said so. */
interface Owners {
  readonly cluster: string;
  readonly bootstrapSecret: string;
}

/** Plays CAPM3's Metal3Machine controller: takes a host, waits for it, and ties Node, host and machine together. */
export class Metal3Machines implements Controller {
  readonly name = "metal3machine";
  readonly primary = types.Metal3Machine;
  readonly also = [
    types.Machine,
    types.Cluster,
    types.Metal3Cluster,
    types.BareMetalHost,
    types.Metal3DataClaim,
    types.Metal3Data,
  ];

  constructor(
    private readonly context: LabContext,
    private readonly world: World,
    private readonly nodes: NodeLookup,
  ) {}

  async reconcile(machine: KubernetesObject): Promise<void> {
    if (machine.metadata.deletionTimestamp !== undefined) return this.release(machine);
    const { namespace, labels } = machine.metadata;
    const owner = this.world.get(types.Machine, ownerOf(machine, "Machine"), namespace);
    const cluster = this.world.get(types.Cluster, labels?.[CLUSTER_LABEL], namespace);
    if (owner === undefined || cluster === undefined) return;
    if (field(cluster, "spec", "paused") === true) return;
    await this.world.setFinalizer(types.Metal3Machine, machine, FINALIZER, true);
    const current = this.latest(machine);
    if (!infrastructureReady(cluster)) return this.waiting(current, "WaitingForClusterInfrastructureReady");
    const bootstrapSecret = text(owner, "spec", "bootstrap", "dataSecretName");
    if (bootstrapSecret === undefined) return this.waiting(current, "WaitingForBootstrapReady");
    const host = this.hostOf(current);
    if (host === undefined || text(host, "spec", "consumerRef", "name") === undefined) {
      return this.associate(current, cluster.metadata.name);
    }
    return this.provision(current, host, { cluster: cluster.metadata.name, bootstrapSecret });
  }

  /** Reserves a host. What it shall run follows when the machine's data is rendered. */
  private async associate(machine: KubernetesObject, cluster: string): Promise<void> {
    const hosts = this.world.list(types.BareMetalHost, machine.metadata.namespace);
    const host = chooseHost(machine, hosts, Math.random);
    if (host === undefined) {
      return this.waiting(machine, "WaitingForAvailableHost", "no available host found");
    }
    const { name } = host.metadata;
    const annotations = { [HOST_ANNOTATION]: `${host.metadata.namespace}/${name}` };
    const marked = await this.world.patch(types.Metal3Machine, machine, { metadata: { annotations } });
    const claim = claimHost(host, marked, cluster, "", {});
    const consumerRef = field(claim, "spec", "consumerRef");
    await this.world.patch(types.BareMetalHost, host, { metadata: claim["metadata"], spec: { consumerRef } });
    this.context.log.record(
      "host-claimed",
      `BareMetalHost/${name}`,
      `Metal3Machine/${machine.metadata.name}`,
    );
    await this.say(marked, [ASSOCIATED]);
  }

  private async provision(machine: KubernetesObject, host: KubernetesObject, owners: Owners): Promise<void> {
    const { name, namespace, uid } = host.metadata;
    if (text(host, "spec", "image", "url") === undefined) {
      const names = await renderedFor(this.world, machine);
      if (names === undefined) {
        return this.waiting(machine, "WaitingForMetal3Data", "metadata is not rendered yet", true);
      }
      const claim = claimHost(host, machine, owners.cluster, owners.bootstrapSecret, names);
      await this.world.patch(types.BareMetalHost, host, claim);
    }
    if (stateOf(host) !== "provisioned") {
      const message = `BareMetalHost ${name} is ${stateOf(host)}`;
      return this.waiting(machine, "WaitingForBareMetalHost", message, true);
    }
    const providerId = `metal3://${namespace}/${name}/${machine.metadata.name}`;
    const node = this.nodes.nodeOf(host);
    const own = text(node, "spec", "providerID") ?? "";
    if (node === undefined || (own !== "" && own !== providerId)) {
      const message =
        node === undefined
          ? `no Node with label metal3.io/uuid=${uid} in the workload cluster`
          : `Node ${node.metadata.name} has providerID ${own}`;
      return this.waiting(machine, "SettingProviderIDOnNodeFailed", message, true);
    }
    if (own === "") await this.nodes.setProviderId(host, node, providerId);
    await this.finish(machine, host, node, providerId);
  }

  /** The providerID first, then the status: Cluster API reads the first when the second says so. */
  private async finish(
    machine: KubernetesObject,
    host: KubernetesObject,
    node: KubernetesObject,
    providerID: string,
  ): Promise<void> {
    if (text(machine, "spec", "providerID") !== providerID) {
      await this.world.patch(types.Metal3Machine, machine, { spec: { providerID } });
    }
    if (field(machine, "status", "initialization", "provisioned") === true) return;
    const now = timestamp();
    const done = ["AssociateBareMetalHost", "AssociateMetal3MachineMetaData", "Metal3DataReady", "Ready"];
    const status = {
      initialization: { provisioned: true },
      lastUpdated: now,
      addresses: [
        ...this.nodes.addressesOf(host).map((address) => ({ type: "InternalIP", address })),
        { type: "Hostname", address: node.metadata.name },
        { type: "InternalDNS", address: node.metadata.name },
      ],
      conditions: withConditions(
        machine,
        done.map((type) => ({ type, status: "True", reason: type })),
        now,
      ),
    };
    await this.world.patch(types.Metal3Machine, machine, { status }, "status");
    this.context.log.record(
      "metal3machine-provisioned",
      `Metal3Machine/${machine.metadata.name}`,
      providerID,
    );
  }

  private async release(machine: KubernetesObject): Promise<void> {
    const { name, namespace, labels } = machine.metadata;
    const cluster = this.world.get(types.Cluster, labels?.[CLUSTER_LABEL], namespace);
    const infrastructure = text(cluster, "spec", "infrastructureRef", "name");
    // Real CAPM3 returns here: this is how a wrong order of deletion strands machines for ever (facts 4.7).
    if (
      this.world.get(types.Metal3Cluster, infrastructure, namespace) === undefined ||
      !infrastructureReady(cluster)
    ) {
      const why = "its Cluster or Metal3Cluster is gone or not ready";
      this.context.log.record("metal3machine-stranded", `Metal3Machine/${name}`, why);
      return;
    }
    const host = this.hostOf(machine);
    if (host !== undefined && text(host, "spec", "consumerRef", "name") === name) {
      if (!(await this.releaseHost(machine, host))) return;
    }
    const claim = this.world.get(types.Metal3DataClaim, name, namespace);
    if (claim !== undefined) await this.world.remove(types.Metal3DataClaim, claim);
    await this.world.setFinalizer(types.Metal3Machine, this.latest(machine), FINALIZER, false);
    this.context.log.record("metal3machine-released", `Metal3Machine/${name}`);
  }

  /** True when the host is nobody's any more; false while it is being cleaned. */
  private async releaseHost(machine: KubernetesObject, host: KubernetesObject): Promise<boolean> {
    const object = `BareMetalHost/${host.metadata.name}`;
    if (field(host, "spec", "image") !== undefined) {
      await this.waiting(machine, "Deleting", `${object} is being released`, true);
      await this.world.patch(types.BareMetalHost, host, emptyHost(host, renderedNames(machine)));
      this.context.log.record("host-emptied", object);
      return false;
    }
    if (["provisioning", "provisioned", "deprovisioning"].includes(stateOf(host))) return false;
    await this.world.patch(types.BareMetalHost, host, freeHost(host));
    this.context.log.record("host-released", object);
    return true;
  }

  private waiting(
    machine: KubernetesObject,
    reason: string,
    message = "",
    associated = false,
  ): Promise<void> {
    const host: Condition = associated
      ? ASSOCIATED
      : { type: "AssociateBareMetalHost", status: "False", reason, message };
    return this.say(machine, [host, { type: "Ready", status: "False", reason, message }]);
  }

  private async say(machine: KubernetesObject, conditions: readonly Condition[]): Promise<void> {
    if (hasConditions(machine, conditions)) return;
    const status = { conditions: withConditions(machine, conditions, timestamp()) };
    await this.world.patch(types.Metal3Machine, machine, { status }, "status");
  }

  private hostOf(machine: KubernetesObject): KubernetesObject | undefined {
    const [namespace, name] = (machine.metadata.annotations?.[HOST_ANNOTATION] ?? "").split("/");
    return this.world.get(types.BareMetalHost, name, namespace);
  }

  private latest(machine: KubernetesObject): KubernetesObject {
    const { name, namespace } = machine.metadata;
    return this.world.get(types.Metal3Machine, name, namespace) ?? machine;
  }
}

const ASSOCIATED: Condition = {
  type: "AssociateBareMetalHost",
  status: "True",
  reason: "AssociateBareMetalHost",
};

function infrastructureReady(cluster: KubernetesObject | undefined): boolean {
  return field(cluster, "status", "initialization", "infrastructureProvisioned") === true;
}
