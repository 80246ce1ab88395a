import type { KubernetesObject } from "../../../kubernetes/object";
import { type CauseRule, bgpRule } from "../cause";
import { condition, isCurrent } from "../../../kubernetes/condition";
import type { Objects } from "../observation";

interface ConditionRule {
  readonly id: string;
  readonly why: string;
  readonly type: string;
  readonly of: "clusterConfigs" | "peerConfigs";
  readonly problem: string;
  readonly fix: string;
}

/** A rule for one of Cilium's conditions; they have negative polarity, True is bad. */
function conditionRule(options: ConditionRule): CauseRule {
  return bgpRule({
    id: options.id,
    why: options.why,
    // The operator re-examines references each few seconds; objects of one `up` are created one after the other.
    graceSeconds: 60,
    find({ plan, observation }) {
      const { bgpClusterConfigs, bgpPeerConfigs } = observation.workload.objects;
      const [objects, names]: [Objects | undefined, readonly string[]] =
        options.of === "clusterConfigs"
          ? [bgpClusterConfigs, plan.instances.map((instance) => instance.clusterConfig)]
          : [bgpPeerConfigs, plan.peerConfigs];
      return [...new Set(names)]
        .map((name) => objects?.get(name))
        .filter((object): object is KubernetesObject => object !== undefined)
        .flatMap((object) => {
          const says = condition(object, options.type);
          if (says?.status !== "True" || !isCurrent(object, says)) return [];
          return [
            {
              object: `${object.kind}/${object.metadata.name}`,
              who: plan.cluster,
              problem: options.problem,
              evidence: `${options.type}=True: "${says.message}"`,
              fix: options.fix,
            },
          ];
        });
    },
  });
}

/** A peer names a CiliumBGPPeerConfig that does not exist. */
export const bgpPeerConfigMissing = conditionRule({
  id: "bgp/peer-config-missing",
  why: "Cilium does not start a peer whose configuration does not exist.",
  type: "cilium.io/MissingPeerConfigs",
  of: "clusterConfigs",
  problem: "a BGP peer refers to a CiliumBGPPeerConfig that does not exist",
  fix: "run pulumi refresh, then pulumi up: the stack creates it again",
});

/** The node selector of a cluster config matches nothing. */
export const bgpNoMatchingNode = conditionRule({
  id: "bgp/no-matching-node",
  why: "A configuration that selects no node starts no session.",
  type: "cilium.io/NoMatchingNode",
  of: "clusterConfigs",
  problem: "the BGP configuration selects no node of the cluster",
  fix: "correct the instance's node selector or the labels of its pool in the stack file",
});

/** Two cluster configs claim one node. */
export const bgpConfigConflict = conditionRule({
  id: "bgp/config-conflict",
  why: "Cilium ignores the later of two configurations that select the same node.",
  type: "cilium.io/ConflictingClusterConfig",
  of: "clusterConfigs",
  problem: "another CiliumBGPClusterConfig selects the same nodes",
  fix: "delete the other configuration, or make the node selectors disjoint",
});

/** The MD5 password's Secret is not there. */
export const bgpAuthSecretMissing = conditionRule({
  id: "bgp/auth-secret-missing",
  why: "Without the Secret the session starts without a password, and the router refuses it.",
  type: "cilium.io/MissingAuthSecret",
  of: "peerConfigs",
  problem: "the Secret with the BGP password does not exist",
  fix: "run pulumi refresh, then pulumi up: the stack creates it again in Cilium's namespace",
});
