import { list, number, type ResourceType, text } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import { familyOf, isInNetwork } from "../../model/net/addresses";
import type { KubernetesApi } from "../../ops/kubernetes/api";
import {
  ask,
  askForMuch,
  largeAnswerBytes,
  type Sender,
  Traffic,
  trafficLabels,
  trafficNamespace,
  trafficPort,
} from "../nodes/traffic";
import { internalAddresses } from "../workload/node-objects";
import type { LabRun } from "./lab-run";
import { settled, type Verdict } from "./report";

/** One request, and what of its answer is checked. */
interface Request {
  readonly from: Sender;
  readonly host: string;
  readonly port: number;
  /** The address that the server must have seen; anything where it is absent. */
  readonly seenAs?: string;
}

const networkPolicy: ResourceType = {
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  plural: "networkpolicies",
  namespaced: true,
};

/** Sends packets through the real datapath of every node, and reports what arrived; nothing where Cilium is simulated. */
export async function trafficFlows(workload: KubernetesApi, lab: LabRun): Promise<readonly Verdict[]> {
  if (lab.nodes === undefined) return [];
  const traffic = await Traffic.start(lab.nodes, lab.context.processes, workload);
  try {
    return [
      await podsReachPods(traffic),
      await largeAnswersArrive(traffic),
      await servicesAreReached(workload, traffic),
      await nodePortsAreReached(workload, traffic),
      ...(await loadBalancersAreReached(workload, traffic)),
      await apiServerIsReached(workload, traffic),
      await policyBlocks(workload, traffic),
      await leavesAsConfigured(workload, traffic),
    ];
  } finally {
    await traffic.stop();
  }
}

function podsReachPods(traffic: Traffic): Promise<Verdict> {
  const requests = acrossNodes(traffic).flatMap(({ from, to }) =>
    to.addresses.map((host) => ({
      from,
      host,
      port: trafficPort,
      seenAs: sameFamily(from.addresses, host),
    })),
  );
  const statement = "pods reach pods on other nodes, which see the sender's own address";
  return traffic.pods.length > 1 ? answered(statement, requests) : onOneNode(statement);
}

/** Whether packets of every size pass between nodes: TCP sends large answers in packets as long as the interfaces' MTU. */
function largeAnswersArrive(traffic: Traffic): Promise<Verdict> {
  const statement = `answers of ${largeAnswerBytes / 1024} KiB from pods on other nodes arrive within a second`;
  if (traffic.pods.length < 2) return onOneNode(statement);
  const pairs = acrossNodes(traffic);
  return settled(async () => {
    const found = await Promise.all(
      pairs.map(async ({ from, to }) => {
        const [host = ""] = to.addresses;
        const bytes = await askForMuch(from, host);
        return bytes === largeAnswerBytes
          ? []
          : [
              `${to.name} to ${from.name}: ${bytes} of ${largeAnswerBytes} bytes; where small answers arrive, a link on the way has a smaller MTU than the nodes' interfaces`,
            ];
      }),
    );
    return { statement, against: found.flat() };
  });
}

/** Each pair of pods on different nodes. */
const acrossNodes = ({ pods }: Traffic) =>
  pods.flatMap((from) => pods.filter((to) => to.node !== from.node).map((to) => ({ from, to })));

const onOneNode = (statement: string): Promise<Verdict> =>
  Promise.resolve({ statement, against: [], notApplicable: "there is one node only" });

async function servicesAreReached(workload: KubernetesApi, { pods, nodes }: Traffic): Promise<Verdict> {
  const service = await serviceOf(workload, "cluster", "Cluster");
  const addresses = list(service, "spec", "clusterIPs").map(String);
  const requests = [...pods, ...nodes].flatMap((from) =>
    addresses.map((host) => ({ from, host, port: trafficPort })),
  );
  return answered(`pods and nodes reach the ClusterIP ${addresses.join(" and ")}`, requests);
}

async function nodePortsAreReached(workload: KubernetesApi, { client }: Traffic): Promise<Verdict> {
  const service = await serviceOf(workload, "cluster", "Cluster");
  const port = number(list(service, "spec", "ports")[0], "nodePort") ?? 0;
  const requests = (await nodeAddresses(workload)).map((host) => ({ from: client, host, port }));
  return answered(`the client behind the gateway reaches NodePort ${port} of every node`, requests);
}

async function loadBalancersAreReached(
  workload: KubernetesApi,
  { client }: Traffic,
): Promise<readonly Verdict[]> {
  // A cluster without them does not serve these kinds.
  const exists = async (type: ResourceType) =>
    (await workload.discover(type.apiVersion, type.kind)) !== undefined &&
    (await workload.list(type)).items.length > 0;
  const { CiliumLoadBalancerIPPool, CiliumBGPAdvertisement, CiliumL2AnnouncementPolicy } = resources;
  const isAnnounced = (await exists(CiliumBGPAdvertisement)) || (await exists(CiliumL2AnnouncementPolicy));
  if (!isAnnounced || !(await exists(CiliumLoadBalancerIPPool))) {
    const statement = "the client behind the gateway reaches a LoadBalancer address";
    const notApplicable = "the stack announces no pool";
    return [{ statement, against: [], notApplicable }];
  }
  return Promise.all(
    (["Cluster", "Local"] as const).map(async (policy) => {
      const statement = `the client behind the gateway reaches a LoadBalancer address (externalTrafficPolicy: ${policy})`;
      return settled(async () => {
        const service = await serviceOf(workload, policy.toLowerCase(), policy);
        const addresses = list(service, "status", "loadBalancer", "ingress").map(
          (each) => text(each, "ip") ?? "",
        );
        if (addresses.length === 0) return { statement, against: ["the Service has got no address"] };
        const requests = addresses.map((host) => ({
          from: client,
          host,
          port: trafficPort,
          ...(policy === "Local" ? { seenAs: sameFamily(client.addresses, host) } : {}),
        }));
        return { statement: `${statement} at ${addresses.join(" and ")}`, against: await failures(requests) };
      });
    }),
  );
}

