import { hostFieldsOfMetal3 } from "../manifests/hosts";
import { notApplicable } from "../preflight/judgement";
import { judgeKubeconfig, judgeMachineCertificates } from "./access";
import { type Running, type VerifyCheck, inManagementCluster, inWorkloadCluster, known } from "./check";
import {
  judgeAgents,
  judgeApplied,
  judgeEndpoint,
  judgeKubeProxy,
  judgeRolledOut,
  judgeRunningEndpoint,
} from "./cilium";
import { judgeCluster, judgeHosts, judgeMachines } from "./machines";
import { judgeAddresses, judgePools, judgeSessions } from "./network";
import { judgeCiliumNodes, judgePodNetworks, judgeReady, judgeVersions } from "./nodes";
import { judgeSame } from "./objects";
import { judgeOwners } from "./owners";

/** Everything that holds on a healthy cluster, in the order of the report; this list is its documentation. */
export const verifyChecks: readonly VerifyCheck[] = [
  {
    id: "verify/cluster-settled",
    why: "conditions of an older spec look green while Cluster API still works on the newer one",
    judge: (running) => inManagementCluster(running, ["clusters"], () => judgeCluster(running)),
  },
  {
    id: "verify/machines-serving",
    why: "Cluster API calls a control plane available at quorum: one more failure is then an outage",
    judge: (running) =>
      inManagementCluster(running, ["machines", "hosts"], () =>
        inWorkloadCluster(running, ["nodes"], () => judgeMachines(running)),
      ),
  },
  {
    id: "verify/hosts-usable",
    why: "a host with an error is found out when it is needed: in the next replacement",
    judge: (running) =>
      inManagementCluster(running, ["hosts", "machines", "metal3Machines"], () => judgeHosts(running)),
  },
  {
    id: "verify/stack-applied",
    why: "what was changed behind the stack's back comes back, or is undone, at the next update",
    judge: ({ management }) =>
      known(management, (objects) =>
        judgeSame(objects, "pulumi up; a change that shall stay belongs into the stack file", {
          BareMetalHost: hostFieldsOfMetal3,
        }),
      ),
  },
  {
    id: "verify/nodes-ready",
    why: "pods do not run on a node that is not Ready, and a node too many belongs to nobody",
    judge: (running) => inWorkloadCluster(running, ["nodes"], () => judgeReady(running)),
  },
  {
    id: "verify/kubelets-as-planned",
    why: "kubelets that are newer than the API server, or three minors older, are not supported",
    judge: (running) => inWorkloadCluster(running, ["nodes"], () => judgeVersions(running)),
  },
  {
    id: "verify/pod-networks-planned",
    why: "routers and firewalls know the planned networks only",
    judge: (running) => inWorkloadCluster(running, ["nodes"], () => judgePodNetworks(running)),
  },
  {
    id: "verify/cilium-applied",
    why: "the resource set tells nobody else what it could not apply",
    judge: (running) =>
      inManagementCluster(running, ["bindings"], () =>
        known(running.render, (render) => judgeApplied(running, render)),
      ),
  },
  {
    id: "verify/cilium-rolled-out",
    why: "nodes whose agent is old or missing have another network than the rest, or none",
    judge: (running) =>
      inWorkloadCluster(running, ["daemonSets", "deployments"], () =>
        known(running.render, (render) => judgeRolledOut(running, render)),
      ),
  },
  {
    id: "verify/agents-everywhere",
    why: "a DaemonSet does not count nodes on which it may not run, and calls itself complete",
    judge: (running) => inWorkloadCluster(running, ["nodes", "pods"], () => judgeAgents(running)),
  },
  {
    id: "verify/cilium-knows-nodes",
    why: "a node that Cilium has other networks for than Kubernetes answers to addresses of others",
    judge: (running) => inWorkloadCluster(running, ["nodes", "ciliumNodes"], () => judgeCiliumNodes(running)),
  },
  {
    id: "verify/cilium-as-rendered",
    why: "what differs was written by hand or by a second owner, and the next update undoes it",
    judge: ({ cilium, plan }) =>
      known(cilium, (objects) => judgeSame(objects, remedies[plan.cilium.lifecycle])),
  },
  {
    id: "verify/one-owner",
    why: "two owners undo each other's writes, and every round restarts agents",
    judge: ({ cilium, plan }) => known(cilium, (objects) => judgeOwners(plan.cilium.lifecycle, objects)),
  },
  {
    id: "verify/kube-proxy-absent",
    why: "kube-proxy and Cilium write rules for the same services, and either may win",
    judge: (running) => inWorkloadCluster(running, ["daemonSets", "pods"], () => judgeKubeProxy(running)),
  },
  {
    id: "verify/agents-told-endpoint",
    why: "an agent that is told another API server finds none when it restarts, and with it the node",
    judge: (running) =>
      known(running.render, (render) =>
        known(running.cilium, (objects) => judgeEndpoint(running, render, objects)),
      ),
  },
  {
    id: "verify/agents-use-endpoint",
    why: "an environment changes with a new pod only: an old one goes on until the old address is gone",
    judge: (running) => inWorkloadCluster(running, ["pods"], () => judgeRunningEndpoint(running)),
  },
  {
    id: "verify/bgp-as-planned",
    why: "routes come and go with these objects, on every node at once",
    judge: ({ bgp, plan }) =>
      plan.bgp === undefined
        ? notApplicable("the stack has no bgp")
        : known(bgp, (objects) =>
            judgeSame(objects, "pulumi up; a change that shall stay belongs into metal:bgp"),
          ),
  },
  {
    id: "verify/bgp-sessions-up",
    why: "pods of a node whose sessions are down cannot be reached from outside",
    judge: (running) =>
      inWorkloadCluster(
        running,
        ["nodes", ...(running.plan.bgp === undefined ? [] : (["bgpNodeConfigs"] as const))],
        () => judgeSessions(running),
      ),
  },
  {
    id: "verify/pools-disjoint",
    why: "Cilium gives out no address of a pool that overlaps with another",
    judge: (running) =>
      running.snapshot.workload.parts.loadBalancerPools.unread?.status === 404
        ? notApplicable("Cilium serves no pools here")
        : inWorkloadCluster(running, ["loadBalancerPools"], () => judgePools(running)),
  },
  {
    id: "verify/services-addressed",
    why: "a service without an address looks ready to whoever made it and answers nobody",
    judge: (running) =>
      running.snapshot.workload.parts.loadBalancerPools.unread?.status === 404
        ? notApplicable("Cilium serves no pools here")
        : inWorkloadCluster(running, ["services", "loadBalancerPools"], () => judgeAddresses(running)),
  },
  {
    id: "verify/kubeconfig-lasts",
    why: "an expired kubeconfig locks this program out as well, in the middle of whatever is under way",
    judge: judgeKubeconfig,
  },
  {
    id: "verify/certificates-last",
    why: "an API server with an expired certificate serves nobody, on all machines on the same day",
    judge: (running) => inManagementCluster(running, ["machines"], () => judgeMachineCertificates(running)),
  },
];

/** What brings the render back into the cluster, by its owner. */
const remedies: Readonly<Record<Running["plan"]["cilium"]["lifecycle"], string>> = {
  "bootstrap-only":
    "nobody writes a change (cilium.lifecycle: bootstrap-only): write lifecycle: pulumi, or change the object back",
  pulumi: "pulumi up --refresh writes the planned value; a change that shall stay belongs into cilium.values",
  "resource-set":
    "pulumi up; the resource set writes when the render changes, and leaves drift alone until then",
  gitops:
    "change the values in the repository that Argo CD or Flux reads: npm run metal -- gitops prints them",
};
