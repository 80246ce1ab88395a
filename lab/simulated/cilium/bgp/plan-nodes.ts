import {
  type KubernetesObject,
  field,
  list,
  number,
  selects,
  text,
} from "../../../../model/kubernetes/object";
import { announcementsOf, type Announcement } from "./announcements";

/** Everything that BGP in a cluster is decided from. */
export interface BgpInputs {
  readonly clusterConfigs: readonly KubernetesObject[];
  readonly peerConfigs: readonly KubernetesObject[];
  readonly advertisements: readonly KubernetesObject[];
  readonly overrides: readonly KubernetesObject[];
  /** CiliumNodes. */
  readonly nodes: readonly KubernetesObject[];
  readonly services: readonly KubernetesObject[];
  /** Secrets in the BGP secrets namespace: their password, or undefined where one has no key `password`. */
  readonly secrets: ReadonlyMap<string, string | undefined>;
}

/** What one node is to run: its CiliumBGPNodeConfig, and a speaker per instance. */
export interface NodeBgp {
  readonly node: string;
  /** The node's own address. */
  readonly address: string;
  readonly owner: KubernetesObject;
  readonly spec: Record<string, unknown>;
  readonly speakers: readonly SpeakerPlan[];
  readonly errors: readonly string[];
}

/** One BGP instance of a node. */
export interface SpeakerPlan {
  readonly instance: string;
  readonly localASN: number;
  readonly routerId: string;
  /** Absent: it does not listen, as Cilium by default. */
  readonly localPort?: number;
  readonly peers: readonly PeerPlan[];
}

/** One address family as Cilium spells it. */
export interface Family {
  readonly afi: string;
  readonly safi: string;
}

/** One session of a speaker, with Cilium's defaults filled in. */
export interface PeerPlan {
  readonly name: string;
  readonly address: string;
  /** 0 accepts any ASN of the router. */
  readonly asn: number;
  readonly port: number;
  readonly localAddress: string;
  readonly password?: string;
  readonly connectRetrySeconds: number;
  readonly holdSeconds: number;
  readonly keepAliveSeconds: number;
  readonly multihop: number;
  /** Absent: no graceful restart. */
  readonly restartSeconds?: number;
  readonly families: readonly Family[];
  readonly announcements: readonly Announcement[];
}

/** Which nodes a CiliumBGPClusterConfig selects. */
export function selectedNodes(
  config: KubernetesObject,
  nodes: readonly KubernetesObject[],
): KubernetesObject[] {
  const selector = field(config, "spec", "nodeSelector");
  return nodes.filter((node) => selects(selector, node.metadata.labels));
}

/** What each selected node runs; a node that two configurations select belongs to the first by name. */
export function planNodes(inputs: BgpInputs): NodeBgp[] {
  const owned = new Map<string, NodeBgp>();
  for (const config of inputs.clusterConfigs) {
    for (const node of selectedNodes(config, inputs.nodes)) {
      if (!owned.has(node.metadata.name)) owned.set(node.metadata.name, planNode(config, node, inputs));
    }
  }
  return [...owned.values()];
}

