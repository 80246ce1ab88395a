import { resources } from "../../model/kubernetes/resources";
import { type Break, condition, first, live, set } from "./break";
import { object } from "./healthy";

/** Mistakes in hosts, machines and nodes, by the check that finds them. */
export const clusterBreaks: Readonly<Record<string, readonly Break[]>> = {
  "verify/cluster-settled": [
    {
      what: "a cluster that is not available",
      says: /Cluster\/capi-1: Available is False: etcd is slow/,
      world: ({ management }) =>
        set(first(management.clusters).status, "conditions", [
          condition("Available", "False", "etcd is slow"),
        ]),
    },
    {
      what: "a condition of an older spec",
      says: /Available is True/,
      world: ({ management }) => set(first(management.clusters).metadata, "generation", 2),
    },
    {
      what: "a rollout under way",
      says: /RollingOut is True: 1 machine to go/,
      world: ({ management }) =>
        set(first(management.clusters).status, "conditions", [
          condition("Available", "True", ""),
          condition("RollingOut", "True", "1 machine to go"),
        ]),
    },
  ],
  "verify/machines-serving": [
    {
      what: "an etcd member that is not healthy",
      says: /Machine\/node-21: EtcdMemberHealthy: no leader/,
      world: ({ management }) =>
        set(management.machines[1]?.status ?? {}, "conditions", [
          condition("EtcdMemberHealthy", "False", "no leader"),
        ]),
    },
    {
      what: "a machine that is being replaced",
      says: /Machine\/node-23: is being deleted/,
      world: ({ management }) =>
        set(management.machines[3]?.metadata ?? {}, "deletionTimestamp", "2026-11-25T00:00:00Z"),
    },
  ],
  "verify/hosts-usable": [
    {
      what: "a host that is marked unhealthy",
      says: /BareMetalHost\/capi-1-w-1: is kept from use by capm3\.metal3\.io\/unhealthy/,
      world: ({ management }) =>
        set(management.hosts[3]?.metadata ?? {}, "annotations", { "capm3.metal3.io/unhealthy": "" }),
    },
    {
      what: "a host whose power cannot be told",
      says: /power management error \(4 times\): no answer/,
      world: ({ management }) =>
        Object.assign(first(management.hosts).status, {
          errorType: "power management error",
          errorMessage: "no answer",
          errorCount: 4,
        }),
      echoes: ["verify/machines-serving"],
    },
    {
      what: "a planned host that is not there",
      says: /BareMetalHost\/capi-1-w-1: is planned and not there/,
      world: ({ management }) => void management.hosts.pop(),
    },
  ],
  "verify/stack-applied": [
    {
      what: "a replica count that was changed by hand",
      says: /KubeadmControlPlane\/capi-1\/capi-1: spec\.replicas is 5 instead of 3/,
      running: live("management", "KubeadmControlPlane", "capi-1", ({ spec }) => set(spec, "replicas", 5)),
    },
    {
      what: "a login Secret without its password",
      says: /Secret\/capi-1\/capi-1-w-1-bmc: data\.password is missing/,
      running: live("management", "Secret", "capi-1-w-1-bmc", (secret) =>
        set(secret, "stringData", { username: "x" }),
      ),
    },
  ],
  "verify/nodes-ready": [
    {
      what: "a node that is not Ready",
      says: /Node\/node-22: is not Ready: the kubelet stopped/,
      world: ({ workload }) =>
        set(workload.nodes[2]?.status ?? {}, "conditions", [
          condition("Ready", "Unknown", "the kubelet stopped"),
        ]),
      echoes: ["verify/machines-serving"],
    },
    {
      what: "a node that no machine stands for",
      says: /5 nodes instead of 4/,
      world: ({ workload }) => {
        workload.nodes.push(
          object(resources.Node, "node-old", {
            spec: { podCIDRs: ["10.244.9.0/24"] },
            status: { conditions: [condition("Ready", "True", "")] },
          }),
        );
      },
      echoes: ["verify/agents-everywhere", "verify/cilium-knows-nodes", "verify/bgp-sessions-up"],
    },
  ],
  "verify/kubelets-as-planned": [
    {
      what: "a kubelet of an older image",
      says: /Node\/node-23: its kubelet is v1\.35\.1, planned is v1\.36\.3/,
      world: ({ workload }) =>
        set(workload.nodes[3]?.status ?? {}, "nodeInfo", { kubeletVersion: "v1.35.1" }),
    },
  ],
  "verify/pod-networks-planned": [
    {
      what: "a pod network outside the planned one",
      says: /Node\/node-20: its pod network 10\.200\.0\.0\/24 is outside the planned 10\.244\.0\.0\/16/,
      world: ({ workload }) => set(first(workload.nodes).spec, "podCIDRs", ["10.200.0.0/24"]),
      echoes: ["verify/cilium-knows-nodes"],
    },
    {
      what: "two nodes with the same pod network",
      says: /: node-20, node-21 have the same pod network 10\.244\.0\.0\/24/,
      world: ({ workload }) => {
        set(workload.nodes[1]?.spec ?? {}, "podCIDRs", ["10.244.0.0/24"]);
        set(workload.ciliumNodes[1]?.spec ?? {}, "ipam", { podCIDRs: ["10.244.0.0/24"] });
      },
    },
    {
      what: "a node without any",
      says: /Node\/node-20: has 0 pod networks/,
      world: ({ workload }) => {
        set(first(workload.nodes).spec, "podCIDRs", []);
        set(first(workload.ciliumNodes).spec, "ipam", { podCIDRs: [] });
      },
      echoes: ["verify/bgp-sessions-up"],
    },
  ],
};
