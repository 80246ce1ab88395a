import { type AddressRange, contains, parseAddress, parseCidr } from "../../net/addresses";
import { field, list, text } from "../../kubernetes/object";
import type { CiliumPlan } from "../../plan/plan";
import type { CiliumRender } from "../manifest";
import { type BootstrapWorkload, agent, configOf, envoy, operator, workloadOf } from "./anatomy";
import { type Proof, type ProofResult, defineProof } from "./proof";

/** A container that gets the address of the API server. */
export interface ApiClient {
  readonly workload: BootstrapWorkload;
  readonly container: string;
}

/** The containers that use the API server before its ClusterIP is served (charts 1.18 to 1.20). */
const agentClients: readonly ApiClient[] = [
  { workload: agent, container: "config" },
  { workload: agent, container: "cilium-agent" },
];

const operatorClients: readonly ApiClient[] = [{ workload: operator, container: "cilium-operator" }];

/** These hardly use it, but the chart sets the same address: a difference shows a manifest that was changed by hand. */
const helperClients: readonly ApiClient[] = [
  { workload: agent, container: "clean-cilium-state" },
  { workload: envoy, container: "cilium-envoy" },
];

export const apiClients: readonly ApiClient[] = [...agentClients, ...operatorClients, ...helperClients];

export const hostVariable = "KUBERNETES_SERVICE_HOST";

export const portVariable = "KUBERNETES_SERVICE_PORT";

/** One environment variable of a client; all its entries, because the last one wins. */
interface ApiVariable {
  /** `DaemonSet cilium, container config`. */
  readonly place: string;
  readonly entries: readonly unknown[];
}

/** A variable as each of the clients has it, without clients that are not in the render. */
function apiVariable(
  render: CiliumRender,
  clients: readonly ApiClient[],
  variable: string,
): readonly ApiVariable[] {
  return clients.flatMap(({ workload, container }) => {
    const rendered = workloadOf(render, workload);
    const found = ["initContainers", "containers"]
      .flatMap((kind) => list(rendered?.pod, kind))
      .find((each) => text(each, "name") === container);
    if (rendered === undefined || found === undefined) return [];
    const entries = list(found, "env").filter((entry) => text(entry, "name") === variable);
    return [{ place: `${rendered.place}, container ${container}`, entries }];
  });
}

/** A result for each client whose variable differs from the plan. */
export function differing(
  render: CiliumRender,
  plan: CiliumPlan,
  clients: readonly ApiClient[],
  variable: string,
): readonly ProofResult[] {
  // Where kube-proxy runs, the API server's ClusterIP is served; with a list of URLs the variables are not read.
  if (!plan.kubeProxyReplacement || apiUrls(render).length > 0) return [];
  const [key, wanted] =
    variable === hostVariable
      ? ["k8sServiceHost", plan.endpoint.host]
      : ["k8sServicePort", String(plan.endpoint.port)];
  return apiVariable(render, clients, variable).flatMap(({ place, entries }) => {
    const [only, ...more] = entries;
    const elsewhere = more.length > 0 || field(only, "valueFrom") !== undefined;
    if (elsewhere || text(only, "value") === wanted) return [];
    const found = only === undefined ? "not set" : `"${text(only, "value") ?? ""}"`;
    return [
      {
        key,
        problem: `${place}: ${variable} is ${found}, the control plane endpoint is "${wanted}"`,
        fix: `remove ${key} from cilium.values; it follows kubernetes.endpoint`,
      },
    ];
  });
}

/** The API server's URLs that replace host and port; usually none. */
function apiUrls(render: CiliumRender): readonly string[] {
  const urls = configOf(render)?.["k8s-api-server-urls"];
  return typeof urls === "string" ? urls.split(/\s+/).filter((url) => url !== "") : [];
}

/** Why an address is unreachable before Cilium runs; undefined when it is reachable. */
function unreachableBefore(host: string, { network }: CiliumPlan): string | undefined {
  const address = parseAddress(host);
  if (address === undefined) return "is not an address, and names are resolved by pods that need Cilium";
  const inside = (cidrs: readonly string[]) =>
    cidrs.map(parseCidr).find((range) => range !== undefined && contains(range as AddressRange, address));
  const services = inside(network.services);
  if (services !== undefined) return `is inside the service network ${services.text}, which Cilium serves`;
  const pods = inside(network.pods);
  if (pods !== undefined) return `is inside the pod network ${pods.text}, which Cilium provides`;
  return undefined;
}

