import { selects, text } from "../../../kubernetes/object";
import { inWorkload, named } from "../../snapshot";
import { reportedSessions } from "../../readiness/bgp-assessment";
import { condition } from "../../../kubernetes/condition";
import {
  type DiagnosisCase,
  type DiagnosisRule,
  type Symptom,
  about,
  isOlder,
  sinceTime,
  wasReadThere,
} from "../case";

/** BGP is off in the agents. */
export const bgpDisabled: DiagnosisRule = {
  id: "bgp/control-plane-disabled",
  why: "Agents that run without BGP never read the BGP objects.",
  fix: "leave bgpControlPlane.enabled to the stack, then pulumi up; agents read it when they start",
  find({ snapshot, bgp, plan }) {
    const config = named(inWorkload(snapshot, "configMaps"), "cilium-config");
    const value = text(config, "data", "enable-bgp-control-plane");
    if (bgp === undefined || config === undefined || value === "true") return [];
    return [
      {
        ...about(config, plan.cluster),
        problem: "BGP is switched off in Cilium",
        evidence: `enable-bgp-control-plane is ${value ?? "(absent)"} in ConfigMap cilium-config`,
        fix: "leave bgpControlPlane.enabled to the stack, then pulumi up; agents read it when they start",
        command: `npm run metal -- verify --stack ${snapshot.cluster}`,
      },
    ];
  },
};

/** A selected node has no configuration of its own. */
export const nodeConfigMissing: DiagnosisRule = {
  id: "bgp/node-config-missing",
  why: "The operator makes one CiliumBGPNodeConfig for each selected node; without it the agent there starts no session.",
  fix: "look at the operator's logs, and at the conditions of CiliumBGPClusterConfig",
  find(at) {
    if (at.bgp === undefined || !wasReadThere(at, "bgpNodeConfigs")) return [];
    return at.bgp.instances.flatMap(({ nodeSelector, clusterConfig }) =>
      inWorkload(at.snapshot, "nodes")
        .filter((node) => selects(nodeSelector, node.metadata.labels))
        .filter(({ metadata }) => isOlder(metadata.creationTimestamp, 2, at.now))
        .filter((node) => named(inWorkload(at.snapshot, "bgpNodeConfigs"), node.metadata.name) === undefined)
        .map((node) => ({
          ...about(node),
          problem: `node ${node.metadata.name} is selected for BGP and has no configuration`,
          evidence: `CiliumBGPClusterConfig ${clusterConfig} selects it; there is no CiliumBGPNodeConfig ${node.metadata.name}`,
          fix: "look at the operator's logs, and at the conditions of CiliumBGPClusterConfig",
          command: "kubectl -n kube-system logs deployment/cilium-operator    (in the workload cluster)",
        })),
    );
  },
};

/** The agent cannot do what the node's BGP configuration says. */
export const reconcileFailed: DiagnosisRule = {
  id: "bgp/reconcile-failed",
  why: "What the agent cannot carry out stays as it was: peers, announcements or passwords are missing.",
  fix: "correct what the message names in the stack file, then pulumi up",
  find: ({ snapshot }) =>
    inWorkload(snapshot, "bgpNodeConfigs").flatMap((config): readonly Symptom[] => {
      const says = condition(config, "cilium.io/BGPReconcileError");
      if (says?.status !== "True") return [];
      return [
        {
          ...about(config),
          ...sinceTime(says.lastTransitionTime),
          problem: `the agent on ${config.metadata.name} cannot carry out its BGP configuration`,
          evidence: `BGPReconcileError: "${says.message}"`,
          fix: "correct what the message names in the stack file, then pulumi up",
        },
      ];
    }),
};

/** Causes of sessions for which the waiting program waits on, and which a person who asks wants to hear. */
const sessionCauses: Readonly<Record<string, readonly [why: string, fix: string]>> = {
  "bgp/peer-started": [
    "A peer that the agent has not started tries no session.",
    "see that its CiliumBGPPeerConfig exists and that the agent runs",
  ],
  "bgp/asn-agreed": [
    "A session whose ends name different ASNs is refused each time it is tried.",
    "correct asn of the router or localASN in the stack file, or the router",
  ],
  "bgp/neighbour-configured": [
    "A router takes sessions from the neighbours and ranges that it knows, and from nobody else; a new node needs its line.",
    "load npm run metal -- router on the router: it has a line for each node",
  ],
  "bgp/router-answers": [
    "Without an answer from the router no route is announced.",
    "see that the router runs BGP, and that nothing filters TCP port 179",
  ],
};

/** A rule for each of those causes. */
export const sessionRules: readonly DiagnosisRule[] = Object.entries(sessionCauses).map(
  ([id, [why, fix]]) => ({
    id,
    why,
    fix,
    find: (at: DiagnosisCase) => sessionSymptoms(at, id),
  }),
);

function sessionSymptoms({ bgp, observation, snapshot }: DiagnosisCase, id: string): readonly Symptom[] {
  if (bgp === undefined) return [];
  return reportedSessions(bgp, observation, new Map())
    .filter(({ cause, trouble }) => cause?.id === id && trouble === undefined)
    .flatMap(({ cause, node, peer }): readonly Symptom[] =>
      cause === undefined
        ? []
        : [
            {
              object: `CiliumBGPNodeConfig/${node.metadata.name}`,
              who: node.metadata.name,
              certainty: cause.certainty,
              problem: `session with ${peer.name} ${peer.address}: ${cause.problem}`,
              evidence: cause.evidence,
              fix: cause.fix,
              command: `npm run metal -- bgp verify --stack ${snapshot.cluster} --router ${peer.router} --router-command '...'`,
            },
          ],
    );
}

/** Two pools of load balancer addresses overlap. */
export const poolConflict: DiagnosisRule = {
  id: "bgp/pool-conflict",
  why: "Cilium takes no address from a pool that overlaps with another.",
  fix: "give the pools blocks that do not overlap: bgp.loadBalancerPools in the stack file, or the other pool",
  find: ({ snapshot }) =>
    inWorkload(snapshot, "loadBalancerPools").flatMap((pool): readonly Symptom[] => {
      const says = condition(pool, "cilium.io/PoolConflict");
      if (says?.status !== "True") return [];
      return [
        {
          ...about(pool, snapshot.cluster),
          ...sinceTime(says.lastTransitionTime),
          problem: `pool ${pool.metadata.name} overlaps with another`,
          evidence: `PoolConflict=True: "${says.message}"`,
          fix: "give the pools blocks that do not overlap",
          command: "kubectl get ciliumloadbalancerippools -o yaml    (in the workload cluster)",
        },
      ];
    }),
};
