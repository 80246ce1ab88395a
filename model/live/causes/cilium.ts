import type { Container, DaemonSet, Deployment, Node, Pod } from "../../kubernetes/core";
import { condition, conditionIs } from "../../kubernetes/condition";
import type { ClusterReadinessPlan } from "../../plan/readiness";
import { unapplied } from "../readiness/cluster-assessment";
import { agentPods, inWorkload, named } from "../snapshot";
import {
  type CauseRule,
  type ClusterSituation,
  type Symptom,
  about,
  clusterCause,
  conditionText,
  isOlder,
  wasReadThere,
} from "./cause";
import { type ContainerState, ciliumContainers, workloadName, workloadState } from "../readiness/workload";

function valueOf({ env = [] }: Container, name: string): string | undefined {
  return env.find((entry) => entry.name === name)?.value;
}

const agentOf = (plan: ClusterReadinessPlan) =>
  plan.workloads.find((workload) => workload.kind === "DaemonSet" && workload.name === "cilium");

const isApplied = ({ plan, snapshot }: ClusterSituation) => unapplied(plan, snapshot).length === 0;

function nodesWithoutCni({ snapshot }: ClusterSituation): readonly Node[] {
  return inWorkload(snapshot, "nodes").filter((node) => {
    const ready = condition(node, "Ready");
    return ready !== undefined && ready.status !== "True" && /cni (plugin|config)/i.test(ready.message);
  });
}

function withoutCni(node: Node, found: string): Symptom {
  return {
    ...about(node),
    problem: `the node joined, but no CNI runs on it: ${found}`,
    evidence: `Node Ready: "${condition(node, "Ready")?.message ?? ""}"; the binding reports applied; ${found}`,
  };
}

const applyAgain =
  "compare the applied payload with the render: npm run metal -- diagnose; then apply Cilium again";

function podState(pod: Pod): string {
  const waiting = pod.status?.containerStatuses?.[0]?.state?.waiting?.reason;
  return [pod.status?.phase, waiting].filter((part) => part !== undefined).join(", ");
}

/** The kubelet's reasons for an image that it cannot get; it alternates between them while it tries again. */
const pullRefusals = [
  "ErrImagePull",
  "ImagePullBackOff",
  "InvalidImageName",
  "ErrImageNeverPull",
  "ImageInspectError",
];

function pullEvidence({ container, waiting }: ContainerState): string {
  const message = waiting?.message ?? "";
  return `container ${container} is waiting, ${waiting?.reason ?? ""}${message === "" ? "" : `: "${message}"`}`;
}

/** Fewer restarts are usual while the endpoint and the first control plane come up. */
const hopelessRestarts = 5;

/** By the count, not by CrashLoopBackOff alone: between two exits the container runs for a while. */
function isLooping({ ready, restarts, ended, waiting }: ContainerState): boolean {
  return (
    !ready && restarts >= hopelessRestarts && (ended !== undefined || waiting?.reason === "CrashLoopBackOff")
  );
}

/** Containers that connect to the API server; others of their pods may have its address, too, and do not use it. */
const apiClients = new Set(["config", "cilium-agent", "cilium-operator"]);

/** Whether a container of Cilium connects to the API server at another address than the endpoint. */
function wrongEndpoint(
  workload: DaemonSet | Deployment,
  { host, port }: { readonly host: string; readonly port: number },
  cluster: string,
): readonly Symptom[] {
  const { initContainers = [], containers = [] } = workload.spec?.template?.spec ?? {};
  const wrong = [...initContainers, ...containers]
    .filter(({ name }) => apiClients.has(name))
    .map((container) => ({
      name: container.name,
      address: valueOf(container, "KUBERNETES_SERVICE_HOST"),
      port: valueOf(container, "KUBERNETES_SERVICE_PORT"),
    }))
    .find((each) => each.address !== host || (each.port ?? "443") !== String(port));
  if (wrong === undefined) return [];
  return [
    {
      ...about(workload),
      problem: `${workload.metadata.name} connects to the API server at the wrong address`,
      evidence: `container ${wrong.name}: KUBERNETES_SERVICE_HOST is ${wrong.address ?? "(absent: the service address)"}, port ${wrong.port ?? "(absent)"}; the endpoint is ${host}:${port}`,
      command: `npm run metal -- verify --stack ${cluster}`,
    },
  ];
}

