import { type KubernetesObject, selects } from "../../kubernetes/object";
import { condition, isCurrent } from "../../kubernetes/condition";
import type { SessionCause } from "../bgp/session-cause";
import { type ReportedSession, reportedSessions } from "../readiness/bgp-assessment";
import { inWorkload, named } from "../snapshot";
import {
  type CauseRule,
  type DiagnosisCase,
  type Symptom,
  type WaitCause,
  about,
  bgpCause,
  isOlder,
  sinceTime,
  wasReadThere,
} from "./cause";

/** One row per condition of Cilium; they have negative polarity, True is bad (`CiliumBGPClusterConfig` conditions). */
const conditionCauses = [
  {
    id: "bgp/no-matching-node",
    summary: "The BGP configuration selects no node of the cluster.",
    why: "A configuration that selects no node starts no session.",
    type: "cilium.io/NoMatchingNode",
    of: "clusterConfigs",
    problem: "the BGP configuration selects no node of the cluster",
    fix: "correct the instance's node selector or the labels of its pool in the stack file",
  },
  {
    id: "bgp/config-conflict",
    summary: "Two CiliumBGPClusterConfigs select the same node.",
    why: "Cilium ignores the later of two configurations that select the same node.",
    type: "cilium.io/ConflictingClusterConfig",
    of: "clusterConfigs",
    problem: "another CiliumBGPClusterConfig selects the same nodes",
    fix: "delete the other configuration, or make the node selectors disjoint",
  },
  {
    id: "bgp/peer-config-missing",
    summary: "A BGP peer refers to a CiliumBGPPeerConfig that does not exist.",
    why: "Cilium does not start a peer whose configuration does not exist.",
    type: "cilium.io/MissingPeerConfigs",
    of: "clusterConfigs",
    problem: "a BGP peer refers to a CiliumBGPPeerConfig that does not exist",
    fix: "run pulumi refresh, then pulumi up: the stack creates it again",
  },
  {
    id: "bgp/auth-secret-missing",
    summary: "The Secret with the BGP password does not exist.",
    why: "Without the Secret the session starts without a password, and the router refuses it.",
    type: "cilium.io/MissingAuthSecret",
    of: "peerConfigs",
    problem: "the Secret with the BGP password does not exist",
    fix: "run pulumi refresh, then pulumi up: the stack creates it again in Cilium's namespace",
  },
] as const;

function conditionCause(row: (typeof conditionCauses)[number]): WaitCause {
  const { id, summary, why, fix, type, of, problem } = row;
  return bgpCause({
    id,
    summary,
    why,
    fix,
    // The operator re-examines references each few seconds; objects of one `up` are created one after the other.
    graceSeconds: 60,
    find({ plan, snapshot }) {
      const objects = inWorkload(snapshot, of === "clusterConfigs" ? "bgpClusterConfigs" : "bgpPeerConfigs");
      const names =
        of === "clusterConfigs" ? plan.instances.map((instance) => instance.clusterConfig) : plan.peerConfigs;
      return [...new Set(names)]
        .flatMap((name) => named<KubernetesObject>(objects, name) ?? [])
        .flatMap((object) => {
          const found = condition(object, type);
          if (found?.status !== "True" || !isCurrent(object, found)) return [];
          return [{ ...about(object, plan.cluster), problem, evidence: `${type}=True: "${found.message}"` }];
        });
    },
  });
}

interface SessionRow {
  readonly id: string;
  readonly summary: string;
  readonly why: string;
  readonly fix: string;
  /** Absent for a cause that does not end a wait. */
  readonly wait?: {
    readonly graceSeconds: number;
    /** Whether the evidence is strong enough to end the wait. */
    holds(cause: SessionCause, session: ReportedSession): boolean;
  };
  /** Whether a diagnosis names the cause with weaker evidence, too. */
  readonly isDiagnosed: boolean;
}

