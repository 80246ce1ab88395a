import { fieldsOfMetal3 } from "../../plan/manifests/hosts";
import { notApplicable } from "../preflight/check-result";
import {
  judgeKubeconfig,
  judgeMachineCertificates,
  judgeCiliumNodes,
  judgeCluster,
  judgeHosts,
  judgeMachines,
  judgePodNetworks,
  judgeReady,
  judgeVersions,
} from "./machines";
import { type Running, type VerifyCheck, inManagementCluster, inWorkloadCluster, known } from "./check";
import {
  judgeAgents,
  judgeApplied,
  judgeEndpoint,
  judgeKubeProxy,
  judgeRolledOut,
  judgeRunningEndpoint,
} from "./cilium";
import { judgeAddresses, judgePools, judgeSessions } from "./network";
import { judgeSame, judgeOwners } from "./objects";

/** Everything that holds on a healthy cluster, in the order of the report; this list is its documentation. */
export const verifyChecks: readonly VerifyCheck[] = [
  {
    id: "verify/cluster-settled",
    summary: "Cluster API has reconciled the latest spec of the Cluster.",
    why: "conditions of an older spec look healthy while Cluster API still works on the newer one",
    judge: (running) => inManagementCluster(running, ["clusters"], () => judgeCluster(running)),
  },
  {
    id: "verify/machines-serving",
    summary: "All planned machines run.",
    why: "Cluster API reports a control plane as available at quorum: one more failure is then an outage",
    judge: (running) =>
      inManagementCluster(running, ["machines", "hosts"], () =>
        inWorkloadCluster(running, ["nodes"], () => judgeMachines(running)),
      ),
  },
  {
    id: "verify/hosts-usable",
    summary: "No host has an error.",
    why: "a host with an error is noticed only when it is needed, in the next replacement",
    judge: (running) =>
      inManagementCluster(running, ["hosts", "machines", "metal3Machines"], () => judgeHosts(running)),
  },
  {
    id: "verify/stack-applied",
    summary: "The objects in the management cluster are those of the stack.",
    why: "a manual change is undone by the next update, or undoes it",
    judge: ({ management }) =>
      known(management, (objects) =>
        judgeSame(objects, "pulumi up; to keep a change, put it in the stack file", fieldsOfMetal3),
      ),
  },
  {
    id: "verify/nodes-ready",
    summary: "All planned nodes are Ready, and there is no other node.",
    why: "pods do not run on a node that is not Ready, and an extra node is not managed by any machine",
    judge: (running) => inWorkloadCluster(running, ["nodes"], () => judgeReady(running)),
  },
  {
    id: "verify/kubelets-as-planned",
    summary: "All kubelets run the planned Kubernetes version.",
    why: "kubelets that are newer than the API server, or three minor versions older, are not supported",
    judge: (running) => inWorkloadCluster(running, ["nodes"], () => judgeVersions(running)),
  },
  {
    id: "verify/pod-networks-planned",
    summary: "The nodes' pod networks are inside the planned networks.",
    why: "routers and firewalls know the planned networks only",
    judge: (running) => inWorkloadCluster(running, ["nodes"], () => judgePodNetworks(running)),
  },
  {
    id: "verify/cilium-applied",
    summary: "Cluster API has applied every object of Cilium.",
    why: "the resource set does not report anywhere else what it could not apply",
    judge: (running) =>
      inManagementCluster(running, ["bindings"], () =>
        known(running.render, (render) => judgeApplied(running, render)),
      ),
  },
  {
    id: "verify/cilium-rolled-out",
    summary: "Cilium's workloads have rolled out.",
    why: "nodes whose agent is old or missing have another network than the rest, or none",
    judge: (running) =>
      inWorkloadCluster(running, ["daemonSets", "deployments"], () =>
        known(running.render, (render) => judgeRolledOut(running, render)),
      ),
  },
  {
    id: "verify/agents-everywhere",
    summary: "Every node has a running agent.",
    why: "a DaemonSet does not count nodes on which it may not run, and reports itself complete",
    judge: (running) => inWorkloadCluster(running, ["nodes", "pods"], () => judgeAgents(running)),
  },
  {
    id: "verify/cilium-knows-nodes",
    summary: "Cilium and Kubernetes agree about the nodes' networks.",
    why: "a node with different networks in Cilium and Kubernetes answers to addresses of other nodes",
    judge: (running) => inWorkloadCluster(running, ["nodes", "ciliumNodes"], () => judgeCiliumNodes(running)),
  },
  {
    id: "verify/cilium-as-rendered",
    summary: "The running objects of Cilium are those of the render.",
    why: "a difference was made by hand or by a second owner, and the next update undoes it",
    judge: ({ cilium, plan }) =>
      known(cilium, (objects) => judgeSame(objects, remedies[plan.cilium.lifecycle])),
  },
  {
    id: "verify/one-owner",
    summary: "Cilium's objects have one owner.",
    why: "two owners undo each other's changes, and every round restarts agents",
    judge: ({ cilium, plan }) => known(cilium, (objects) => judgeOwners(plan.cilium.lifecycle, objects)),
  },
  {
    id: "verify/kube-proxy-absent",
    summary: "kube-proxy does not run together with its replacement.",
    why: "kube-proxy and Cilium write rules for the same services, and either may win",
    judge: (running) => inWorkloadCluster(running, ["daemonSets", "pods"], () => judgeKubeProxy(running)),
  },
  {
    id: "verify/agents-told-endpoint",
    summary: "Cilium's objects contain the control plane endpoint.",
    why: "an agent with another API server address does not reach it when it restarts, nor does its node",
    judge: (running) =>
      known(running.render, (render) =>
        known(running.cilium, (objects) => judgeEndpoint(running, render, objects)),
      ),
  },
  {
    id: "verify/agents-use-endpoint",
    summary: "Cilium's running pods use the control plane endpoint.",
    why: "an environment changes with a new pod only: an old one continues until the old address is gone",
    judge: (running) => inWorkloadCluster(running, ["pods"], () => judgeRunningEndpoint(running)),
  },
  {
    id: "verify/bgp-as-planned",
    summary: "The running BGP objects are those of the stack.",
    why: "these objects add and remove routes on every node at once",
    judge: ({ bgp, plan }) =>
      plan.bgp === undefined
        ? notApplicable("the stack has no bgp")
        : known(bgp, (objects) => judgeSame(objects, "pulumi up; to keep a change, put it in metal:bgp")),
  },
  {
    id: "verify/bgp-sessions-up",
    summary: "All BGP sessions are established.",
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
    summary: "Load balancer pools do not overlap.",
    why: "Cilium assigns no address from a pool that overlaps another",
    judge: (running) =>
      running.snapshot.workload.parts.loadBalancerPools.unread?.status === 404
        ? notApplicable("Cilium serves no pools here")
        : inWorkloadCluster(running, ["loadBalancerPools"], () => judgePools(running)),
  },
  {
    id: "verify/services-addressed",
    summary: "Every service of type LoadBalancer has an address.",
    why: "a service without an address looks ready and does not answer",
    judge: (running) =>
      running.snapshot.workload.parts.loadBalancerPools.unread?.status === 404
        ? notApplicable("Cilium serves no pools here")
        : inWorkloadCluster(running, ["services", "loadBalancerPools"], () => judgeAddresses(running)),
  },
  {
    id: "verify/kubeconfig-lasts",
    summary: "The workload cluster's kubeconfig does not expire soon.",
    why: "an expired kubeconfig locks this program out as well, in the middle of an operation",
    judge: judgeKubeconfig,
  },
  {
    id: "verify/certificates-last",
    summary: "The machines' certificates do not expire soon.",
    why: "an API server with an expired certificate stops serving, on all machines on the same day",
    judge: (running) => inManagementCluster(running, ["machines"], () => judgeMachineCertificates(running)),
  },
];

/** What brings the render back into the cluster, by its owner. */
const remedies: Readonly<Record<Running["plan"]["cilium"]["lifecycle"], string>> = {
  "bootstrap-only":
    "changes are not applied (cilium.lifecycle: bootstrap-only): write lifecycle: pulumi, or change the object back",
  pulumi: "pulumi up --refresh writes the planned value; to keep a change, put it in cilium.values",
  "resource-set":
    "pulumi up; the resource set writes when the render changes, and leaves drift alone until then",
  gitops:
    "change the values in the repository that Argo CD or Flux reads: npm run metal -- gitops prints them",
};
