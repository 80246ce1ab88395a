import assert from "node:assert/strict";
import { resources } from "../../model/kubernetes/resources";
import type { Running } from "../../model/live/verify/check";
import { type Break, condition, first, live, set } from "./break";
import { clusterBreaks } from "./cluster-breaks";
import { type Mutable, managedBy, object, plan, readAt } from "./healthy";

const written =
  (manager: string, time: string) =>
  (running: Running): Running => {
    const pair = first((running.cilium.value ?? []).filter(({ planned }) => planned.kind === "DaemonSet"));
    const entries = (pair.live?.metadata as unknown as { managedFields: object[] }).managedFields;
    entries.push(managedBy(manager, first([pair.planned]), time));
    return running;
  };

const withLifecycle =
  (lifecycle: Running["plan"]["cilium"]["lifecycle"], then: (running: Running) => Running) =>
  (running: Running): Running =>
    then({ ...running, plan: { ...running.plan, cilium: { ...running.plan.cilium, lifecycle } } });

const agentEnvironment = (object: Mutable, variable: string, value: string) => {
  const text = JSON.stringify(object["spec"]);
  const changed = text.replaceAll(new RegExp(`("name":"${variable}","value":)"[^"]*"`, "g"), `$1"${value}"`);
  assert.notEqual(changed, text, "the break changes nothing");
  object["spec"] = JSON.parse(changed) as Mutable["spec"];
};

const day = 86_400_000;
const credential =
  (name: "kubeconfig" | "ca", days: number) =>
  (running: Running): Running => ({
    ...running,
    snapshot: {
      ...running.snapshot,
      workload: {
        ...running.snapshot.workload,
        credentials: [{ name, object: "Secret/capi-1-kubeconfig", notAfter: readAt + days * day }],
      },
    },
  });

