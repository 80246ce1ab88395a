import type { CiliumNode } from "../../kubernetes/cilium";
import type { Node } from "../../kubernetes/core";
import { condition, conditionIs } from "../../kubernetes/condition";
import { nodeAddressAnnotation } from "../../kubernetes/labels";
import type { HostState } from "../readiness/host-state";
import { belongsTo, inManagement, inWorkload, named } from "../snapshot";
import {
  type CauseRule,
  type DiagnosisCase,
  type Symptom,
  about,
  conditionText,
  isOlder,
  sinceTime,
  wasReadThere,
} from "./cause";

/** Metal3's order of rendering; cloud-init turns a link that is not there yet into an interface named None. */
const linkRanks = ["ethernets", "bonds", "vlans"] as const;

/** Hosts whose image is written and whose machine has never had a node. */
const nodeless = ({ hosts }: DiagnosisCase): readonly HostState[] =>
  hosts.filter(
    ({ phase, machine, host }) =>
      phase === "boot" &&
      machine !== undefined &&
      machine.status?.nodeRef === undefined &&
      host?.status?.poweredOn !== false,
  );

const addressOf = ({ host }: HostState) => host?.metadata.annotations?.[nodeAddressAnnotation];

/** A node that runs on the host and is not linked to its machine. */
function unlinkedNode({ snapshot }: DiagnosisCase, host: HostState): Node | undefined {
  const address = addressOf(host);
  return inWorkload(snapshot, "nodes").find(
    (each) =>
      each.metadata.name === host.machine?.metadata.name ||
      (address !== undefined && each.status?.addresses?.some((entry) => entry.address === address) === true),
  );
}

const bootTaints = ["node.cloudprovider.kubernetes.io/uninitialized", "node.cluster.x-k8s.io/uninitialized"];

function hasPodRange(node: Node, owner: CiliumNode | undefined, ofCilium: boolean): boolean {
  if (!ofCilium) return (node.spec?.podCIDRs ?? []).length > 0 || node.spec?.podCIDR !== undefined;
  // Before Cilium knows the node it cannot have assigned a range; that has causes of its own.
  if (owner === undefined && !conditionIs(node, "Ready", "True")) return true;
  return (owner?.spec?.ipam?.podCIDRs ?? []).length > 0;
}

