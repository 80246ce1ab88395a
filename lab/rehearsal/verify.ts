import { type KubernetesObject, field, list, number, text } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import { KubernetesApi } from "../../ops/kubernetes/api";
import { kubeconfigIn } from "../../ops/kubernetes/kubeconfig";
import type { LabRun } from "./lab-run";
import type { StackFacts } from "./stack-file";
import { type Verdict, settled } from "./report";
import { bothEndsOfBgp } from "./verify-bgp";
import { controlPlaneAsPlanned } from "./verify-control-plane";
import { trafficFlows } from "./verify-traffic";

/** The kubeconfig that Cluster API wrote for the workload cluster. */
export async function workloadKubeconfig(management: KubernetesApi, facts: StackFacts): Promise<string> {
  const name = `${facts.cluster}-kubeconfig`;
  const secret = await management.get(resources.Secret, name, facts.namespace);
  const kubeconfig = kubeconfigIn(secret);
  if (kubeconfig === undefined) {
    throw new Error(`Secret ${facts.namespace}/${name} with the workload kubeconfig is not there`);
  }
  return kubeconfig;
}

/** Verifies both clusters, independently of what the program reported. */
export async function verify(lab: LabRun, facts: StackFacts): Promise<readonly Verdict[]> {
  const management = lab.plane.api;
  const workload = await KubernetesApi.open(await workloadKubeconfig(management, facts));
  try {
    const verdicts = await Promise.all([
      nodesReady(management, workload, facts),
      ciliumRolledOut(workload),
      noKubeProxy(workload),
      resourceSetApplied(management, facts),
      settled(() => sessionsEstablished(workload, facts)),
    ]);
    const controlPlane = await controlPlaneAsPlanned(workload, lab, facts);
    const bgp = await bothEndsOfBgp(workload, lab, facts);
    return [...verdicts, ...controlPlane, ...bgp, ...(await trafficFlows(workload, lab))];
  } finally {
    workload.close();
  }
}

async function nodesReady(
  management: KubernetesApi,
  workload: KubernetesApi,
  facts: StackFacts,
): Promise<Verdict> {
  const [controlPlanes, pools] = await Promise.all([
    management.list(resources.KubeadmControlPlane, facts.namespace),
    management.list(resources.MachineDeployment, facts.namespace),
  ]);
  // Another stack may live in the same namespace.
  const owners = [
    ...controlPlanes.items.filter(({ metadata }) => metadata.name === facts.cluster),
    ...pools.items.filter(({ spec }) => spec?.clusterName === facts.cluster),
  ];
  const count = owners.reduce((sum, { spec }) => sum + (spec?.replicas ?? 0), 0);
  const { items: nodes } = await workload.list(resources.Node);
  const unready = nodes.filter((node) => !hasCondition(node, "Ready"));
  return {
    statement: `all ${count} nodes are Ready`,
    against: [
      ...unready.map((node) => `node ${node.metadata.name} is not Ready`),
      ...(nodes.length === count
        ? []
        : [`there are ${nodes.length} nodes: ${nodes.map((node) => node.metadata.name).join(", ")}`]),
    ],
  };
}

/** Whether everything of Cilium is rolled out. */
export async function ciliumRolledOut(workload: KubernetesApi): Promise<Verdict> {
  const query = { labelSelector: "app.kubernetes.io/part-of=cilium" };
  const daemonSets = (await workload.list(resources.DaemonSet, undefined, query)).items;
  const deployments = (await workload.list(resources.Deployment, undefined, query)).items;
  const names = [...daemonSets, ...deployments].map((owner) => owner.metadata.name);
  const stuck = [
    ...daemonSets.filter(
      (set) =>
        !current(set) ||
        number(set, "status", "desiredNumberScheduled") === 0 ||
        number(set, "status", "updatedNumberScheduled") !== number(set, "status", "desiredNumberScheduled") ||
        number(set, "status", "numberAvailable") !== number(set, "status", "desiredNumberScheduled"),
    ),
    ...deployments.filter(
      (set) =>
        !current(set) || number(set, "status", "availableReplicas") !== number(set, "spec", "replicas"),
    ),
  ];
  return {
    statement: `Cilium is rolled out (${names.join(", ")})`,
    against: [
      ...stuck.map((owner) => `${owner.kind} ${owner.metadata.name} is not rolled out`),
      ...(["cilium", "cilium-operator"].every((name) => names.includes(name))
        ? []
        : ["cilium or cilium-operator is missing"]),
    ],
  };
}

async function noKubeProxy(workload: KubernetesApi): Promise<Verdict> {
  const found = await workload.get(resources.DaemonSet, "kube-proxy", "kube-system");
  return {
    statement: "kube-proxy is not installed",
    against: found === undefined ? [] : ["DaemonSet kube-system/kube-proxy exists"],
  };
}

async function resourceSetApplied(management: KubernetesApi, facts: StackFacts): Promise<Verdict> {
  const binding = await management.get(resources.ClusterResourceSetBinding, facts.cluster, facts.namespace);
  const entries = list(binding, "spec", "bindings").flatMap((set) => list(set, "resources"));
  const open = entries.filter((entry) => field(entry, "applied") !== true);
  return {
    statement: `the resource set's binding reports all its resources as applied (${entries.length})`,
    against: [
      ...open.map((entry) => `${text(entry, "kind") ?? ""} ${text(entry, "name") ?? ""} is not applied`),
      ...(entries.length === 0 ? [`ClusterResourceSetBinding ${facts.cluster} has no resources`] : []),
    ],
  };
}

/** Whether all nodes report all their sessions as established. */
export async function sessionsEstablished(workload: KubernetesApi, facts: StackFacts): Promise<Verdict> {
  if (!facts.hasBgp) {
    return { statement: "BGP sessions are established", against: [], notApplicable: "the stack has no bgp" };
  }
  const configs = (await workload.list(resources.CiliumBGPClusterConfig)).items;
  const nodeConfigs = (await workload.list(resources.CiliumBGPNodeConfig)).items;
  const sessions = nodeConfigs.flatMap((config) =>
    list(config, "status", "bgpInstances").flatMap((instance) =>
      list(instance, "peers").map((peer) => ({
        what: `${config.metadata.name} to ${text(peer, "name") ?? "?"}`,
        state: text(peer, "peeringState") ?? "unknown",
      })),
    ),
  );
  const idle = sessions.filter((session) => session.state !== "established");
  return {
    statement: `${sessions.length} BGP sessions of ${configs.length} configuration(s) are established`,
    against: [
      ...idle.map((session) => `session ${session.what} is ${session.state}`),
      ...(sessions.length === 0 ? ["no node reports a session"] : []),
    ],
  };
}

function current(owner: KubernetesObject): boolean {
  return (number(owner, "status", "observedGeneration") ?? 0) >= (owner.metadata.generation ?? 0);
}

function hasCondition(object: KubernetesObject, type: string): boolean {
  return list(object, "status", "conditions").some(
    (condition) => text(condition, "type") === type && text(condition, "status") === "True",
  );
}