/** At least one mistake for each check. */
export const breaks: Readonly<Record<string, readonly Break[]>> = {
  ...clusterBreaks,
  "verify/cilium-applied": [
    {
      what: "a payload that was not applied",
      says: /ClusterResourceSetBinding\/capi-1: ConfigMap\/capi-1-cilium is not called applied/,
      world: ({ management }) => set(first(management.bindings).spec, "bindings", []),
    },
  ],
  "verify/cilium-rolled-out": [
    {
      what: "an operator that is not ready",
      says: /Deployment kube-system\/cilium-operator: 1\/2 ready/,
      world: ({ workload }) => set(first(workload.deployments).status, "readyReplicas", 1),
    },
    {
      what: "agents of which one is old",
      says: /DaemonSet kube-system\/cilium: 4\/4 ready, 3 updated/,
      world: ({ workload }) => set(first(workload.daemonSets).status, "updatedNumberScheduled", 3),
    },
  ],
  "verify/agents-everywhere": [
    {
      what: "a node without an agent",
      says: /Node\/node-23: no agent of Cilium is ready on it/,
      world: ({ workload }) => void workload.pods.pop(),
    },
  ],
  "verify/cilium-knows-nodes": [
    {
      what: "a node that Cilium does not know",
      says: /Node\/node-23: Cilium does not know it/,
      world: ({ workload }) => void workload.ciliumNodes.pop(),
    },
    {
      what: "other networks than the node's",
      says: /Cilium routes 10\.244\.77\.0\/24 for it, and the node has 10\.244\.0\.0\/24/,
      world: ({ workload }) =>
        set(first(workload.ciliumNodes).spec, "ipam", { podCIDRs: ["10.244.77.0/24"] }),
    },
  ],
  "verify/cilium-as-rendered": [
    {
      what: "a setting that was changed by hand",
      says: /ConfigMap\/kube-system\/cilium-config: data\.debug is "true" instead of "false"/,
      running: live("cilium", "ConfigMap", "cilium-config", (config) =>
        set(config["data"] as Record<string, unknown>, "debug", "true"),
      ),
    },
    {
      what: "an object that is gone",
      says: /ServiceAccount\/kube-system\/cilium-envoy: is planned and not there/,
      running: live("cilium", "ServiceAccount", "cilium-envoy", undefined),
    },
  ],
  "verify/one-owner": [
    {
      what: "Argo CD beside Pulumi",
      says: /"argocd-controller" \(GitOps\) also writes .*Pulumi is its owner/,
      running: written("argocd-controller", "2026-11-24T00:00:00Z"),
    },
    {
      what: "a resource set that writes after Pulumi",
      says: /"cluster-api-controller-manager" \(the resource set\) also writes/,
      running: written("cluster-api-controller-manager", "2026-11-24T00:00:00Z"),
    },
    {
      what: "Pulumi after the hand-over to Flux",
      says: /"pulumi-kubernetes-9z" \(Pulumi\) also writes .*GitOps is its owner/,
      running: withLifecycle("gitops", (running) =>
        written(
          "pulumi-kubernetes-9z",
          "2026-11-24T00:00:00Z",
        )(written("helm-controller", "2026-11-23T00:00:00Z")(running)),
      ),
    },
    {
      what: "an edit by hand",
      says: /"kubectl-edit" \(a person with kubectl or a browser\) also writes/,
      running: written("kubectl-edit", "2026-11-24T00:00:00Z"),
      warning: true,
    },
  ],
  "verify/kube-proxy-absent": [
    {
      what: "kube-proxy beside Cilium",
      says: /DaemonSet\/kube-proxy: kube-proxy runs although Cilium replaces it/,
      world: ({ workload }) =>
        void workload.daemonSets.push(object(resources.DaemonSet, "kube-proxy", {}, "kube-system")),
    },
  ],
  "verify/agents-told-endpoint": [
    {
      what: "an agent that is told another API server",
      says: /DaemonSet cilium, container config: KUBERNETES_SERVICE_HOST is "10\.0\.0\.1"/,
      running: live("cilium", "DaemonSet", "cilium", (agent) =>
        agentEnvironment(agent, "KUBERNETES_SERVICE_HOST", "10.0.0.1"),
      ),
      echoes: ["verify/cilium-as-rendered"],
    },
  ],
  "verify/agents-use-endpoint": [
    {
      what: "a pod from before a change of the endpoint",
      says: /Pod\/cilium-0abc: still runs with KUBERNETES_SERVICE_PORT "443" in config, planned is "6443"/,
      world: ({ workload }) => agentEnvironment(first(workload.pods), "KUBERNETES_SERVICE_PORT", "443"),
    },
  ],
  "verify/bgp-as-planned": [
    {
      what: "a pool whose block was changed by hand",
      says: /CiliumLoadBalancerIPPool\/.*: spec\.blocks\[0\]\.cidr is "10\.9\.9\.0\/24"/,
      running: (running) => {
        const pool = plan.bgp?.objects.find(({ kind }) => kind === "CiliumLoadBalancerIPPool");
        return live("bgp", "CiliumLoadBalancerIPPool", pool?.metadata.name ?? "", ({ spec }) =>
          set(spec, "blocks", [{ cidr: "10.9.9.0/24" }]),
        )(running);
      },
    },
  ],
  "verify/bgp-sessions-up": [
    {
      what: "a session that is down",
      says: /node-20 to frr-v4 \(192\.168\.254\.1\): .*\(bgp\/[a-z-]+\)$/,
      world: ({ workload }) =>
        set(first(workload.bgpNodeConfigs).status, "bgpInstances", [
          {
            name: "default",
            localASN: 65010,
            peers: [{ name: "frr-v4", peerAddress: "192.168.254.1", peeringState: "active" }],
          },
        ]),
    },
  ],
  "verify/pools-disjoint": [
    {
      what: "a pool that overlaps with another",
      says: /it shares addresses with another pool, .*conflicts with blue/,
      world: ({ workload }) =>
        set(first(workload.loadBalancerPools), "status", {
          conditions: [condition("cilium.io/PoolConflict", "True", "conflicts with blue")],
        }),
    },
  ],
  "verify/services-addressed": [
    {
      what: "a service without an address",
      says: /Service\/default\/web: has no address: pool is full/,
      world: ({ workload }) =>
        void workload.services.push(
          object(
            resources.Service,
            "web",
            {
              spec: { type: "LoadBalancer" },
              status: { conditions: [condition("cilium.io/IPAMRequestSatisfied", "False", "pool is full")] },
            },
            "default",
          ),
        ),
    },
  ],
  "verify/kubeconfig-lasts": [
    {
      what: "a kubeconfig that was not renewed",
      says: /the certificate of the kubeconfig ends in 100 days/,
      running: credential("kubeconfig", 100),
      warning: true,
    },
    { what: "a kubeconfig that has ended", says: /ended 3 days ago/, running: credential("kubeconfig", -3) },
    {
      what: "an authority near its end",
      says: /the cluster's authority ends in 60 days/,
      running: credential("ca", 60),
    },
  ],
  "verify/certificates-last": [
    {
      what: "an API server whose certificates end soon",
      says: /Machine\/node-20: its API server's certificate ends in 20 days/,
      world: ({ management }) =>
        set(first(management.machines).status, "certificatesExpiryDate", "2026-12-15T00:00:00Z"),
      warning: true,
    },
  ],
};
