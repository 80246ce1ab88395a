import { list, text, type KubernetesObject } from "../../../../model/kubernetes/object";
import type { Condition } from "../../conditions";
import { selectedNodes, type BgpInputs } from "./plan-nodes";

/** The conditions of a CiliumBGPClusterConfig: all are problems, "False" is good. */
export function clusterConfigConditions(config: KubernetesObject, inputs: BgpInputs): Condition[] {
  const nodes = selectedNodes(config, inputs.nodes);
  const referenced = list(config, "spec", "bgpInstances")
    .flatMap((instance) => list(instance, "peers"))
    .flatMap((peer) => text(peer, "peerConfigRef", "name") ?? []);
  const missing = [...new Set(referenced)].filter(
    (name) => !inputs.peerConfigs.some((entry) => entry.metadata.name === name),
  );
  const rivals = inputs.clusterConfigs.filter(
    (other) =>
      other.metadata.name !== config.metadata.name &&
      selectedNodes(other, inputs.nodes).some((node) => nodes.includes(node)),
  );
  const problem = (type: string, reason: string, is: boolean, message: string): Condition => ({
    type: `cilium.io/${type}`,
    status: is ? "True" : "False",
    reason,
    message: is ? message : "",
  });
  return [
    problem("NoMatchingNode", "NoMatchingNode", nodes.length === 0, "no node matches the node selector"),
    problem(
      "MissingPeerConfigs",
      "MissingPeerConfigs",
      missing.length > 0,
      `Referenced CiliumBGPPeerConfig(s) are missing: ${missing.join(", ")}`,
    ),
    problem(
      "ConflictingClusterConfig",
      "ConflictingClusterConfig",
      rivals.length > 0,
      `Selecting the same node(s) with ClusterConfig(s): ${rivals.map((other) => other.metadata.name).join(", ")}`,
    ),
  ];
}

/** The condition of a CiliumBGPPeerConfig. */
export function peerConfigConditions(config: KubernetesObject, inputs: BgpInputs): Condition[] {
  const secret = text(config, "spec", "authSecretRef");
  const missing = secret !== undefined && !inputs.secrets.has(secret);
  return [
    {
      type: "cilium.io/MissingAuthSecret",
      status: missing ? "True" : "False",
      reason: "MissingAuthSecret",
      message: missing ? `Referenced Auth Secret "${secret}" is missing` : "",
    },
  ];
}
