import { type Fault, type FaultContext, workerHost } from "./fault";
import { resources } from "../../model/kubernetes/resources";
import { nodeReuseLabel } from "../../model/live/readiness/host-claim";

/** What a scale-in with nodeReuse leaves on the worker's host. */
async function keep(stage: FaultContext): Promise<void> {
  const name = workerHost(stage);
  const pool = stage.hosts.find((host) => host.name === name)?.pool ?? "";
  const [cluster] = (await stage.management.list(resources.Cluster, stage.namespace)).items;
  if (cluster === undefined) throw new Error("the Cluster is not there yet");
  const { apiVersion, kind, metadata } = cluster;
  await stage.management.mergePatch(resources.BareMetalHost, name, stage.namespace, {
    metadata: { labels: { [nodeReuseLabel]: `md-${metadata.name}-${pool}` } },
    spec: { consumerRef: { apiVersion, kind, name: metadata.name, namespace: stage.namespace } },
  });
}

/** A kept host is free for its pool: the next machine gets it, and no report counts it as another cluster's. */
export const nodeReuseScaleIn: Fault = {
  name: "node-reuse-scale-in",
  breaks: "the worker's host is kept for its pool, as a scale-in with nodeReuse leaves it",
  during: "up",
  changes: [{ at: ["metal:workers", 0, "nodeReuse"], to: true }],
  when: { once: "metal3cluster-provisioned" },
  inject: keep,
  repair: () => Promise.resolve(),
  mustEnd: {
    as: "success",
    withinSeconds: 300,
    printing: [/available, kept for the next machine of its pool/],
  },
};
