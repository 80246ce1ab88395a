import { field, list, number, text, type KubernetesObject } from "../../../model/kubernetes/object";
import { selects } from "../../../model/readiness/selector";
import type { Condition } from "../conditions";

/** Everything that BGP in a cluster is decided from. */
export interface BgpInputs {
  readonly clusterConfigs: readonly KubernetesObject[];
  readonly peerConfigs: readonly KubernetesObject[];
  readonly advertisements: readonly KubernetesObject[];
  readonly overrides: readonly KubernetesObject[];
  /** CiliumNodes whose agent is ready. */
  readonly nodes: readonly KubernetesObject[];
  readonly services: readonly KubernetesObject[];
  /** Names of the Secrets in the BGP secrets namespace. */
  readonly secrets: ReadonlySet<string>;
}

/** The CiliumBGPNodeConfig of one node. */
export interface NodeBgp {
  readonly node: string;
  readonly owner: KubernetesObject;
  readonly spec: Record<string, unknown>;
  readonly sessions: readonly Session[];
  readonly errors: readonly string[];
}

/** One played session; `established` is false where a real one would not come up. */
export interface Session {
  readonly instance: string;
  readonly localASN: number;
  readonly peer: string;
  readonly peerAddress: string;
  readonly peerASN: number;
  readonly established: boolean;
  readonly holdSeconds: number;
  readonly keepAliveSeconds: number;
  readonly routes: readonly { readonly afi: string; readonly safi: string; readonly advertised: number }[];
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
  const sessions: Session[] = [];
  const instances = list(config, "spec", "bgpInstances").map((instance) => {
    const name = text(instance, "name") ?? "";
    const own = list(override, "spec", "bgpInstances").find((entry) => text(entry, "name") === name);
    const localASN = number(own, "localASN") ?? number(instance, "localASN");
    const localPort = number(own, "localPort") ?? number(instance, "localPort");
    const routerID = text(own, "routerID");
    if (localASN === undefined) errors.push(`instance ${name}: missing ASN in desired config`);
    const peers = list(instance, "peers").map((peer) => {
      const ownPeer = list(own, "peers").find((entry) => text(entry, "name") === text(peer, "name"));
      const localAddress = text(ownPeer, "localAddress");
      if (localASN !== undefined) sessions.push(...session(name, localASN, peer, node, inputs));
      return { ...(peer as object), ...(localAddress === undefined ? {} : { localAddress }) };
    });
    return {
      name,
      ...(localASN === undefined ? {} : { localASN }),
      ...(localPort === undefined ? {} : { localPort }),
      ...(routerID === undefined ? {} : { routerID }),
      ...(peers.length === 0 ? {} : { peers }),
    };
  });
  return { node: node.metadata.name, owner: config, spec: { bgpInstances: instances }, sessions, errors };
}

/** No session for a peer without address, or whose peer configuration is missing: Cilium skips both silently. */
function session(
  instance: string,
  localASN: number,
  peer: unknown,
  node: KubernetesObject,
  inputs: BgpInputs,
): Session[] {
  const peerAddress = text(peer, "peerAddress");
  const reference = text(peer, "peerConfigRef", "name");
  const config = inputs.peerConfigs.find((entry) => entry.metadata.name === reference);
  if (peerAddress === undefined || (reference !== undefined && config === undefined)) return [];
  const secret = text(config, "spec", "authSecretRef");
  const hold = number(config, "spec", "timers", "holdTimeSeconds") ?? 90;
  return [
    {
      instance,
      localASN,
      peer: text(peer, "name") ?? "",
      peerAddress,
      peerASN: number(peer, "peerASN") ?? 0,
      // A missing Secret means an empty password: a router that wants one does not answer.
      established: secret === undefined || inputs.secrets.has(secret),
      holdSeconds: hold,
      keepAliveSeconds: number(config, "spec", "timers", "keepAliveTimeSeconds") ?? 30,
      routes: list(config, "spec", "families").map((family) => routes(family, node, inputs)),
    },
  ];
}

function routes(family: unknown, node: KubernetesObject, inputs: BgpInputs): Session["routes"][number] {
  const afi = text(family, "afi") ?? "ipv4";
  const safi = text(family, "safi") ?? "unicast";
  const selector = field(family, "advertisements");
  const inFamily = (address: unknown) =>
    typeof address === "string" && address.includes(":") === (afi === "ipv6");
  const advertised = new Set<string>();
  for (const object of selector === undefined ? [] : inputs.advertisements) {
    if (!selects(selector, object.metadata.labels)) continue;
    for (const advertisement of list(object, "spec", "advertisements")) {
      for (const prefix of prefixes(advertisement, node, inputs.services))
        if (inFamily(prefix)) advertised.add(prefix);
    }
  }
  return { afi, safi, advertised: safi === "unicast" ? advertised.size : 0 };
}

function prefixes(
  advertisement: unknown,
  node: KubernetesObject,
  services: readonly KubernetesObject[],
): readonly string[] {
  const type = text(advertisement, "advertisementType");
  if (type === "PodCIDR") return list(node, "spec", "ipam", "podCIDRs").map(String);
  // A Service advertisement without selector selects nothing (facts/cilium.md 5, trap 2).
  const selector = field(advertisement, "selector");
  if (type !== "Service" || selector === undefined) return [];
  const kinds = list(advertisement, "service", "addresses").map(String);
  return services
    .filter((service) => selects(selector, service.metadata.labels))
    .flatMap((service) => [
      ...(kinds.includes("LoadBalancerIP")
        ? list(service, "status", "loadBalancer", "ingress").map((entry) => text(entry, "ip") ?? "")
        : []),
      ...(kinds.includes("ClusterIP") ? list(service, "spec", "clusterIPs").map(String) : []),
      ...(kinds.includes("ExternalIP") ? list(service, "spec", "externalIPs").map(String) : []),
    ])
    .filter((address) => address !== "" && address !== "None");
}

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
