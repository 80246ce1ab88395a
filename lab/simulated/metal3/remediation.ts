import { field, list, number, text, type KubernetesObject } from "../../../model/kubernetes/object";
import { resources as types } from "../../../model/kubernetes/resources";
import { remediatedMachine, remediationFinalizer } from "../../../model/live/recover/remediation";
import type { LabContext } from "../../context";
import { timestamp } from "../conditions";
import type { Controller } from "../controller";
import type { Store } from "../store";
import { hostAnnotation } from "./association";

/** The workload cluster as a remediation sees it. */
export interface RemediatedNodes {
  /** The Node of a server, also while that is off. */
  lastNodeOf(host: KubernetesObject): KubernetesObject | undefined;
  deleteNode(host: KubernetesObject, node: KubernetesObject): Promise<void>;
}

/** How often a remediation is looked at, in seconds. */
const again = 0.3;

/**
 * Simulates CAPM3's Metal3Remediation controller (v1.14 controllers/metal3remediation_controller.go): power off, delete the
 * node, power on, wait; the same again while retries are left; then it marks the host and sets a condition that Cluster API
 * does not read. It does nothing more from there on, nor for an object whose Machine is gone.
 */
export class Remediations implements Controller {
  readonly name = "metal3remediation";
  readonly primary = types.Metal3Remediation;
  readonly also = [];
  /** When the present attempt began, by uid. */
  private readonly begun = new Map<string, number>();

  constructor(
    private readonly context: LabContext,
    private readonly store: Store,
    private readonly nodes: RemediatedNodes,
  ) {}

  async reconcile(remediation: KubernetesObject): Promise<number | void> {
    const { namespace } = remediation.metadata;
    const machine = this.store.get(types.Machine, remediatedMachine(remediation), namespace);
    const metal3 = this.store.get(
      types.Metal3Machine,
      text(machine, "spec", "infrastructureRef", "name"),
      namespace,
    );
    const [, name] = (metal3?.metadata.annotations?.[hostAnnotation] ?? "").split("/");
    const host = this.store.get(types.BareMetalHost, name, namespace);
    // CAPM3 fails here, again and again: whatever finalizer the object has stays.
    if (machine === undefined || host === undefined) return 5;
    if (field(host, "spec", "online") !== true) {
      if (text(remediation, "status", "phase") !== "Failed")
        await this.enter(remediation, { phase: "Failed" });
      return;
    }
    switch (text(remediation, "status", "phase") ?? "") {
      case "":
        await this.begin(remediation);
        return again;
      case "Running":
        return this.running(remediation, host);
      case "Waiting":
        return this.waiting(remediation, host, machine);
      default:
        return;
    }
  }

  private async enter(remediation: KubernetesObject, status: Record<string, unknown>): Promise<void> {
    await this.store.patch(types.Metal3Remediation, remediation, { status }, "status");
    this.context.log.record(
      "remediation-phase",
      `Metal3Remediation/${remediation.metadata.name}`,
      String(status["phase"]),
    );
  }

  private begin(remediation: KubernetesObject, retryCount?: number): Promise<void> {
    this.begun.set(remediation.metadata.uid ?? "", Date.now());
    const lastRemediated = timestamp();
    return this.enter(remediation, {
      phase: "Running",
      lastRemediated,
      ...(retryCount === undefined ? {} : { retryCount }),
    });
  }

  private async running(remediation: KubernetesObject, host: KubernetesObject): Promise<number | void> {
    if (!(remediation.metadata.finalizers ?? []).includes(remediationFinalizer)) {
      await this.store.setFinalizer(types.Metal3Remediation, remediation, remediationFinalizer, true);
      return again;
    }
    const key = powerOffKey(remediation);
    if (host.metadata.annotations?.[key] === undefined) {
      const annotations = { [key]: JSON.stringify({ mode: "hard" }) };
      await this.store.patch(types.BareMetalHost, host, { metadata: { annotations } });
      this.context.log.record("remediation-power-off", `BareMetalHost/${host.metadata.name}`);
      return again;
    }
    if (field(host, "status", "poweredOn") !== false) return again;
    const node = this.nodes.lastNodeOf(host);
    if (node !== undefined) {
      await this.nodes.deleteNode(host, node);
      return again;
    }
    await this.enter(remediation, { phase: "Waiting" });
    return again;
  }

  private async waiting(
    remediation: KubernetesObject,
    host: KubernetesObject,
    machine: KubernetesObject,
  ): Promise<number | void> {
    const key = powerOffKey(remediation);
    if (host.metadata.annotations?.[key] !== undefined) {
      await this.store.patch(types.BareMetalHost, host, { metadata: { annotations: { [key]: null } } });
      return again;
    }
    if (field(host, "status", "poweredOn") !== true) return again;
    if (this.nodes.lastNodeOf(host) !== undefined) {
      await this.store.setFinalizer(types.Metal3Remediation, remediation, remediationFinalizer, false);
    }
    const strategy = field(remediation, "spec", "strategy");
    const seconds = (number(strategy, "timeoutSeconds") ?? 600) / this.context.pace.remediationSpeed;
    const since = this.begun.get(remediation.metadata.uid ?? "") ?? Date.now();
    this.begun.set(remediation.metadata.uid ?? "", since);
    if (Date.now() - since < seconds * 1000) return again;
    const retries = number(remediation, "status", "retryCount") ?? 0;
    if (retries < (number(strategy, "retryLimit") ?? 1)) {
      await this.begin(
        this.store.get(types.Metal3Remediation, remediation.metadata.name, remediation.metadata.namespace) ??
          remediation,
        retries + 1,
      );
      return again;
    }
    await reportOwner(this.store, machine);
    const annotations = { "capm3.metal3.io/unhealthy": "capm3/UnhealthyNode" };
    await this.store.patch(types.BareMetalHost, host, { metadata: { annotations } });
    await this.enter(remediation, { phase: "Deleting machine" });
  }
}

function powerOffKey({ metadata }: KubernetesObject): string {
  return `reboot.metal3.io/metal3-remediation-${metadata.uid ?? ""}`;
}

/** The condition that moves a machine to Cluster API's own remediation, in the only place where CAPM3 writes it. */
async function reportOwner(store: Store, machine: KubernetesObject): Promise<void> {
  const conditions = list(machine, "status", "deprecated", "v1beta1", "conditions").filter(
    (condition) => text(condition, "type") !== "OwnerRemediated",
  );
  const condition = {
    type: "OwnerRemediated",
    status: "False",
    severity: "Warning",
    reason: "WaitingForRemediation",
    lastTransitionTime: timestamp(),
  };
  const status = { deprecated: { v1beta1: { conditions: [...conditions, condition] } } };
  await store.patch(types.Machine, machine, { status }, "status");
}