/** Errors at a start that end by themselves: what is not there yet, or another one that holds a lease. */
const passing =
  /dial tcp|connect|no route|unreachable|refused|time(d )?out|deadline|no such host|TLS|x509|unauthorized|forbidden|leader|waiting for/i;

/** Starts after which the same refusal is no accident; a kubelet makes them in half a minute. */
const refusedStarts = 2;

/** Why an agent ends at each start, in its own words; undefined where it may be an error that passes. */
function refusalOf({ container, ready, restarts, ended }: ContainerState): string | undefined {
  if (container !== "cilium-agent" || ready || restarts < refusedStarts) return undefined;
  const line = (ended ?? "").split("\n").findLast((each) => /level=fatal/.test(each)) ?? "";
  const quoted = (key: string) => new RegExp(`\\b${key}="((?:[^"\\\\]|\\\\.)*)"`).exec(line)?.[1];
  const words = [quoted("msg"), quoted("error")].filter((part) => part !== undefined).join(": ");
  return words === "" || passing.test(words) ? undefined : words;
}

const unresolved = /no such host|server misbehaving|temporary failure in name resolution/i;

/** Causes in Cilium: its objects, its containers and what they need. */
export const ciliumCauses: readonly CauseRule[] = [
  clusterCause({
    id: "cilium/agent-endpoint-wrong",
    summary: "Cilium connects to the API server at another address than the endpoint.",
    why: "Without kube-proxy the service address does not work before Cilium runs, and Cilium does not run before it reaches the API server.",
    fix: "leave k8sServiceHost and k8sServicePort to the stack, which writes the endpoint; then pulumi up",
    graceSeconds: 60,
    find({ snapshot, plan }) {
      const agents = named(inWorkload(snapshot, "daemonSets"), "cilium");
      // With kube-proxy, or with a list of API servers in their settings, agents would get ready.
      if (agents === undefined || (agents.status?.numberReady ?? 0) > 0) return [];
      if (named(inWorkload(snapshot, "daemonSets"), "kube-proxy") !== undefined) return [];
      return wrongEndpoint(agents, plan.endpoint, snapshot.cluster);
    },
    findInSnapshot({ snapshot, cilium }) {
      const config = named(inWorkload(snapshot, "configMaps"), "cilium-config");
      // Agents with a list of API servers choose among them.
      if (!cilium.kubeProxyReplacement || config?.data?.["k8s-api-server-urls"] !== undefined) return [];
      return [
        named(inWorkload(snapshot, "daemonSets"), "cilium"),
        named(inWorkload(snapshot, "deployments"), "cilium-operator"),
      ].flatMap((workload) =>
        workload === undefined ? [] : wrongEndpoint(workload, cilium.endpoint, snapshot.cluster),
      );
    },
  }),
  {
    id: "cilium/operator-unschedulable",
    summary: "Cilium's operator cannot be scheduled on any node.",
    why: "The operator registers Cilium's kinds and removes the start-up taints; agents wait until it runs.",
    fix: "let it tolerate the taint in cilium.values (operator.tolerations), or remove the taint",
    find({ snapshot, now }) {
      const pods = inWorkload(snapshot, "pods").filter(
        ({ metadata }) => metadata.labels?.["io.cilium/app"] === "operator",
      );
      if (pods.some((pod) => conditionIs(pod, "Ready", "True"))) return [];
      return pods
        .filter(({ metadata }) => isOlder(metadata.creationTimestamp, 1, now))
        .flatMap((pod): readonly Symptom[] => {
          const found = condition(pod, "PodScheduled");
          if (found?.status !== "False") return [];
          return [
            {
              ...about(pod, snapshot.cluster),
              problem: "Cilium's operator cannot be scheduled on any node",
              evidence: conditionText(found),
              command:
                "kubectl -n kube-system describe pod -l io.cilium/app=operator    (in the workload cluster)",
            },
          ];
        })
        .slice(0, 1);
    },
  },
  clusterCause({
    id: "nodes/cni-absent",
    summary: "A node has joined, and Cilium's DaemonSet does not exist.",
    why: "The resource set reports that it has applied everything, and applies only once, so no agent will start.",
    fix: applyAgain,
    // DaemonSet and binding come through different API servers; half a minute covers a watch that is catching up.
    graceSeconds: 30,
    find(situation) {
      const agent = agentOf(situation.plan);
      if (agent === undefined || !isApplied(situation)) return [];
      const state = workloadState(agent, situation.snapshot);
      if (!state.listed || state.object !== undefined) return [];
      return nodesWithoutCni(situation).map((node) =>
        withoutCni(node, `DaemonSet ${agent.namespace}/${agent.name} does not exist`),
      );
    },
  }),
  {
    id: "cilium/workload-missing",
    summary: "A DaemonSet or Deployment of Cilium does not exist in the workload cluster.",
    why: "The resource set has applied all of its payloads, or the stack has applied its objects already.",
    fix: "compare what runs with the render: npm run metal -- diagnose; then run pulumi refresh and pulumi up",
    // Longer than nodes/cni-absent, which is more specific when a node is already affected.
    graceSeconds: 60,
    find({ plan, snapshot }) {
      if (plan.subject === "bgp" || plan.subject === "control-plane") return [];
      if (snapshot.workload.trouble !== undefined) return [];
      if (plan.subject === "cluster" && unapplied(plan, snapshot).length > 0) return [];
      return plan.workloads
        .map((workload) => workloadState(workload, snapshot))
        .filter((state) => state.listed && state.object === undefined)
        .map((state) => ({
          object: workloadName(state.workload).replace(" ", "/"),
          who: plan.cluster,
          problem: `${workloadName(state.workload)} does not exist in the workload cluster`,
          evidence:
            plan.subject === "cluster"
              ? `ClusterResourceSetBinding/${plan.cluster} reports that all payloads are applied`
              : "the stack has applied its objects before this wait began",
        }));
    },
  },
  {
    id: "nodes/registry-unresolved",
    summary: "A node cannot resolve the registry's name.",
    why: "A node whose DNS does not answer pulls no image; right after a boot systemd-resolved may not be up yet.",
    fix: "check network.dns of the stack file from the node: resolvectl query, then /etc/resolv.conf",
    find: ({ snapshot }) =>
      inWorkload(snapshot, "pods").flatMap((pod): readonly Symptom[] => {
        const waiting = [
          ...(pod.status?.initContainerStatuses ?? []),
          ...(pod.status?.containerStatuses ?? []),
        ]
          .map(({ state }) => state?.waiting)
          .find((state) => unresolved.test(state?.message ?? ""));
        if (waiting === undefined) return [];
        const node = pod.spec?.nodeName ?? pod.metadata.name;
        return [
          {
            ...about(pod, node),
            problem: `node ${node} cannot resolve the name of the registry`,
            evidence: waiting.message ?? "",
            command: `ssh ${node} resolvectl status`,
          },
        ];
      }),
  },
  {
    id: "cilium/image-not-pulled",
    summary: "An image of Cilium cannot be pulled on a node.",
    why: "The kubelet has failed to pull the image five times: wrong name, no route to the registry, or no login.",
    fix:
      "let the nodes reach that registry, or name a mirror in machines.registryMirrors or another image in " +
      "cilium.values; then run pulumi up again",
    // Its pauses double from 10 s: 10, 20, 40 and 80 s lie between five tries, and each try takes some seconds.
    graceSeconds: 180,
    find: ({ snapshot }) =>
      ciliumContainers(snapshot)
        .filter(({ waiting }) => waiting !== undefined && pullRefusals.includes(waiting.reason))
        .map((state) => ({
          ...about(state.pod, state.who),
          problem: `the image of container ${state.container} cannot be pulled: ${state.image}`,
          evidence: pullEvidence(state),
        })),
  },
  {
    id: "cilium/agent-refuses-settings",
    summary: "The agent refuses a setting and ends at each start.",
    why: "It ends with an error that no time heals; its settings are the same at the next start.",
    fix: "correct cilium.values as its words say, then pulumi up",
    graceSeconds: 30,
    find: ({ snapshot }) =>
      ciliumContainers(snapshot).flatMap((state): readonly Symptom[] => {
        const words = refusalOf(state);
        if (words === undefined) return [];
        return [
          {
            ...about(state.pod, state.who),
            problem: `the agent has ended ${state.restarts} times and refuses its settings`,
            evidence: `its last words: ${words}`,
          },
        ];
      }),
  },
  {
    id: "cilium/crash-looping",
    summary: "A container of Cilium exits again and again.",
    why: "It was started five or more times and always exited; the same start has the same result.",
    fix: "read the logs of the container's last run, then correct cilium.values",
    // The kubelet's pauses grow to five minutes: after a repair the container gets one more start.
    graceSeconds: 360,
    find: ({ snapshot }) =>
      ciliumContainers(snapshot)
        .filter((state) => isLooping(state) && refusalOf(state) === undefined)
        .map((state) => ({
          ...about(state.pod, state.who),
          problem: `container ${state.container} has exited ${state.restarts} times and is not ready`,
          evidence: `last exit of ${state.container}: ${state.ended ?? "unknown"}`,
          fix: `kubectl -n ${state.pod.metadata.namespace ?? "kube-system"} logs ${state.pod.metadata.name} -c ${state.container} --previous, then correct cilium.values`,
        })),
  },
  clusterCause({
    id: "nodes/agent-absent",
    summary: "A node has joined, and no Cilium agent runs on it.",
    why: "The agent's start-up probe fails after ten minutes; an agent that does not run by then is not just pulling its image.",
    fix: applyAgain,
    // startupProbe of the chart: 300 tries each 2 s.
    graceSeconds: 600,
    find(situation) {
      const agent = agentOf(situation.plan);
      if (agent === undefined || !isApplied(situation)) return [];
      const { snapshot } = situation;
      if (snapshot.workload.parts.pods.objects === undefined) return [];
      if (workloadState(agent, snapshot).object === undefined) return [];
      return nodesWithoutCni(situation).flatMap((node) => {
        const pod = agentPods(snapshot).find((candidate) => candidate.spec?.nodeName === node.metadata.name);
        if (pod?.status?.phase === "Running") return [];
        const found = pod === undefined ? "no agent pod" : `pod ${pod.metadata.name} is ${podState(pod)}`;
        return [withoutCni(node, `${found} on node ${node.metadata.name}`)];
      });
    },
  }),
  {
    id: "cilium/definitions-missing",
    summary: "Cilium's kinds are not served.",
    why: "BGP and load balancer objects are refused until Cilium's operator has registered their kinds.",
    fix: "check the operator's logs: it registers the kinds when it starts",
    find(at) {
      if (!wasReadThere(at, "customResourceDefinitions")) return [];
      const operator = named(inWorkload(at.snapshot, "deployments"), "cilium-operator");
      if (operator === undefined || !isOlder(operator.metadata.creationTimestamp, 2, at.now)) return [];
      const present = inWorkload(at.snapshot, "customResourceDefinitions");
      const missing = at.plan.customResourceDefinitions.filter(
        (name) => !conditionIs(named(present, name), "Established", "True"),
      );
      if (missing.length === 0) return [];
      return [
        {
          ...about(operator),
          problem: `${missing.length} of Cilium's kinds are not served`,
          evidence: missing.join(", "),
          command: "kubectl -n kube-system logs deployment/cilium-operator    (in the workload cluster)",
        },
      ];
    },
  },
  {
    id: "cilium/node-addresses-failed",
    summary: "Cilium has no pod addresses for a node.",
    why: "A node that gets no range from Cilium's pool starts no pod.",
    fix: "widen the pool: network.pods in the stack file",
    find: ({ snapshot }) =>
      inWorkload(snapshot, "ciliumNodes").flatMap((node): readonly Symptom[] => {
        const error = node.status?.ipam?.["operator-status"]?.error ?? "";
        if (error === "") return [];
        return [
          {
            ...about(node),
            problem: `Cilium has no addresses for node ${node.metadata.name}`,
            evidence: `CiliumNode status: "${error}"`,
          },
        ];
      }),
  },
  {
    id: "cilium/kube-proxy-beside",
    summary: "kube-proxy runs although Cilium replaces it.",
    why: "Two programs that write service rules overwrite each other's; connections go wherever the last write points.",
    fix: "delete DaemonSet kube-system/kube-proxy and its rules on the nodes, and keep kubeadm from adding it",
    find: ({ snapshot, cilium }) =>
      cilium.kubeProxyReplacement
        ? inWorkload(snapshot, "daemonSets")
            .filter(({ metadata }) => metadata.name === "kube-proxy")
            .map((daemonSet) => ({
              ...about(daemonSet),
              problem: "kube-proxy runs although Cilium replaces it",
              evidence: "DaemonSet kube-system/kube-proxy exists, and the stack has kubeProxyReplacement",
              command: "kubectl -n kube-system delete daemonset kube-proxy    (in the workload cluster)",
            }))
        : [],
  },
];