/** Causes between a server with its image and a Ready node. */
export const nodeCauses: readonly CauseRule[] = [
  {
    id: "machines/network-links-unordered",
    summary: "A link of the network data depends on one that is rendered after it.",
    why: "Metal3 renders ethernets, then bonds, then VLANs; cloud-init turns a link that is not there yet into an interface named None.",
    fix: "put VLANs on bonds and bonds on ethernets, never the other way round",
    find: ({ snapshot, plan }) =>
      inManagement(snapshot, "dataTemplates").flatMap((template): readonly Symptom[] => {
        if (!belongsTo(plan.cluster, template)) return [];
        const links = template.spec?.networkData?.links;
        const ranks = new Map(
          linkRanks.flatMap((kind, rank) => (links?.[kind] ?? []).map(({ id }) => [id, rank] as const)),
        );
        const wrong = linkRanks.flatMap((kind, rank) =>
          (links?.[kind] ?? []).flatMap(({ id, bondLinks = [], vlanLink }) =>
            [...bondLinks, ...(vlanLink === undefined ? [] : [vlanLink])]
              .filter((on) => (ranks.get(on) ?? 9) >= rank)
              .map((on) => `${id} depends on ${on}`),
          ),
        );
        if (wrong.length === 0) return [];
        return [
          {
            ...about(template),
            problem: "the network data has links in an order that cannot be rendered",
            evidence: wrong.join(", "),
          },
        ];
      }),
  },
  {
    id: "machines/node-unlinked",
    summary: "A node runs on a host, and neither its name nor a label links it to the machine.",
    why: "Metal3 finds the node by label metal3.io/uuid, Cluster API by providerID; a node with neither is not linked to a machine.",
    fix: "let the kubelet register with the name and labels that the stack writes; a changed image may override them",
    find: (at) =>
      nodeless(at).flatMap((host): readonly Symptom[] => {
        const node = unlinkedNode(at, host);
        if (node === undefined) return [];
        return [
          {
            ...about(node),
            problem: `node ${node.metadata.name} runs on ${host.name}, but neither its name nor a label links it to the machine`,
            evidence: `label metal3.io/uuid is ${node.metadata.labels?.["metal3.io/uuid"] ?? "(absent)"}, the host's uid ${host.host?.metadata.uid ?? "(unknown)"}; the machine is ${host.machine?.metadata.name ?? "(unknown)"}`,
            command: `kubectl get node ${node.metadata.name} --show-labels    (in the workload cluster)`,
          },
        ];
      }),
  },
  {
    id: "machines/provider-id-mismatch",
    summary: "A node has another providerID than its machine.",
    why: "Cluster API finds a machine's node by its providerID, which cannot be changed once it is set.",
    fix: "delete the Node object; its kubelet registers it again without a providerID, and Metal3 sets the right one",
    find: (at) =>
      at.hosts.flatMap((host): readonly Symptom[] => {
        const { node, machine } = host;
        const own = node?.spec?.providerID ?? "";
        const wanted =
          machine?.spec?.providerID ??
          `metal3://${at.plan.namespace}/${host.name}/${machine?.metadata.name ?? ""}`;
        if (node === undefined || machine === undefined || own === "" || own === wanted) return [];
        return [
          {
            ...about(node),
            problem: `node ${node.metadata.name} has the providerID of another machine`,
            evidence: `node ${own}, machine ${wanted}`,
            command: `kubectl delete node ${node.metadata.name}    (in the workload cluster)`,
          },
        ];
      }),
  },
  {
    id: "machines/node-not-joined",
    summary: "A server has its image and does not join the cluster.",
    why: "A boot and a kubeadm join take minutes; after twenty the server hangs, has no network, resolves no names, pulls no images, or cannot reach the endpoint.",
    fix: "check the server's console and journalctl -u cloud-final: interface names and links (ip addr), DNS and image pulls (crictl images), time, and the endpoint from there",
    find: (at) =>
      nodeless(at).flatMap((host): readonly Symptom[] => {
        const end = host.host?.status?.operationHistory?.provision?.end;
        if (!isOlder(end, 20, at.now) || unlinkedNode(at, host) !== undefined) return [];
        const { host: address, port } = at.plan.endpoint;
        const reach =
          at.snapshot.workload.trouble === undefined ? `, and ${address}:${port} answers from here` : "";
        return [
          {
            object: `BareMetalHost/${host.name}`,
            who: host.name,
            ...sinceTime(end),
            certainty: "likely",
            problem: `server ${host.name} has its image and is on, but has not joined`,
            evidence: `provisioned at ${end ?? ""}, no Node with its uid${reach}`,
            command: `ssh ${addressOf(host) ?? host.name} journalctl -b -u cloud-final -u kubelet`,
          },
        ];
      }),
  },
  {
    id: "nodes/kubelet-silent",
    summary: "A node's kubelet does not report.",
    why: "A node whose kubelet does not report counts as lost; its pods are moved.",
    fix: "check the server: power, network, then systemctl status kubelet",
    find: ({ snapshot }) =>
      inWorkload(snapshot, "nodes").flatMap((node): readonly Symptom[] => {
        const ready = condition(node, "Ready");
        if (ready?.status !== "Unknown") return [];
        return [
          {
            ...about(node),
            ...sinceTime(ready.lastTransitionTime),
            problem: `the kubelet of ${node.metadata.name} does not report`,
            evidence: conditionText(ready),
            command: `ssh ${node.status?.addresses?.[0]?.address ?? node.metadata.name} systemctl status kubelet`,
          },
        ];
      }),
  },
  {
    id: "nodes/under-pressure",
    summary: "A node has too little memory, disk or process IDs.",
    why: "A kubelet under pressure evicts pods and accepts no new ones.",
    fix: "free what is short on the server, or give the pool larger servers",
    find: ({ snapshot }) =>
      inWorkload(snapshot, "nodes").flatMap((node) =>
        ["MemoryPressure", "DiskPressure", "PIDPressure"].flatMap((type): readonly Symptom[] => {
          const found = condition(node, type);
          if (found?.status !== "True") return [];
          return [
            {
              ...about(node),
              ...sinceTime(found.lastTransitionTime),
              problem: `node ${node.metadata.name} is under ${type}`,
              evidence: conditionText(found),
            },
          ];
        }),
      ),
  },
  {
    id: "nodes/uninitialized",
    summary: "A node still has a start-up taint.",
    why: "A node with a start-up taint takes no pods, including Cilium's operator.",
    fix: "run the controller that removes it, or start kubelets without --cloud-provider=external",
    find: ({ snapshot, now }) =>
      inWorkload(snapshot, "nodes")
        .filter(({ metadata }) => isOlder(metadata.creationTimestamp, 10, now))
        .flatMap((node): readonly Symptom[] => {
          const taint = node.spec?.taints?.find(({ key }) => bootTaints.includes(key))?.key;
          if (taint === undefined) return [];
          return [
            {
              ...about(node),
              problem: `node ${node.metadata.name} still has its start-up taint`,
              evidence: `taint ${taint}, node created ${node.metadata.creationTimestamp ?? ""}`,
            },
          ];
        }),
  },
  {
    id: "nodes/pod-cidr-missing",
    summary: "A node has no range for its pods.",
    why: "A node without a pod range starts no pod and announces no route.",
    fix: "widen network.pods: its ranges are used up, or smaller than podPrefixPerNode",
    find(at) {
      const config = named(inWorkload(at.snapshot, "configMaps"), "cilium-config");
      const mode = config?.data?.["ipam"];
      const ofCilium = mode === "cluster-pool";
      if (mode !== "kubernetes" && !ofCilium) return [];
      if (ofCilium && !wasReadThere(at, "ciliumNodes")) return [];
      const ciliumNodes = inWorkload(at.snapshot, "ciliumNodes");
      return inWorkload(at.snapshot, "nodes")
        .filter(({ metadata }) => isOlder(metadata.creationTimestamp, 2, at.now))
        .filter((node) => {
          const owner = named(ciliumNodes, node.metadata.name);
          return !hasPodRange(node, owner, ofCilium);
        })
        .map((node) => ({
          ...about(node),
          problem: `node ${node.metadata.name} has no range for its pods`,
          evidence: ofCilium ? "its CiliumNode has no spec.ipam.podCIDRs" : "its spec has no podCIDRs",
          command: `kubectl describe node ${node.metadata.name}    (in the workload cluster)`,
        }));
    },
  },
  {
    id: "machines/remediation-stopped",
    summary: "Too many machines are unhealthy at once, so none is remediated.",
    why: "A health check that finds too many unhealthy machines assumes a network failure and remediates none.",
    fix: "find what the unhealthy machines have in common: a switch, a power supply, the endpoint",
    find: ({ snapshot }) =>
      inManagement(snapshot, "healthChecks").flatMap((check): readonly Symptom[] => {
        const found = condition(check, "RemediationAllowed");
        // Machines that have not started yet count too, and are no sign of a failure.
        if (found?.status !== "False" || /\bunhealthy: 0\b/.test(found.message ?? "")) return [];
        return [
          {
            ...about(check),
            ...sinceTime(found.lastTransitionTime),
            problem: "too many machines are unhealthy, so none is replaced",
            evidence: conditionText(found),
          },
        ];
      }),
  },
];
