import { type KubernetesObject, list, text } from "../../../kubernetes/object";
import { inWorkload, named } from "../../snapshot";
import { condition, conditionIs } from "../../../kubernetes/condition";
import { type DiagnosisRule, type Symptom, about, isOlder, wasReadThere } from "../case";

/** Cilium asks for the API server somewhere else than at the endpoint. */
export const agentEndpointWrong: DiagnosisRule = {
  id: "cilium/agent-endpoint-wrong",
  why: "Without kube-proxy nobody serves the service address before Cilium runs, and Cilium does not run before it reaches the API server.",
  fix: "leave k8sServiceHost and k8sServicePort to the stack, which writes the endpoint; then pulumi up",
  find({ snapshot, cilium }) {
    const config = named(inWorkload(snapshot, "configMaps"), "cilium-config");
    // Agents with a list of API servers choose among them.
    if (!cilium.kubeProxyReplacement || text(config, "data", "k8s-api-server-urls") !== undefined) return [];
    const { host, port } = cilium.endpoint;
    const workloads = [
      named(inWorkload(snapshot, "daemonSets"), "cilium"),
      named(inWorkload(snapshot, "deployments"), "cilium-operator"),
    ].filter((each): each is KubernetesObject => each !== undefined);
    return workloads.flatMap((workload): readonly Symptom[] => {
      const containers = [
        ...list(workload, "spec", "template", "spec", "initContainers"),
        ...list(workload, "spec", "template", "spec", "containers"),
      ];
      const main = containers.filter((container) =>
        /agent|operator|config|cilium/.test(text(container, "name") ?? ""),
      );
      const found = main.map((container) => [
        valueOf(container, "KUBERNETES_SERVICE_HOST"),
        valueOf(container, "KUBERNETES_SERVICE_PORT"),
      ]);
      const said = found.find(([has]) => has !== undefined);
      if (said !== undefined && said[0] === host && (said[1] ?? "443") === String(port)) return [];
      return [
        {
          ...about(workload),
          problem: `${workload.metadata.name} asks for the API server at the wrong place`,
          evidence: `KUBERNETES_SERVICE_HOST is ${said?.[0] ?? "(absent: the service address)"}, port ${said?.[1] ?? "(absent)"}; the endpoint is ${host}:${port}`,
          fix: "leave k8sServiceHost and k8sServicePort to the stack, which writes the endpoint; then pulumi up",
          command: `npm run metal -- verify --stack ${snapshot.cluster}`,
        },
      ];
    });
  },
};

function valueOf(container: unknown, name: string): string | undefined {
  return text(
    list(container, "env").find((entry) => text(entry, "name") === name),
    "value",
  );
}

/** kube-proxy runs although Cilium replaces it. */
export const kubeProxyBeside: DiagnosisRule = {
  id: "cilium/kube-proxy-beside",
  why: "Two programs that write service rules undo each other's; connections end up with whoever wrote last.",
  fix: "delete DaemonSet kube-system/kube-proxy and its rules on the nodes, and keep kubeadm from adding it",
  find: ({ snapshot, cilium }) =>
    cilium.kubeProxyReplacement
      ? inWorkload(snapshot, "daemonSets")
          .filter(({ metadata }) => metadata.name === "kube-proxy")
          .map((daemonSet) => ({
            ...about(daemonSet),
            problem: "kube-proxy runs although Cilium replaces it",
            evidence: "DaemonSet kube-system/kube-proxy exists, and the stack has kubeProxyReplacement",
            fix: "delete DaemonSet kube-system/kube-proxy and its rules on the nodes",
            command: "kubectl -n kube-system delete daemonset kube-proxy    (in the workload cluster)",
          }))
      : [],
};

/** No operator finds a node that takes it. */
export const operatorUnschedulable: DiagnosisRule = {
  id: "cilium/operator-unschedulable",
  why: "The operator makes Cilium's kinds and takes the taints away; when it fits no node, agents wait for ever.",
  fix: "let it tolerate the taint in cilium.values (operator.tolerations), or take the taint away",
  find({ snapshot, now }) {
    const pods = inWorkload(snapshot, "pods").filter(
      ({ metadata }) => metadata.labels?.["io.cilium/app"] === "operator",
    );
    if (pods.some((pod) => conditionIs(pod, "Ready", "True"))) return [];
    return pods
      .filter(({ metadata }) => isOlder(metadata.creationTimestamp, 1, now))
      .flatMap((pod): readonly Symptom[] => {
        const says = condition(pod, "PodScheduled");
        if (says?.status !== "False") return [];
        return [
          {
            object: `Pod/${pod.metadata.name}`,
            who: snapshot.cluster,
            problem: "Cilium's operator fits on no node",
            evidence: `PodScheduled=False ${says.reason}: "${says.message}"`,
            fix: "let it tolerate the taint in cilium.values (operator.tolerations), or take the taint away",
            command:
              "kubectl -n kube-system describe pod -l io.cilium/app=operator    (in the workload cluster)",
          },
        ];
      })
      .slice(0, 1);
  },
};

/** Cilium's kinds are not served. */
export const definitionsMissing: DiagnosisRule = {
  id: "cilium/definitions-missing",
  why: "BGP and load balancer objects are refused until Cilium's operator has registered their kinds.",
  fix: "look at the operator's logs: it registers the kinds when it starts",
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
        fix: "look at the operator's logs: it registers the kinds when it starts",
        command: "kubectl -n kube-system logs deployment/cilium-operator    (in the workload cluster)",
      },
    ];
  },
};

/** Cilium cannot give a node addresses for its pods. */
export const nodeAddressesFailed: DiagnosisRule = {
  id: "cilium/node-addresses-failed",
  why: "A node that gets no range from Cilium's pool starts no pod.",
  fix: "widen the pool: network.pods in the stack file",
  find: ({ snapshot }) =>
    inWorkload(snapshot, "ciliumNodes").flatMap((node): readonly Symptom[] => {
      const error = text(node, "status", "ipam", "operator-status", "error") ?? "";
      if (error === "") return [];
      return [
        {
          ...about(node),
          problem: `Cilium has no addresses for node ${node.metadata.name}`,
          evidence: `CiliumNode status: "${error}"`,
          fix: "widen the pool: network.pods in the stack file",
        },
      ];
    }),
};
