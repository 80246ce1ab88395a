import { field, list, type KubernetesObject } from "../../model/kubernetes/object";

/** Whether every peer that a CiliumBGPNodeConfig reports is established; nothing reported is not. */
export function allEstablished(config: KubernetesObject): boolean {
  const peers = list(config, "status", "bgpInstances").flatMap((instance) => list(instance, "peers"));
  return peers.length > 0 && peers.every((peer) => field(peer, "peeringState") === "established");
}
