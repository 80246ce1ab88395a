import { field, text, type KubernetesObject } from "../../../model/kubernetes/object";
import { resources } from "../../../model/kubernetes/resources";
import type { LabContext } from "../../context";
import type { Workloads } from "../../workload";
import type { Controller } from "../controller";
import { stateOf } from "../hosts/states";
import { CLUSTER_LABEL } from "../metal3/association";
import { keyOf, type World } from "../store";
import { Leases } from "./address";
import { bootingNode } from "./booting-node";
import { BootRefused } from "./refusal";

interface BootState {
  readonly uid: string;
  readonly at: number;
  done: boolean;
}

/** Plays the first boot of each provisioned server: cloud-init, then kubeadm. */
export function bootController(context: LabContext, world: World, workloads: Workloads): Controller {
  const boots = new Map<string, BootState>();
  const leases = new Leases();

  async function boot(host: KubernetesObject, state: BootState): Promise<number | void> {
    if (context.faults.strikes("node-dead", host.metadata.name)) {
      state.done = true;
      context.log.record("boot-dead", `BareMetalHost/${host.metadata.name}`);
      return;
    }
    try {
      const node = bootingNode(context, world, host, leases);
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
