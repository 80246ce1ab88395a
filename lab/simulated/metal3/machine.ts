import { field, list, text, type KubernetesObject } from "../../../model/kubernetes/object";
import { resources as types } from "../../../model/kubernetes/resources";
import type { LabContext } from "../../context";
import { hasConditions, timestamp, withConditions, type Condition } from "../conditions";
import type { Controller } from "../controller";
import { stateOf } from "../hosts/states";
import { keyOf, type Store } from "../store";
import { clusterLabel, hostAnnotation, claimHost, emptyHost, freeHost, ownerOf } from "./association";
import { chooseHost, keptFor, reuseSet } from "./choose-host";
import { machineFinalizer, releaseData, renderedFor } from "./machine-data";

/** The workload cluster as CAPM3 sees it: it looks for the Node of a server by the label with the server's uid. */
export interface NodeLookup {
  /** The Node labelled `metal3.io/uuid=<uid>`, once it registered. */
  nodeOf(host: KubernetesObject): KubernetesObject | undefined;
  setProviderId(host: KubernetesObject, node: KubernetesObject, providerId: string): Promise<void>;
}

/** The owner of a machine, once Cluster API has set it. */
interface Owners {
  readonly cluster: string;
  readonly bootstrapSecret: string;
}

/** Simulates CAPM3's Metal3Machine controller: takes a host, waits for it, and ties Node, host and machine together. */
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
    types.Metal3MachineTemplate,
    types.MachineSet,
  ];

  constructor(
    private readonly context: LabContext,
    private readonly store: Store,
    private readonly nodes: NodeLookup,
  ) {}

  /** CAPM3 watches neither Nodes nor hosts that become free: it reconciles again after 30 s. */
  private readonly looked = new Map<string, number>();

  async reconcile(machine: KubernetesObject): Promise<number | void> {
    if (machine.metadata.deletionTimestamp !== undefined) return this.release(machine);
    const { namespace, labels } = machine.metadata;
    const owner = this.store.get(types.Machine, ownerOf(machine, "Machine"), namespace);
    const cluster = this.store.get(types.Cluster, labels?.[clusterLabel], namespace);
    if (owner === undefined || cluster === undefined) return;
    if (field(cluster, "spec", "paused") === true) return;
    await this.store.setFinalizer(types.Metal3Machine, machine, machineFinalizer, true);
    const current = this.latest(machine);
    await this.labelLogin(current, cluster.metadata.name);
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
  private async associate(machine: KubernetesObject, cluster: string): Promise<number | void> {
    const due = this.lookAgainIn(machine, "host");
    if (due !== undefined) return due;
    const hosts = this.store.list(types.BareMetalHost, machine.metadata.namespace);
    const choice = chooseHost(machine, hosts, Math.random, reuseSet(this.store, machine));
    if (choice === undefined || "wait" in choice) {
      const why = choice?.wait ?? "no available host found. Requeuing. Object will be requeued after 30s";
      await this.waiting(
        machine,
        "AssociateBareMetalHostFailed",
        `failed to associate the Metal3Machine to a BareMetalHost: ${why}`,
      );
      return this.lookedAt(machine, "host");
    }
    const { host, reused } = choice;
    const { name } = host.metadata;
    const annotations = { [hostAnnotation]: `${host.metadata.namespace}/${name}` };
    const marked = await this.store.patch(types.Metal3Machine, machine, { metadata: { annotations } });
    const claim = claimHost(host, marked, cluster, "", {});
    const consumerRef = field(claim, "spec", "consumerRef");
    await this.store.patch(types.BareMetalHost, host, { metadata: claim["metadata"], spec: { consumerRef } });
    this.looked.delete(`host ${keyOf(machine)}`);
    this.context.log.record(
      "host-claimed",
      `BareMetalHost/${name}`,
      `Metal3Machine/${machine.metadata.name}`,
    );
    await this.report(marked, [reused ? reusedCondition : associatedCondition]);
  }

  /** The login's Secret carries the cluster's name while a machine holds its host; each change makes the operator try it again. */
  private async labelLogin(machine: KubernetesObject, cluster: string | null): Promise<void> {
    const host = this.hostOf(machine);
    if (host === undefined || text(host, "spec", "consumerRef", "name") !== machine.metadata.name) return;
    const name = text(host, "spec", "bmc", "credentialsName");
    const secret = this.store.get(types.Secret, name, host.metadata.namespace);
    if (secret === undefined || (secret.metadata.labels?.[clusterLabel] ?? null) === cluster) return;
    await this.store.patch(types.Secret, secret, { metadata: { labels: { [clusterLabel]: cluster } } });
  }

  private lookedAt(machine: KubernetesObject, what: "host" | "node"): number {
    this.looked.set(`${what} ${keyOf(machine)}`, Date.now());
    return this.context.pace.requeue;
  }

  /** Seconds until CAPM3 looks again after it found nothing; undefined when it is time. */
  private lookAgainIn(machine: KubernetesObject, what: "host" | "node"): number | undefined {
    const last = this.looked.get(`${what} ${keyOf(machine)}`);
    if (last === undefined) return undefined;
    const left = this.context.pace.requeue - (Date.now() - last) / 1000;
    return left > 0.01 ? left : undefined;
  }

  private async provision(
    machine: KubernetesObject,
    host: KubernetesObject,
    owners: Owners,
  ): Promise<number | void> {
    const { name, namespace, uid } = host.metadata;
    if (text(host, "spec", "image", "url") === undefined) {
      const names = await renderedFor(this.store, machine);
      if (names === undefined) {
        await this.report(machine, [dataPending]);
        return this.waiting(this.latest(machine), "NotReady", "metadata is not rendered yet", host);
      }
      const claim = claimHost(host, machine, owners.cluster, owners.bootstrapSecret, names);
      await this.store.patch(types.BareMetalHost, host, claim);
    }
    if (stateOf(host) !== "provisioned") {
      return this.waiting(machine, "NotReady", `BareMetalHost ${name} is ${stateOf(host)}`, host);
    }
    const providerId = `metal3://${namespace}/${name}/${machine.metadata.name}`;
    const due = this.lookAgainIn(machine, "node");
    if (due !== undefined) return due;
    const node = this.nodes.nodeOf(host);
    const own = text(node, "spec", "providerID") ?? "";
    if (node === undefined || (own !== "" && own !== providerId)) {
      const message =
        node === undefined
          ? `no Node with label metal3.io/uuid=${uid} in the workload cluster`
          : `Node ${node.metadata.name} has providerID ${own}`;
      await this.waiting(machine, "NotReady", message, host);
      return this.lookedAt(machine, "node");
    }
    if (own === "") await this.nodes.setProviderId(host, node, providerId);
    await this.finish(machine, host, providerId);
  }

  /** The providerID first, then the status: Cluster API reads the first once the second reports it. */
  private async finish(machine: KubernetesObject, host: KubernetesObject, providerID: string): Promise<void> {
    if (text(machine, "spec", "providerID") !== providerID) {
      await this.store.patch(types.Metal3Machine, machine, { spec: { providerID } });
    }
    if (field(machine, "status", "initialization", "provisioned") === true) return;
    const now = timestamp();
    const done = [
      ["AssociateMetal3MachineMetaData", "AssociateMetal3MachineMetaDataSuccess"],
      ["Metal3DataReady", "Metal3DataSecretsReady"],
      ["Ready", "Ready"],
    ] as const;
    const status = {
      initialization: { provisioned: true },
      lastUpdated: now,
      addresses: inspectedAddresses(host),
      conditions: withConditions(
        machine,
        done.map(([type, reason]) => ({ type, status: "True", reason })),
        now,
      ),
    };
    await this.store.patch(types.Metal3Machine, machine, { status }, "status");
    this.context.log.record(
      "metal3machine-provisioned",
      `Metal3Machine/${machine.metadata.name}`,
      providerID,
    );
  }

  private async release(machine: KubernetesObject): Promise<void> {
    const { name, namespace, labels } = machine.metadata;
    const cluster = this.store.get(types.Cluster, labels?.[clusterLabel], namespace);
    const infrastructure = text(cluster, "spec", "infrastructureRef", "name");
    // Real CAPM3 returns here: a wrong order of deletion therefore leaves machines that are never removed.
    if (
      this.store.get(types.Metal3Cluster, infrastructure, namespace) === undefined ||
      !infrastructureReady(cluster)
    ) {
      const why = "its Cluster or Metal3Cluster is gone or not ready";
      this.context.log.record("metal3machine-stranded", `Metal3Machine/${name}`, why);
      return;
    }
    await this.report(machine, [deleting]);
    await releaseData(this.store, this.latest(machine));
    const host = this.hostOf(machine);
    if (host !== undefined && text(host, "spec", "consumerRef", "name") === name) {
      if (!(await this.releaseHost(this.latest(machine), host))) return;
    }
    await this.store.setFinalizer(types.Metal3Machine, this.latest(machine), machineFinalizer, false);
    for (const what of ["host", "node"]) this.looked.delete(`${what} ${keyOf(machine)}`);
    this.context.log.record("metal3machine-released", `Metal3Machine/${name}`);
  }

  /** True when the host is released; false while it is being cleaned. */
  private async releaseHost(machine: KubernetesObject, host: KubernetesObject): Promise<boolean> {
    const object = `BareMetalHost/${host.metadata.name}`;
    if (field(host, "spec", "image") !== undefined) {
      await this.waiting(machine, "Deleting", `${object} is being released`, host);
      await this.labelLogin(machine, null);
      await this.store.patch(types.BareMetalHost, host, emptyHost());
      this.context.log.record("host-emptied", object);
      return false;
    }
    if (!isReleasable(host)) return false;
    await this.store.patch(types.BareMetalHost, host, freeHost(host, keptFor(this.store, machine)));
    this.context.log.record("host-released", object);
    return true;
  }

  private waiting(
    machine: KubernetesObject,
    reason: string,
    message = "",
    host?: KubernetesObject,
  ): Promise<void> {
    const associated = conditionsOf(machine).some((each) => text(each, "reason") === reusedCondition.reason)
      ? reusedCondition
      : associatedCondition;
    const association: Condition =
      host === undefined ? { type: "AssociateBareMetalHost", status: "False", reason, message } : associated;
    return this.report(machine, [
      association,
      { type: "Ready", status: "False", reason: "NotReady", message },
    ]);
  }

  private async report(machine: KubernetesObject, conditions: readonly Condition[]): Promise<void> {
    const all = [...conditions, notPaused];
    if (hasConditions(machine, all)) return;
    const status = { conditions: withConditions(machine, all, timestamp()) };
    await this.store.patch(types.Metal3Machine, machine, { status }, "status");
  }

  private hostOf(machine: KubernetesObject): KubernetesObject | undefined {
    const [namespace, name] = (machine.metadata.annotations?.[hostAnnotation] ?? "").split("/");
    return this.store.get(types.BareMetalHost, name, namespace);
  }

  private latest(machine: KubernetesObject): KubernetesObject {
    const { name, namespace } = machine.metadata;
    return this.store.get(types.Metal3Machine, name, namespace) ?? machine;
  }
}

