import { type KubernetesObject, field, list, text } from "../../../kubernetes/object";
import { inWorkload, named } from "../../snapshot";
import { condition, conditionIs } from "../../../kubernetes/condition";
import { type DiagnosisRule, type Symptom, about, isOlder, sinceTime, wasReadThere } from "../case";

/** The kubelet has fallen silent. */
export const kubeletSilent: DiagnosisRule = {
  id: "nodes/kubelet-silent",
  why: "A node whose kubelet does not report is taken for lost; its pods are moved.",
  fix: "look at the server: power, network, then systemctl status kubelet",
  find: ({ snapshot }) =>
    inWorkload(snapshot, "nodes").flatMap((node): readonly Symptom[] => {
      const ready = condition(node, "Ready");
      if (ready?.status !== "Unknown") return [];
      return [
        {
          ...about(node),
          ...sinceTime(ready.lastTransitionTime),
          problem: `the kubelet of ${node.metadata.name} does not report any more`,
          evidence: `Ready=Unknown ${ready.reason}: "${ready.message}"`,
          fix: "look at the server: power, network, then systemctl status kubelet",
          command: `ssh ${text(list(node, "status", "addresses")[0], "address") ?? node.metadata.name} systemctl status kubelet`,
        },
      ];
    }),
};

/** A node has too little memory, disk or process ids. */
export const nodePressure: DiagnosisRule = {
  id: "nodes/under-pressure",
  why: "A kubelet under pressure evicts pods and takes no new ones.",
  fix: "free what is short on the server, or give the pool larger servers",
  find: ({ snapshot }) =>
    inWorkload(snapshot, "nodes").flatMap((node) =>
      ["MemoryPressure", "DiskPressure", "PIDPressure"].flatMap((type): readonly Symptom[] => {
        const says = condition(node, type);
        if (says?.status !== "True") return [];
        return [
          {
            ...about(node),
            ...sinceTime(says.lastTransitionTime),
            problem: `node ${node.metadata.name} is under ${type}`,
            evidence: `${type}=True ${says.reason}: "${says.message}"`,
            fix: "free what is short on the server, or give the pool larger servers",
          },
        ];
      }),
    ),
};

const bootTaints = ["node.cloudprovider.kubernetes.io/uninitialized", "node.cluster.x-k8s.io/uninitialized"];

/** A taint of the start was never taken away. */
export const nodeUninitialised: DiagnosisRule = {
  id: "nodes/uninitialized",
  why: "Nothing is scheduled on a node with a start-up taint, Cilium's operator neither.",
  fix: "run the controller that removes it, or start kubelets without --cloud-provider=external",
  find: ({ snapshot, now }) =>
    inWorkload(snapshot, "nodes")
      .filter(({ metadata }) => isOlder(metadata.creationTimestamp, 10, now))
      .flatMap((node): readonly Symptom[] => {
        const taint = list(node, "spec", "taints")
          .map((entry) => text(entry, "key") ?? "")
          .find((key) => bootTaints.includes(key));
        if (taint === undefined) return [];
        return [
          {
            ...about(node),
            problem: `node ${node.metadata.name} still has the taint of its start`,
            evidence: `taint ${taint}, node created ${node.metadata.creationTimestamp ?? ""}`,
            fix: "run the controller that removes it, or start kubelets without --cloud-provider=external",
          },
        ];
      }),
};

/** Nobody has given the node a range for its pods. */
export const podCidrMissing: DiagnosisRule = {
  id: "nodes/pod-cidr-missing",
  why: "A node without a pod range starts no pod and announces no route.",
  fix: "widen network.pods: its ranges are used up, or smaller than podPrefixPerNode",
  find(at) {
    const config = named(inWorkload(at.snapshot, "configMaps"), "cilium-config");
    const mode = text(config, "data", "ipam");
    const ofCilium = mode === "cluster-pool";
    if (mode !== "kubernetes" && !ofCilium) return [];
    if (ofCilium && !wasReadThere(at, "ciliumNodes")) return [];
    return inWorkload(at.snapshot, "nodes")
      .filter(({ metadata }) => isOlder(metadata.creationTimestamp, 2, at.now))
      .filter(
        (node) =>
          !hasRange(
            node,
            ofCilium ? named(inWorkload(at.snapshot, "ciliumNodes"), node.metadata.name) : node,
            ofCilium,
          ),
      )
      .map((node) => ({
        ...about(node),
        problem: `node ${node.metadata.name} has no range for its pods`,
        evidence: ofCilium ? "its CiliumNode has no spec.ipam.podCIDRs" : "its spec has no podCIDRs",
        fix: "widen network.pods: its ranges are used up, or smaller than podPrefixPerNode",
        command: `kubectl describe node ${node.metadata.name}    (in the workload cluster)`,
      }));
  },
};

function hasRange(node: KubernetesObject, owner: KubernetesObject | undefined, ofCilium: boolean): boolean {
  // Before Cilium knows the node it cannot have given it anything; that has causes of its own.
  if (ofCilium && owner === undefined && !conditionIs(node, "Ready", "True")) return true;
  return (
    list(owner, "spec", ...(ofCilium ? ["ipam", "podCIDRs"] : ["podCIDRs"])).length > 0 ||
    text(owner, "spec", "podCIDR") !== undefined
  );
}

const unresolved = /no such host|server misbehaving|temporary failure in name resolution/i;

/** A node cannot resolve the registry's name. */
export const registryUnresolved: DiagnosisRule = {
  id: "nodes/registry-unresolved",
  why: "A node whose DNS does not answer pulls no image; right after a boot systemd-resolved may not be up yet.",
  fix: "check network.dns of the stack file from the node: resolvectl query, then /etc/resolv.conf",
  find: ({ snapshot }) =>
    inWorkload(snapshot, "pods").flatMap((pod): readonly Symptom[] => {
      const waiting = [
        ...list(pod, "status", "initContainerStatuses"),
        ...list(pod, "status", "containerStatuses"),
      ]
        .map((status) => field(status, "state", "waiting"))
        .find((state) => unresolved.test(text(state, "message") ?? ""));
      if (waiting === undefined) return [];
      const node = text(pod, "spec", "nodeName") ?? pod.metadata.name;
      return [
        {
          object: `Pod/${pod.metadata.name}`,
          who: node,
          problem: `node ${node} cannot resolve the name of the registry`,
          evidence: text(waiting, "message") ?? "",
          fix: "check network.dns of the stack file from the node: resolvectl query, then /etc/resolv.conf",
          command: `ssh ${node} resolvectl status`,
        },
      ];
    }),
};
