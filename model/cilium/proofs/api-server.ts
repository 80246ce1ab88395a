import { type AddressRange, contains, parseAddress, parseCidr } from "../../addresses/range";
import { field, list, text } from "../../kubernetes/object";
import type { CiliumPlan } from "../../plan/plan";
import type { CiliumRender } from "../manifest";
import { type BootstrapWorkload, agent, configOf, envoy, operator, workloadOf } from "./anatomy";
import type { ProofResult } from "./proof";

/** A container that is told where the API server is. */
export interface ApiClient {
  readonly workload: BootstrapWorkload;
  readonly container: string;
}

/** Who asks the API server before anybody serves its ClusterIP (facts of the charts 1.18 to 1.20). */
export const agentClients: readonly ApiClient[] = [
  { workload: agent, container: "config" },
  { workload: agent, container: "cilium-agent" },
];
export const operatorClients: readonly ApiClient[] = [{ workload: operator, container: "cilium-operator" }];
/** These hardly ask it, but the chart gives them the same: a difference is a sign of a manifest changed by hand. */
export const helperClients: readonly ApiClient[] = [
  { workload: agent, container: "clean-cilium-state" },
  { workload: envoy, container: "cilium-envoy" },
];
export const apiClients: readonly ApiClient[] = [...agentClients, ...operatorClients, ...helperClients];

export const hostVariable = "KUBERNETES_SERVICE_HOST";
export const portVariable = "KUBERNETES_SERVICE_PORT";

/** One environment variable of a client; all its entries, because the last one wins. */
export interface ApiVariable {
  /** `DaemonSet cilium, container config`. */
  readonly place: string;
  readonly entries: readonly unknown[];
}

/** A variable as each of the clients has it; clients that are not in the render are left out. */
export function apiVariable(
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

/** Finds the clients whose variable is not what the plan wants. */
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

/** The API server's URLs that the agent is given instead of a host and a port; mostly none. */
export function apiUrls(render: CiliumRender): readonly string[] {
  const urls = configOf(render)?.["k8s-api-server-urls"];
  return typeof urls === "string" ? urls.split(/\s+/).filter((url) => url !== "") : [];
}

/** Why an address cannot be asked before Cilium runs; undefined when it can. */
export function unreachableBefore(host: string, { network }: CiliumPlan): string | undefined {
  const address = parseAddress(host);
  if (address === undefined) return "is no address, and names are resolved by pods that need Cilium";
  const inside = (cidrs: readonly string[]) =>
    cidrs.map(parseCidr).find((range) => range !== undefined && contains(range as AddressRange, address));
  const services = inside(network.services);
  if (services !== undefined) return `lies in the service network ${services.text}, which Cilium serves`;
  const pods = inside(network.pods);
  if (pods !== undefined) return `lies in the pod network ${pods.text}, which Cilium provides`;
  return undefined;
}
