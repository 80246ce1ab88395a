import { polled } from "../../ops/polling";
import { agentSelector } from "../../model/kubernetes/labels";
import { list, text } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import type { KubernetesApi } from "../../ops/kubernetes/api";
import type { Fault, FaultContext, TrafficFault } from "./fault";

const namespace = "kube-system";
const configName = "cilium-config";

/** Containers of the agents' DaemonSet that connect to the API server. */
const apiClients = ["config", "cilium-agent"];

async function inWorkload(stage: FaultContext, work: (api: KubernetesApi) => Promise<void>): Promise<void> {
  const api = await stage.workload();
  try {
    await work(api);
  } finally {
    api.close();
  }
}

/** Waits for an object that the resource set brings. */
async function untilThere(api: KubernetesApi, kind: "DaemonSet" | "ConfigMap", name: string) {
  const { reading } = await polled(
    () => api.get(resources[kind], name, namespace),
    (object) => object !== undefined,
    { seconds: 60, everySeconds: 0.1 },
  );
  if (reading === undefined) throw new Error(`${kind} ${namespace}/${name} has not come in a minute`);
  return reading;
}

/** Without it, an agent connects to the Service's address, which only agents make work. */
async function setApiHost(stage: FaultContext, host: string | undefined): Promise<void> {
  await inWorkload(stage, async (api) => {
    const daemonSet = await untilThere(api, "DaemonSet", "cilium");
    const changed = (container: unknown) => ({
      name: text(container, "name"),
      env: ["KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"].map((name, index) =>
        host === undefined
          ? { name, $patch: "delete" }
          : { name, value: index === 0 ? host : String(stage.endpoint.port) },
      ),
    });
    const of = (part: "containers" | "initContainers") =>
      list(daemonSet, "spec", "template", "spec", part)
        .filter((container) => apiClients.includes(text(container, "name") ?? ""))
        .map(changed);
    const spec = { containers: of("containers"), initContainers: of("initContainers") };
    await api.request("PATCH", `/apis/apps/v1/namespaces/${namespace}/daemonsets/cilium`, {
      body: { spec: { template: { spec } } },
      contentType: "application/strategic-merge-patch+json",
    });
  });
}

/** The deadlock of a cluster without kube-proxy: the agents cannot reach the API server through what they should provide. */
export const apiHostMissing: Fault = {
  name: "api-host-missing",
  breaks:
    "the agents are not given the API server's address: they connect to the Service's, which needs agents",
  needsRealCilium: true,
  during: "up",
  when: { once: "workload-api-answers" },
  inject: (stage) => setApiHost(stage, undefined),
  repair: (stage) => setApiHost(stage, stage.endpoint.host),
  mustEnd: { as: "failure", withinSeconds: 600, printing: [/cilium\/agent-endpoint-wrong/] },
};

type Settings = Readonly<Record<string, string | null>>;

/** Changes settings of the agents, and has them start again with these. */
async function setSettings(api: KubernetesApi, settings: Settings): Promise<void> {
  await untilThere(api, "ConfigMap", configName);
  await api.mergePatch(resources.ConfigMap, configName, namespace, { data: settings });
  const agents = async () =>
    (await api.list(resources.Pod, namespace, { labelSelector: agentSelector })).items;
  const before = await agents();
  for (const { metadata } of before) await api.delete(resources.Pod, metadata.name, namespace);
  const old = new Set(before.map(({ metadata }) => metadata.uid));
  const { held } = await polled(agents, (now) => !now.some(({ metadata }) => old.has(metadata.uid)), {
    seconds: 60,
    everySeconds: 0.5,
  });
  if (!held) throw new Error("the agents' pods have not gone in a minute");
}

/** Settings with which agents end at their start, put past the checks of the program. */
function refusedSettings(
  name: string,
  breaks: string,
  settings: Settings,
  before: Settings,
  words: RegExp,
): Fault {
  return {
    name,
    breaks,
    needsRealCilium: true,
    during: "up",
    when: { once: "workload-api-answers" },
    inject: (stage) => inWorkload(stage, (api) => setSettings(api, settings)),
    repair: (stage) => inWorkload(stage, (api) => setSettings(api, before)),
    mustEnd: { as: "failure", withinSeconds: 300, printing: [/cilium\/agent-refuses-settings/, words] },
  };
}

export const masqueradeInterfaces = refusedSettings(
  "masquerade-interfaces",
  "cilium-config masquerades in BPF, and names interfaces for iptables",
  { "enable-bpf-masquerade": "true", "egress-masquerade-interfaces": "eno1" },
  { "enable-bpf-masquerade": null, "egress-masquerade-interfaces": null },
  /does not allow to specify devices/,
);

export const maglevTable = refusedSettings(
  "maglev-table",
  "cilium-config has a Maglev table of a size that is no prime number",
  { "bpf-lb-maglev-table-size": "65536" },
  { "bpf-lb-maglev-table-size": null },
  /bpf-lb-maglev-table-size/,
);

export const egressGateway = refusedSettings(
  "egress-gateway",
  "cilium-config enables the egress gateway without masquerading in BPF",
  { "enable-egress-gateway": "true", "enable-ipv4-egress-gateway": "true" },
  { "enable-egress-gateway": null, "enable-ipv4-egress-gateway": null },
  /egress gateway requires/,
);

/** The datapath is in the kernel: it works on without the agent, and routers keep its routes for the graceful restart. */
export const agentKilled: TrafficFault = {
  name: "agent-killed",
  breaks: "the agent of a node gets SIGKILL",
  needsRealCilium: true,
  during: "traffic",
  inject: (nodes, node) => {
    nodes.nodeNamed(node)?.run("pkill", "-KILL", "-x", "cilium-agent");
  },
  // The kubelet starts it again.
  repair: () => undefined,
  cutsNode: false,
};

/** As when the switch's port fails: nothing of the node answers, and no connection of it is closed. */
export const nodeLost: TrafficFault = {
  name: "node-lost",
  breaks: "the port of a node at its bridge is down",
  needsRealCilium: true,
  during: "traffic",
  inject: (nodes, node) => nodes.setPorts(node, "down"),
  repair: (nodes, node) => nodes.setPorts(node, "up"),
  named: { by: "diagnose", printing: /nodes\/kubelet-silent/ },
  cutsNode: true,
};

/**
 * Agents then route to each other's pods through the nodes themselves, which the kernel refuses where a router is between them
 * (Cilium v1.19 pkg/datapath/linux/node.go). The checks refuse it in a stack file; cilium-config can be edited by hand.
 */
export const directRoutes: TrafficFault = {
  name: "direct-routes",
  breaks: "cilium-config enables direct node routes between racks",
  needsRealCilium: true,
  needsRacks: true,
  during: "traffic",
  inject: (_nodes, _node, workload) => setSettings(workload, { "auto-direct-node-routes": "true" }),
  repair: (_nodes, _node, workload) => setSettings(workload, { "auto-direct-node-routes": "false" }),
  named: { by: "verify", printing: /auto-direct-node-routes/ },
  agentLogs: /must be directly reachable/,
  cutsNode: false,
};
