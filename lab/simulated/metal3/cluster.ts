import { field } from "../../../model/kubernetes/object";
import { resources } from "../../../model/kubernetes/resources";
import type { LabContext } from "../../context";
import { timestamp, withConditions } from "../conditions";
import type { Controller } from "../controller";
import type { Store } from "../store";
import { clusterLabel, ownerOf } from "./association";

const finalizer = "metal3cluster.infrastructure.cluster.x-k8s.io";

/** Simulates CAPM3's Metal3Cluster controller: it only reports readiness and waits for Machines to be deleted. */
export function metal3ClusterController(context: LabContext, store: Store): Controller {
  return {
    name: "metal3cluster",
    primary: resources.Metal3Cluster,
    also: [resources.Machine],
    async reconcile(object) {
      const { name, namespace } = object.metadata;
      const cluster = ownerOf(object, "Cluster");
      if (object.metadata.deletionTimestamp !== undefined) {
        const machines = store
          .list(resources.Machine, namespace)
          .filter((machine) => machine.metadata.labels?.[clusterLabel] === (cluster ?? name));
        if (machines.length > 0) return;
        await store.setFinalizer(resources.Metal3Cluster, object, finalizer, false);
        context.log.record("metal3cluster-released", `Metal3Cluster/${name}`);
        return;
      }
      if (cluster === undefined) return;
      await store.setFinalizer(resources.Metal3Cluster, object, finalizer, true);
      if (field(object, "status", "initialization", "provisioned") === true) return;
      const now = timestamp();
      const conditions = withConditions(
        object,
        [
          { type: "BaremetalInfrastructureReady", status: "True", reason: "BaremetalInfrastructureReady" },
          { type: "Ready", status: "True", reason: "Ready" },
        ],
        now,
      );
      const failureDomains = field(object, "spec", "failureDomains");
      const status = {
        initialization: { provisioned: true },
        lastUpdated: now,
        conditions,
        ...(failureDomains === undefined ? {} : { failureDomains }),
      };
      await store.patch(resources.Metal3Cluster, object, { status }, "status");
      context.log.record("metal3cluster-provisioned", `Metal3Cluster/${name}`);
    },
  };
}