/** One row per cause of sessions that are not established; the id is that of the session's cause. */
const sessionCauses: readonly SessionRow[] = [
  {
    id: "bgp/node-inside-range",
    summary: "The router's listen range does not contain the node's address.",
    why: "A router with a listen range accepts no session from an address outside it.",
    fix: "widen the router's listen range: npm run metal -- router writes it",
    wait: { graceSeconds: 60, holds: ({ certainty }) => certainty === "certain" },
    isDiagnosed: false,
  },
  {
    id: "bgp/prefixes-below-maximum",
    summary: "The router closes the session each time because of its prefix limit.",
    why: "A router that has closed a session at its prefix limit closes it again at the same route.",
    fix: "raise the router's prefix limit, or announce fewer routes",
    wait: {
      graceSeconds: 30,
      holds: ({ certainty }, { history }) => certainty === "certain" || (history?.lost ?? 0) > 1,
    },
    isDiagnosed: false,
  },
  {
    id: "bgp/peer-started",
    summary: "The agent has not started the peer.",
    why: "A peer that the agent has not started opens no session.",
    fix: "check that its CiliumBGPPeerConfig exists and that the agent runs",
    isDiagnosed: true,
  },
  {
    id: "bgp/asn-agreed",
    summary: "The two ends of a session name different ASNs.",
    why: "A session whose ends name different ASNs is refused at each attempt.",
    fix: "correct asn of the router or localASN in the stack file, or the router",
    wait: {
      graceSeconds: 120,
      // The router answers, reads the OPEN and refuses it at each attempt.
      holds: ({ certainty }, { history }) => certainty === "certain" || history?.lost === 0,
    },
    isDiagnosed: true,
  },
  {
    id: "bgp/neighbour-configured",
    summary: "The router is not configured with the node as a neighbour.",
    why: "A router accepts sessions only from configured neighbours and listen ranges; a new node needs its line.",
    fix: "load npm run metal -- router on the router: it has a line for each node",
    isDiagnosed: true,
  },
  {
    id: "bgp/router-answers",
    summary: "The router does not answer.",
    why: "Without an answer from the router no route is announced.",
    fix: "check that the router runs BGP, and that nothing filters TCP port 179",
    isDiagnosed: true,
  },
];

function sessionCause({ id, summary, why, fix, wait, isDiagnosed }: SessionRow): CauseRule {
  const texts = { id, summary, why, fix };
  const inSnapshot = (at: DiagnosisCase) => sessionSymptoms(at, id);
  if (wait === undefined) return { ...texts, find: inSnapshot };
  return {
    ...bgpCause({
      ...texts,
      graceSeconds: wait.graceSeconds,
      find: ({ plan, snapshot, sessions }) =>
        reportedSessions(plan, snapshot, sessions).flatMap((session) => {
          const { cause, node, peer, trouble } = session;
          if (cause?.id !== id || trouble !== undefined || !wait.holds(cause, session)) return [];
          return [
            {
              object: `CiliumBGPNodeConfig/${node.metadata.name} ${peer.name}`,
              who: node.metadata.name,
              problem: `${cause.certainty}: ${cause.problem}`,
              evidence: cause.evidence,
              fix: cause.fix,
            },
          ];
        }),
    }),
    ...(isDiagnosed ? { findInSnapshot: inSnapshot } : {}),
  };
}

function sessionSymptoms({ bgp, snapshot }: DiagnosisCase, id: string): readonly Symptom[] {
  if (bgp === undefined) return [];
  return reportedSessions(bgp, snapshot, new Map()).flatMap(
    ({ cause, node, peer, trouble }): readonly Symptom[] =>
      cause?.id !== id || trouble !== undefined
        ? []
        : [
            {
              ...about(node),
              object: `CiliumBGPNodeConfig/${node.metadata.name}`,
              certainty: cause.certainty,
              problem: `session with ${peer.name} ${peer.address}: ${cause.problem}`,
              evidence: cause.evidence,
              fix: cause.fix,
              command: `npm run metal -- bgp verify --stack ${snapshot.cluster} --router ${peer.router} --router-command '...'`,
            },
          ],
  );
}