const associatedCondition: Condition = {
  type: "AssociateBareMetalHost",
  status: "True",
  reason: "AssociateBareMetalHostSuccess",
};

const reusedCondition: Condition = {
  ...associatedCondition,
  reason: "AssociateBareMetalHostViaNodeReuseSuccess",
};

const dataPending: Condition = { type: "Metal3DataReady", status: "False", reason: "WaitingForMetal3Data" };

const deleting: Condition = { type: "AssociateMetal3MachineMetaData", status: "False", reason: "Deleting" };

const notPaused: Condition = { type: "Paused", status: "False", reason: "NotPaused" };

const conditionsOf = (machine: KubernetesObject) => list(machine, "status", "conditions");

/** Those that the inspection's ramdisk had: CAPM3 knows none of the node's. */
function inspectedAddresses(host: KubernetesObject): readonly { type: string; address: string }[] {
  const hostname = text(host, "status", "hardware", "hostname");
  return [
    ...list(host, "status", "hardware", "nics").flatMap((nic) => {
      const address = text(nic, "ip") ?? "";
      return address === "" ? [] : [{ type: "InternalIP", address }];
    }),
    ...(hostname === undefined
      ? []
      : ["Hostname", "InternalDNS"].map((type) => ({ type, address: hostname }))),
  ];
}

/** Any other state is waited for, also the end of a host that is deleted itself (metal3machine_manager.go, Delete). */
function isReleasable(host: KubernetesObject): boolean {
  const state = stateOf(host);
  if (state === "externally provisioned") return field(host, "status", "poweredOn") !== true;
  return ["", "unmanaged", "registering", "inspecting", "available", "ready"].includes(state);
}

function infrastructureReady(cluster: KubernetesObject | undefined): boolean {
  return field(cluster, "status", "initialization", "infrastructureProvisioned") === true;
}
