import type { Pod } from "../../kubernetes/core";
import { counted } from "../../text/wording";
import {
  type ApiClient,
  apiClients,
  differing,
  hostVariable,
  portVariable,
} from "../../cilium/proofs/api-server";
import { type CiliumRender, readinessOf } from "../../cilium/manifest";
import { ciliumSelector, isSelected } from "../../kubernetes/labels";
import type { KubernetesObject } from "../../kubernetes/object";
import { agentPods, inWorkload } from "../snapshot";
import { type CheckResult, type Problem, judged, named, notApplicable } from "../preflight/check-result";
import type { PlannedAndLive } from "../differences";
import { unapplied } from "../readiness/cluster-assessment";
import { conditionIs } from "../../kubernetes/condition";
import { workloadName, workloadState } from "../readiness/workload";
import type { Running } from "./check";

/** Every workload of the render has rolled out: agents, operator, Envoy. */
export function judgeRolledOut({ snapshot, plan }: Running, { workloads }: CiliumRender): CheckResult {
  const states = workloads.map((workload) => workloadState(workload, snapshot));
  const problems = states
    .filter(({ rolledOut }) => !rolledOut)
    .map(({ workload, text: words }) => ({
      at: workloadName(workload),
      problem: words,
      fix: `npm run metal -- diagnose --stack ${plan.name}`,
    }));
  return judged(states.map(({ workload, text: words }) => `${workload.name} ${words}`).join(", "), problems);
}

/** Every node runs an agent that is ready: a DaemonSet does not count nodes that it may not run on. */
export function judgeAgents({ snapshot, plan }: Running): CheckResult {
  const agents = agentPods(snapshot);
  const nodes = inWorkload(snapshot, "nodes");
  const without = nodes.filter(
    (node) =>
      !agents.some((pod) => pod.spec?.nodeName === node.metadata.name && conditionIs(pod, "Ready", "True")),
  );
  const problems = without.map((node) => ({
    at: `Node/${node.metadata.name}`,
    problem: "no agent of Cilium is ready on it, so its pods have no network",
    fix: `npm run metal -- diagnose --stack ${plan.name}`,
  }));
  return judged(`agents of ${counted(nodes.length, "node")}`, problems);
}

/** Where Cilium replaces kube-proxy, none runs: two programs would write the same rules. */
export function judgeKubeProxy({ snapshot, plan }: Running): CheckResult {
  if (!plan.cilium.kubeProxyReplacement) {
    return notApplicable("Cilium does not replace kube-proxy here (cilium.values.kubeProxyReplacement)");
  }
  const isProxy = ({ metadata }: KubernetesObject) =>
    metadata.name === "kube-proxy" || metadata.labels?.["k8s-app"] === "kube-proxy";
  const found = [...inWorkload(snapshot, "daemonSets"), ...inWorkload(snapshot, "pods")].filter(isProxy);
  const problems: Problem[] =
    found.length === 0
      ? []
      : [
          {
            at: named(found.map(({ kind, metadata }) => `${kind}/${metadata.name}`)),
            problem: "kube-proxy runs although Cilium replaces it",
            fix: "kubectl -n kube-system delete daemonset,configmap kube-proxy; then restart the nodes one by one, or its rules stay",
          },
        ];
  return judged("no kube-proxy in kube-system", problems);
}

/** What runs has the stack's address of the API server: judged on the live objects as the proof does on the render. */
export function judgeEndpoint(
  { plan }: Running,
  render: CiliumRender,
  objects: readonly PlannedAndLive[],
): CheckResult {
  const live = { ...render, objects: objects.flatMap(({ live: object }) => object ?? []) };
  const problems = [hostVariable, portVariable].flatMap((variable) =>
    differing(live, plan.cilium, apiClients, variable).map(({ problem }) => ({
      at: "",
      problem,
      fix: "pulumi up writes the planned value; with an endpoint that is gone the agents restart into nothing",
    })),
  );
  const { host, port } = plan.cilium.endpoint;
  return judged(`${counted(apiClients.length, "container")}: ${host}:${port}`, problems);
}

/** The same on running pods: an environment changes only with a new pod. */
export function judgeRunningEndpoint({ snapshot, plan }: Running): CheckResult {
  if (!plan.cilium.kubeProxyReplacement)
    return notApplicable("kube-proxy serves the API server's address here");
  const pods = inWorkload(snapshot, "pods");
  const problems = pods.flatMap((pod) => {
    const wrong = apiClients
      .filter((client) => isOf(pod, client))
      .flatMap((client) => wrongVariables(pod, client, plan.cilium.endpoint));
    return wrong.length === 0
      ? []
      : [
          {
            at: `Pod/${pod.metadata.name}`,
            problem: `still runs with ${named(wrong)}`,
            fix: `kubectl -n ${pod.metadata.namespace ?? "kube-system"} delete pod ${pod.metadata.name}`,
          },
        ];
  });
  const looked = pods.filter((pod) => apiClients.some((client) => isOf(pod, client)));
  return judged(`environment of ${counted(looked.length, "pod")}`, problems);
}

function isOf(pod: KubernetesObject, { workload }: ApiClient): boolean {
  return isSelected(pod, ciliumSelector) && pod.metadata.name.startsWith(`${workload.name}-`);
}

function wrongVariables(
  pod: Pod,
  { container }: ApiClient,
  { host, port }: { readonly host: string; readonly port: number },
): readonly string[] {
  const wanted = { [hostVariable]: host, [portVariable]: String(port) };
  return Object.entries(wanted).flatMap(([variable, value]) => {
    const found = variableOf(pod, container, variable);
    return found === undefined || found === value
      ? []
      : [`${variable} "${found}" in ${container}, planned is "${value}"`];
  });
}

function variableOf(pod: Pod, container: string, variable: string): string | undefined {
  const { initContainers = [], containers = [] } = pod.spec ?? {};
  const own = [...initContainers, ...containers].find(({ name }) => name === container);
  return own?.env?.filter(({ name }) => name === variable).at(-1)?.value;
}

/** The resource set has put everything in. */
export function judgeApplied({ plan, snapshot }: Running, render: CiliumRender): CheckResult {
  const readiness = readinessOf(plan, render);
  const missing = unapplied(readiness, snapshot);
  const { name, resources } = readiness.resourceSet;
  return judged(
    `${counted(resources.length, "payload")} of ${name} applied`,
    missing.map((payload) => ({
      at: `ClusterResourceSetBinding/${plan.name}`,
      problem: `${payload} is not called applied`,
      fix: `npm run metal -- diagnose --stack ${plan.name}`,
    })),
  );
}