/** The variables that must be the control plane endpoint's, by their clients. */
const endpointProofs = [
  {
    id: "render/agent-api-host",
    clients: agentClients,
    variable: hostVariable,
    summary: "The agent uses the control plane endpoint.",
    why: "the kubelet would insert the API server's ClusterIP, which is not served before the agent runs",
  },
  {
    id: "render/operator-api-host",
    clients: operatorClients,
    variable: hostVariable,
    summary: "The operator uses the control plane endpoint.",
    why: "the operator would never register its CRDs, which the agents wait for",
  },
  {
    id: "render/helpers-api-host",
    clients: helperClients,
    variable: hostVariable,
    summary: "Envoy and the cleanup container use the control plane endpoint.",
    why: "the chart sets one API server for all its containers; a different one was changed by hand",
  },
  {
    id: "render/api-port",
    clients: apiClients,
    variable: portVariable,
    summary: "All containers use the port of the control plane endpoint.",
    why: "with a wrong or an empty port there is no valid URL of the API server, and no part of Cilium starts",
  },
].map(({ clients, variable, ...proof }) =>
  defineProof({ ...proof, run: (render, plan) => differing(render, plan, clients, variable) }),
);

/** Proofs of how Cilium's pods reach the API server. */
export const apiServerProofs: readonly Proof[] = [
  ...endpointProofs,
  defineProof({
    id: "render/api-host-literal",
    summary: "The API server's address is reachable before Cilium runs.",
    why: "before Cilium runs only an address outside the cluster's own networks can be reached",
    run: (render, plan) => {
      if (!plan.kubeProxyReplacement) return [];
      const entries = apiVariable(render, apiClients, hostVariable).flatMap((variable) => variable.entries);
      const hosts = new Set(entries.flatMap((entry) => text(entry, "value") ?? []));
      return [...hosts].flatMap((host) => {
        const why = unreachableBefore(host, plan);
        if (why === undefined) return [];
        return {
          key: "k8sServiceHost",
          problem: `${hostVariable} "${host}" ${why}`,
          fix: "remove k8sServiceHost from cilium.values, and write an address into kubernetes.endpoint.host",
        };
      });
    },
  }),
  defineProof({
    id: "render/api-host-inline",
    summary: "The API server's address is not read from another object.",
    why: "a pod whose variable comes from a ConfigMap that does not exist never starts",
    run: (render) =>
      [hostVariable, portVariable].flatMap((variable) =>
        apiVariable(render, apiClients, variable).flatMap(({ place, entries }) =>
          entries
            .filter((entry) => field(entry, "valueFrom") !== undefined)
            .map((entry) => ({
              key: "k8sServiceHostRef",
              problem: `${place}: ${variable} is read from "${text(entry, "valueFrom", "configMapKeyRef", "name") ?? "elsewhere"}"`,
              fix: "remove k8sServiceHostRef from cilium.values; the address follows kubernetes.endpoint",
            })),
        ),
      ),
  }),
  defineProof({
    id: "render/api-urls-complete",
    summary: "A list of API servers reaches every container and contains reachable addresses.",
    why: "a list of API servers replaces the endpoint only when the agent's first container reads it as well",
    run: (render, plan) => {
      const urls = apiUrls(render);
      if (urls.length === 0) return [];
      const key = "k8s.apiServerURLs";
      const config = list(workloadOf(render, agent)?.pod, "initContainers").find(
        (each) => text(each, "name") === "config",
      );
      const words = [...list(config, "command"), ...list(config, "args")].map(String);
      return [
        words.some((word) => word.startsWith("--k8s-api-server-urls="))
          ? []
          : {
              key,
              problem:
                "cilium-config has k8s-api-server-urls, and the init container config does not get them",
              fix: "use the released chart, or remove k8s.apiServerURLs from cilium.values",
            },
        ...urls.flatMap((url) => {
          const host = /^https?:\/\/\[?([^/\]]*?)\]?(:\d+)?\/?$/.exec(url)?.[1] ?? url;
          const why = unreachableBefore(host, plan);
          return why === undefined
            ? []
            : [{ key, problem: `the API server "${url}" ${why}`, fix: "write addresses" }];
        }),
      ];
    },
  }),
];