async function apiServerIsReached(workload: KubernetesApi, { pods }: Traffic): Promise<Verdict> {
  const service = await workload.get(resources.Service, "kubernetes", "default");
  const [host = ""] = list(service, "spec", "clusterIPs").map(String);
  // The API server answers a request without TLS, too, though with an error.
  return answered(
    `pods reach the API server at the Service's address ${host}`,
    pods.map((from) => ({ from, host, port: 443 })),
  );
}

async function policyBlocks(workload: KubernetesApi, { pods }: Traffic): Promise<Verdict> {
  const [from, to] = pods;
  const [host = ""] = to?.addresses ?? [];
  const statement = "a NetworkPolicy without any rule blocks pods, and its removal releases them";
  if (from === undefined || to === undefined) return onOneNode(statement);
  const request = { from, host, port: trafficPort };
  await workload.apply(
    networkPolicy,
    {
      apiVersion: networkPolicy.apiVersion,
      kind: networkPolicy.kind,
      metadata: { name: "nothing-comes-in", namespace: trafficNamespace },
      spec: { podSelector: { matchLabels: trafficLabels }, policyTypes: ["Ingress"] },
    },
    { fieldManager: "rehearsal", force: true },
  );
  const blocked = await settled(async () => {
    const passes = (await ask(from, host, trafficPort, 1)).kind === "answer";
    return { statement, against: passes ? [`${from.name} still reaches ${host} under the policy`] : [] };
  });
  await workload.delete(networkPolicy, "nothing-comes-in", trafficNamespace);
  const released = await answered(statement, [request]);
  return { statement, against: [...blocked.against, ...released.against] };
}

async function leavesAsConfigured(workload: KubernetesApi, { pods, client }: Traffic): Promise<Verdict> {
  const config = await workload.get(resources.ConfigMap, "cilium-config", "kube-system");
  const nodes = new Map(
    (await workload.list(resources.Node)).items.map((node) => [node.metadata.name, node]),
  );
  const masquerades = (host: string) => {
    const family = familyOf(host);
    const routed = isInNetwork(host, text(config, "data", `${family}-native-routing-cidr`) ?? "");
    return text(config, "data", `enable-${family}-masquerade`) === "true" && !routed;
  };
  const requests = pods.flatMap((from) =>
    client.addresses
      .filter((host) => sameFamily(from.addresses, host) !== "")
      .map((host) => ({
        from,
        host,
        port: trafficPort,
        seenAs: sameFamily(
          masquerades(host) ? internalAddresses(nodes.get(from.node)) : from.addresses,
          host,
        ),
      })),
  );
  const how = client.addresses.some(masquerades)
    ? "with the addresses of their nodes"
    : "with their own addresses";
  return answered(`pods reach the client behind the gateway ${how}, as Cilium is configured`, requests);
}

/** The Service of the test's pods with this policy, made when it is not there. */
export async function serviceOf(workload: KubernetesApi, name: string, policy: "Cluster" | "Local") {
  const known = await workload.get(resources.Service, name, trafficNamespace);
  if (known !== undefined) return known;
  return workload.create(resources.Service, {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: trafficNamespace },
    spec: {
      type: "LoadBalancer",
      externalTrafficPolicy: policy,
      ipFamilyPolicy: "PreferDualStack",
      selector: trafficLabels,
      ports: [{ port: trafficPort }],
    },
  });
}

async function nodeAddresses(workload: KubernetesApi): Promise<readonly string[]> {
  return (await workload.list(resources.Node)).items.flatMap(internalAddresses);
}

/** The first address of the family of `host`; empty where there is none. */
function sameFamily(addresses: readonly string[], host: string): string {
  return addresses.find((address) => familyOf(address) === familyOf(host)) ?? "";
}

function answered(statement: string, requests: readonly Request[]): Promise<Verdict> {
  return settled(async () => ({
    statement: `${statement} (${requests.length} requests)`,
    against: requests.length === 0 ? ["there was nothing to ask"] : await failures(requests),
  }));
}

async function failures(requests: readonly Request[]): Promise<readonly string[]> {
  const found = await Promise.all(
    requests.map(async ({ from, host, port, seenAs }) => {
      const answer = await ask(from, host, port);
      const to = `${from.name} to ${host} port ${port}`;
      if (answer.kind === "none") return [`${to}: ${answer.why}`];
      const seen = /saw (\S+)/.exec(answer.body)?.[1];
      return seenAs === undefined || seen === seenAs
        ? []
        : [`${to}: arrived from ${seen ?? "?"}, not ${seenAs}`];
    }),
  );
  return found.flat();
}
