import type { KubernetesObject } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import type { WorkloadPart } from "../../model/live/snapshot";
import { type Server, condition, live, plan, servers, settled, then } from "./settled";

function nodeOf({ host, machine, pool, address }: Server, index: number): KubernetesObject {
  return live(resources.Node, machine, {
    metadata: {
      labels: { "metal3.io/uuid": `uid-${host}`, "metal.internal/pool": pool },
    },
    spec: {
      providerID: `metal3://${plan.namespace}/${host}/${machine}`,
      podCIDR: `10.244.${index}.0/24`,
      podCIDRs: [`10.244.${index}.0/24`],
    },
    status: {
      addresses: [{ type: "InternalIP", address }],
      conditions: [
        { ...condition("Ready"), reason: "KubeletReady" },
        { ...condition("NetworkUnavailable", "False", "CiliumIsUp") },
        condition("MemoryPressure", "False", "KubeletHasSufficientMemory"),
        condition("DiskPressure", "False", "KubeletHasNoDiskPressure"),
        condition("PIDPressure", "False", "KubeletHasSufficientPID"),
      ],
    },
  });
}

const agentEnvironment = [
  { name: "KUBERNETES_SERVICE_HOST", value: plan.readiness.endpoint.host },
  { name: "KUBERNETES_SERVICE_PORT", value: String(plan.readiness.endpoint.port) },
];
const partOfCilium = { "app.kubernetes.io/part-of": "cilium" };

function podOf(
  name: string,
  nodeName: string,
  own: Record<string, string>,
  container: string,
): KubernetesObject {
  return live(resources.Pod, name, {
    metadata: { namespace: "kube-system", labels: own },
    spec: { nodeName, containers: [{ name: container, image: `quay.io/example/${container}:v1` }] },
    status: {
      phase: "Running",
      conditions: [condition("PodScheduled"), condition("Ready")],
      containerStatuses: [
        {
          name: container,
          image: `quay.io/example/${container}:v1`,
          ready: true,
          restartCount: 0,
          state: { running: {} },
        },
      ],
    },
  });
}

function ciliumWorkloads(): readonly KubernetesObject[] {
  const metadata = { namespace: "kube-system", labels: partOfCilium };
  const container = (image: string) => ({
    name: image,
    image: `quay.io/cilium/${image}:v1.19.5`,
    env: agentEnvironment,
  });
  return [
    live(resources.DaemonSet, "cilium", {
      metadata,
      spec: {
        template: { spec: { containers: [container("cilium")], initContainers: [container("config")] } },
      },
      status: {
        observedGeneration: 1,
        desiredNumberScheduled: servers.length,
        numberReady: servers.length,
        updatedNumberScheduled: servers.length,
        numberUnavailable: 0,
      },
    }),
    live(resources.Deployment, "cilium-operator", {
      metadata,
      spec: { replicas: 2, template: { spec: { containers: [container("operator")] } } },
      status: {
        observedGeneration: 1,
        replicas: 2,
        readyReplicas: 2,
        updatedReplicas: 2,
        availableReplicas: 2,
      },
    }),
  ];
}

function ciliumPods(): readonly KubernetesObject[] {
  return [
    ...servers.map(({ machine }, index) =>
      podOf(`cilium-${index + 1}`, machine, { ...partOfCilium, "k8s-app": "cilium" }, "cilium-agent"),
    ),
    ...servers
      .slice(0, 2)
      .map(({ machine }, index) =>
        podOf(
          `cilium-operator-${index + 1}`,
          machine,
          { ...partOfCilium, "io.cilium/app": "operator" },
          "cilium-operator",
        ),
      ),
  ];
}

function systemPods(): readonly KubernetesObject[] {
  return servers
    .slice(0, 3)
    .flatMap(({ machine }) =>
      ["etcd", "kube-apiserver", "kube-vip"].map((component) =>
        podOf(`${component}-${machine}`, machine, { tier: "control-plane", component }, component),
      ),
    );
}

function nodeConfigOf({ machine }: Server): KubernetesObject {
  const peer = { name: "frr-v4", peerAddress: "192.168.254.1", peerASN: 65001 };
  return live(resources.CiliumBGPNodeConfig, machine, {
    spec: { bgpInstances: [{ name: "default", localASN: 65010, peers: [peer] }] },
    status: {
      bgpInstances: [
        {
          name: "default",
          localASN: 65010,
          peers: [
            {
              ...peer,
              peeringState: "established",
              establishedTime: then,
              routeCount: [{ afi: "ipv4", safi: "unicast", received: 0, advertised: 1 }],
            },
          ],
        },
      ],
      conditions: [condition("cilium.io/BGPReconcileError", "False")],
    },
  });
}

/** Everything in the workload cluster. */
export function healthyWorkload(): Partial<Record<WorkloadPart, readonly KubernetesObject[]>> {
  const bgp = (kind: string) => (plan.bgp?.objects ?? []).filter((object) => object.kind === kind);
  return {
    nodes: servers.map(nodeOf),
    pods: [...ciliumPods(), ...systemPods()],
    daemonSets: ciliumWorkloads().filter(({ kind }) => kind === "DaemonSet"),
    deployments: ciliumWorkloads().filter(({ kind }) => kind === "Deployment"),
    configMaps: [
      live(resources.ConfigMap, "cilium-config", {
        metadata: { namespace: "kube-system" },
        data: { "enable-bgp-control-plane": "true", ipam: "kubernetes", "kube-proxy-replacement": "true" },
      }),
    ],
    leases: [
      live(resources.Lease, "plndr-cp-lock", {
        metadata: { namespace: "kube-system" },
        spec: {
          holderIdentity: "capi-1-aaaa1",
          leaseDurationSeconds: 15,
          renewTime: "2026-11-26T09:59:58.000000Z",
        },
      }),
    ],
    customResourceDefinitions: plan.readiness.customResourceDefinitions.map((name) =>
      live(resources.CustomResourceDefinition, name, { status: { conditions: [condition("Established")] } }),
    ),
    ciliumNodes: servers.map(({ machine }, index) =>
      live(resources.CiliumNode, machine, { spec: { ipam: { podCIDRs: [`10.244.${index}.0/24`] } } }),
    ),
    bgpClusterConfigs: bgp("CiliumBGPClusterConfig").map((object) => settled(object)),
    bgpNodeConfigs: servers.map(nodeConfigOf),
    bgpPeerConfigs: bgp("CiliumBGPPeerConfig").map((object) => settled(object)),
    bgpAdvertisements: bgp("CiliumBGPAdvertisement").map((object) => settled(object)),
    loadBalancerPools: bgp("CiliumLoadBalancerIPPool").map((object) =>
      settled(object, { conditions: [condition("cilium.io/PoolConflict", "False")] }),
    ),
  };
}
