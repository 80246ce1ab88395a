import { type Fault, type FaultContext, workerHost } from "./fault";
import { type KubernetesObject, text } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import { polled } from "../../ops/polling";
import { nodeReuseLabel, unhealthyAnnotations } from "../../model/live/readiness/host-claim";

const patienceSeconds = 180;

/** The worker's Machine, once it has a node. */
async function workersMachine(stage: FaultContext): Promise<KubernetesObject> {
  const read = async () => {
    const host = await stage.management.get(resources.BareMetalHost, workerHost(stage), stage.namespace);
    const name = text(host, "spec", "consumerRef", "name");
    const { items } = await stage.management.list(resources.Machine, stage.namespace);
    const machine = items.find((each) => text(each, "spec", "infrastructureRef", "name") === name);
    return name !== undefined && text(machine, "status", "nodeRef", "name") !== undefined
      ? machine
      : undefined;
  };
  const limits = { seconds: patienceSeconds, everySeconds: 0.1 };
  const { reading } = await polled(read, (machine) => machine !== undefined, limits);
  if (reading === undefined) throw new Error(`the worker had no node within ${patienceSeconds} s`);
  return reading;
}

/** The server dies, and a remediation reboots it twice: what a health check requests when a node has not reported for too long. */
async function remediate(stage: FaultContext): Promise<void> {
  const { apiVersion, kind, metadata } = await workersMachine(stage);
  stage.hostFaults.activate({ kind: "node-dead", host: workerHost(stage) });
  const { name, uid = "", labels = {} } = metadata;
  const cluster = labels["cluster.x-k8s.io/cluster-name"] ?? "";
  await stage.management.create(resources.Metal3Remediation, {
    apiVersion: resources.Metal3Remediation.apiVersion,
    kind: "Metal3Remediation",
    metadata: {
      name,
      namespace: stage.namespace,
      labels: { "cluster.x-k8s.io/cluster-name": cluster },
      ownerReferences: [{ apiVersion, kind, name, uid }],
    },
    spec: { strategy: { type: "Reboot", retryLimit: 1, timeoutSeconds: 100 } },
  });
}

/** The server is repaired, and a person has its machine replaced, as `recover host` and `recover machine` do it. */
async function replaceMachine(stage: FaultContext): Promise<void> {
  stage.hostFaults.clear("node-dead");
  const { name } = (await workersMachine(stage)).metadata;
  const annotations = Object.fromEntries(unhealthyAnnotations.map((mark) => [mark, null]));
  await stage.management.mergePatch(resources.BareMetalHost, workerHost(stage), stage.namespace, {
    metadata: { annotations },
  });
  await stage.management.delete(resources.Machine, name, stage.namespace);
}

/** Reboots that do not help: no release of Metal3 then replaces the machine, so the wait must report it. */
export const rebootsInVain: Fault = {
  name: "reboots-in-vain",
  breaks: "the worker's server dies when its node has joined, and two reboots do not help",
  during: "up",
  changes: [{ at: ["metal:workers", 0, "healthCheck"], to: { reboots: 2 } }],
  when: { once: "host-claimed" },
  inject: remediate,
  repair: replaceMachine,
  mustEnd: {
    as: "failure",
    withinSeconds: 300,
    printing: [/machines\/remediation-given-up/, /recover machine/],
  },
};

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