function planNode(config: KubernetesObject, node: KubernetesObject, inputs: BgpInputs): NodeBgp {
  const override = inputs.overrides.find((entry) => entry.metadata.name === node.metadata.name);
  const errors: string[] = [];
  const speakers: SpeakerPlan[] = [];
  const instances = list(config, "spec", "bgpInstances").map((instance) => {
    const name = text(instance, "name") ?? "";
    const own = list(override, "spec", "bgpInstances").find((entry) => text(entry, "name") === name);
    const localASN = number(own, "localASN") ?? number(instance, "localASN");
    const localPort = number(own, "localPort") ?? number(instance, "localPort");
    const routerID = text(own, "routerID");
    const peers = list(instance, "peers").map((peer) => {
      const ownPeer = list(own, "peers").find((entry) => text(entry, "name") === text(peer, "name"));
      const localAddress = text(ownPeer, "localAddress");
      return { ...(peer as object), ...(localAddress === undefined ? {} : { localAddress }) };
    });
    const port = localPort === undefined ? {} : { localPort };
    if (localASN === undefined) errors.push(`instance ${name}: missing ASN in desired config`);
    else {
      speakers.push({
        instance: name,
        localASN,
        routerId: routerID ?? nodeAddress(node, 4) ?? "192.0.2.1",
        ...port,
        peers: peers.flatMap((peer) => planPeer(peer, node, inputs, errors)),
      });
    }
    return {
      name,
      ...(localASN === undefined ? {} : { localASN }),
      ...port,
      ...(routerID === undefined ? {} : { routerID }),
      ...(peers.length === 0 ? {} : { peers }),
    };
  });
  return {
    node: node.metadata.name,
    address: nodeAddress(node, 4) ?? nodeAddress(node, 6) ?? "",
    owner: config,
    spec: { bgpInstances: instances },
    speakers,
    errors,
  };
}

/** Nothing for a peer without address, or whose peer configuration is missing: Cilium skips both silently. */
function planPeer(peer: unknown, node: KubernetesObject, inputs: BgpInputs, errors: string[]): PeerPlan[] {
  const address = text(peer, "peerAddress");
  const reference = text(peer, "peerConfigRef", "name");
  const config = inputs.peerConfigs.find((entry) => entry.metadata.name === reference);
  if (address === undefined || (reference !== undefined && config === undefined)) return [];
  const name = text(peer, "name") ?? "";
  // On a real node the kernel chooses it; here all addresses are on one loopback, so that it must be set.
  const localAddress = text(peer, "localAddress") ?? nodeAddress(node, address.includes(":") ? 6 : 4);
  if (localAddress === undefined) {
    errors.push(`peer ${name}: the node has no address of the family of ${address}`);
    return [];
  }
  const secret = text(config, "spec", "authSecretRef");
  if (secret !== undefined && inputs.secrets.has(secret) && inputs.secrets.get(secret) === undefined) {
    errors.push(`peer ${name}: failed to fetch auth secret ${secret}: no key "password"`);
    return [];
  }
  // A missing Secret means an empty password, not an error.
  const password = secret === undefined ? undefined : inputs.secrets.get(secret);
  const timer = (key: string, standard: number) => number(config, "spec", "timers", key) ?? standard;
  const restarts = field(config, "spec", "gracefulRestart", "enabled") === true;
  const families = list(config, "spec", "families");
  return [
    {
      name,
      address,
      asn: number(peer, "peerASN") ?? 0,
      port: number(config, "spec", "transport", "peerPort") ?? 179,
      localAddress,
      ...(password === undefined ? {} : { password }),
      connectRetrySeconds: timer("connectRetryTimeSeconds", 120),
      holdSeconds: timer("holdTimeSeconds", 90),
      keepAliveSeconds: timer("keepAliveTimeSeconds", 30),
      multihop: number(config, "spec", "ebgpMultihop") ?? 1,
      ...(restarts
        ? { restartSeconds: number(config, "spec", "gracefulRestart", "restartTimeSeconds") ?? 120 }
        : {}),
      families:
        families.length === 0
          ? ["ipv6", "ipv4"].map((afi) => ({ afi, safi: "unicast" }))
          : families.map((family) => ({
              afi: text(family, "afi") ?? "ipv4",
              safi: text(family, "safi") ?? "unicast",
            })),
      announcements: families.flatMap((family) => announcementsOf(family, node, inputs)),
    },
  ];
}

/** The first address of a family that a CiliumNode names. */
function nodeAddress(node: KubernetesObject, family: 4 | 6): string | undefined {
  return list(node, "spec", "addresses")
    .filter((entry) => text(entry, "type") === "InternalIP")
    .map((entry) => text(entry, "ip") ?? "")
    .find((ip) => ip !== "" && ip.includes(":") === (family === 6));
}