/** Causes in Cilium's BGP objects and their sessions. */
export const bgpCauses: readonly CauseRule[] = [
  {
    id: "bgp/control-plane-disabled",
    summary: "BGP is switched off in Cilium.",
    why: "Agents that run without BGP never read the BGP objects.",
    fix: "leave bgpControlPlane.enabled to the stack, then pulumi up; agents read it when they start",
    find({ snapshot, bgp, plan }) {
      const config = named(inWorkload(snapshot, "configMaps"), "cilium-config");
      const value = config?.data?.["enable-bgp-control-plane"];
      if (bgp === undefined || config === undefined || value === "true") return [];
      return [
        {
          ...about(config, plan.cluster),
          problem: "BGP is switched off in Cilium",
          evidence: `enable-bgp-control-plane is ${value ?? "(absent)"} in ConfigMap cilium-config`,
          command: `npm run metal -- verify --stack ${snapshot.cluster}`,
        },
      ];
    },
  },
  ...conditionCauses.map(conditionCause),
  {
    id: "bgp/node-config-missing",
    summary: "A node that is selected for BGP has no CiliumBGPNodeConfig.",
    why: "The operator creates one CiliumBGPNodeConfig for each selected node; without it the agent there starts no session.",
    fix: "check the operator's logs, and the conditions of CiliumBGPClusterConfig",
    find(at) {
      if (at.bgp === undefined || !wasReadThere(at, "bgpNodeConfigs")) return [];
      return at.bgp.instances.flatMap(({ nodeSelector, clusterConfig }) =>
        inWorkload(at.snapshot, "nodes")
          .filter((node) => selects(nodeSelector, node.metadata.labels))
          .filter(({ metadata }) => isOlder(metadata.creationTimestamp, 2, at.now))
          .filter(
            (node) => named(inWorkload(at.snapshot, "bgpNodeConfigs"), node.metadata.name) === undefined,
          )
          .map((node) => ({
            ...about(node),
            problem: `node ${node.metadata.name} is selected for BGP and has no configuration`,
            evidence: `CiliumBGPClusterConfig ${clusterConfig} selects it; there is no CiliumBGPNodeConfig ${node.metadata.name}`,
            command: "kubectl -n kube-system logs deployment/cilium-operator    (in the workload cluster)",
          })),
      );
    },
  },
  {
    id: "bgp/reconcile-failed",
    summary: "An agent cannot apply its node's BGP configuration.",
    why: "What the agent cannot apply stays as it was: peers, announcements or passwords are missing.",
    fix: "correct what the message names in the stack file, then pulumi up",
    find: ({ snapshot }) =>
      inWorkload(snapshot, "bgpNodeConfigs").flatMap((config): readonly Symptom[] => {
        const found = condition(config, "cilium.io/BGPReconcileError");
        if (found?.status !== "True") return [];
        return [
          {
            ...about(config),
            ...sinceTime(found.lastTransitionTime),
            problem: `the agent on ${config.metadata.name} cannot apply its BGP configuration`,
            evidence: `BGPReconcileError: "${found.message}"`,
          },
        ];
      }),
  },
  ...sessionCauses.map(sessionCause),
  {
    id: "bgp/pool-conflict",
    summary: "Two pools of load balancer addresses overlap.",
    why: "Cilium assigns no address from a pool that overlaps with another.",
    fix: "give the pools blocks that do not overlap: bgp.loadBalancerPools in the stack file, or the other pool",
    find: ({ snapshot }) =>
      inWorkload(snapshot, "loadBalancerPools").flatMap((pool): readonly Symptom[] => {
        const found = condition(pool, "cilium.io/PoolConflict");
        if (found?.status !== "True") return [];
        return [
          {
            ...about(pool, snapshot.cluster),
            ...sinceTime(found.lastTransitionTime),
            problem: `pool ${pool.metadata.name} overlaps with another`,
            evidence: `PoolConflict=True: "${found.message}"`,
            command: "kubectl get ciliumloadbalancerippools -o yaml    (in the workload cluster)",
          },
        ];
      }),
  },
];
