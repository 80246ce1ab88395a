import { type KubernetesObject, list, number, text } from "../kubernetes/object";
import type { Assessment, Missing, Status } from "./assessment";
import { condition, conditionIs } from "./condition";
import { type Observation, agentPods, allInWorkload } from "./observation";
import type { BgpReadinessPlan } from "./plan";
import { selects } from "./selector";

type Instance = BgpReadinessPlan["instances"][number];

/** Every peer of every selected node must be established, seen from the node and with a living agent behind it. */
export function assessBgp(plan: BgpReadinessPlan, observation: Observation): Assessment {
  const nodes = allInWorkload(observation, "nodes");
  const parts = plan.instances.map((instance) => {
    const selected = nodes.filter((node) => selects(instance.nodeSelector, node.metadata.labels));
    if (selected.length === 0) {
      const what = `a node that ${instance.clusterConfig} selects (${selectorText(instance)})`;
      return { statuses: [], missing: [{ who: plan.cluster, what }] };
    }
    const sessions = selected.map((node) => sessionsOf(instance, node, observation));
    return {
      statuses: sessions.flatMap((session) => session.statuses),
      missing: sessions.flatMap((session) => session.missing),
    };
  });
  const missing = parts.flatMap((part) => part.missing);
  return {
    statuses: parts.flatMap((part) => part.statuses),
    missing,
    milestones: [{ phase: "bgp", started: true, done: missing.length === 0 }],
  };
}

/** `rack=a, role=worker`, or `every node`. */
function selectorText(instance: Instance): string {
  const { matchLabels = {}, matchExpressions = [] } = instance.nodeSelector;
  const parts = [
    ...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`),
    ...matchExpressions.map(({ key, values = [] }) => `${key}=${values.join("|")}`),
  ];
  return parts.length === 0 ? "every node" : parts.join(", ");
}

function sessionsOf(
  instance: Instance,
  node: KubernetesObject,
  observation: Observation,
): { statuses: readonly Status[]; missing: readonly Missing[] } {
  const name = node.metadata.name;
  const config = observation.workload.objects.bgpNodeConfigs?.get(name);
  const trouble = nodeTrouble(name, config, observation);
  const running = list(config, "status", "bgpInstances").find(
    (entry) => text(entry, "name") === instance.instance,
  );
  const statuses: Status[] = [];
  const missing: Missing[] = [];
  for (const peer of instance.peers) {
    const found = list(running, "peers").find(
      (entry) => text(entry, "name") === peer.name || text(entry, "peerAddress") === peer.address,
    );
    const state = text(found, "peeringState");
    const label = `${peer.name} ${peer.address} AS${number(found, "peerASN") ?? peer.asn}`;
    if (state !== undefined) {
      const key = `bgp/${name}/${instance.instance}/${peer.name}`;
      statuses.push({ key, who: name, phase: "bgp", text: `${label} ${state}` });
    }
    if (state !== "established" || trouble !== undefined) {
      const last =
        trouble ?? (state === undefined ? "the agent has not started this peer" : `session is ${state}`);
      missing.push({ who: name, what: `BGP session with ${label} established`, cause: last });
    }
  }
  return { statuses, missing };
}

/** The agent writes the sessions' state and nothing clears it when the agent dies, so a dead agent's word does not count. */
function nodeTrouble(
  node: string,
  config: KubernetesObject | undefined,
  observation: Observation,
): string | undefined {
  if (config === undefined) return "no CiliumBGPNodeConfig for this node yet";
  const agents = agentPods(observation);
  const agent = agents.find((pod) => text(pod, "spec", "nodeName") === node);
  if (agents.length > 0 && !conditionIs(agent, "Ready", "True"))
    return "the Cilium agent on this node is not Ready";
  const reconcile = condition(config, "cilium.io/BGPReconcileError");
  return reconcile?.status === "True" ? `BGPReconcileError: ${reconcile.message}` : undefined;
}
