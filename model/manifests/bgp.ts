import type { Bgp, BgpPeer, Stack } from "../config/schema";
import type { KubernetesObject } from "../kubernetes/object";
import { advertiseLabel } from "../plan/labels";
import type { BgpPlan, PlannedSecret } from "../plan/plan";

const cilium = "cilium.io/v2";
/** Where Cilium looks for MD5 passwords unless the chart says otherwise. */
const secretsNamespace = "kube-system";

/** The cluster's half of BGP: instances, peers, what is announced, address pools, and what to wait for. */
export function planBgp(stack: Stack, bgp: Bgp): BgpPlan {
  const peers = bgp.instances.flatMap((instance) => instance.peers);
  return {
    secrets: bgp.instances.flatMap((instance, i) =>
      instance.peers.flatMap((peer, j) => password(peer, `bgp.instances[${i}].peers[${j}].password`)),
    ),
    objects: [
      ...bgp.loadBalancerPools.map(loadBalancerPool),
      ...peers.map(advertisement),
      ...peers.map(peerConfig),
      ...bgp.instances.map(clusterConfig),
    ],
    readiness: {
      subject: "bgp",
      cluster: stack.name,
      namespace: stack.management.namespace,
      instances: bgp.instances.map((instance) => ({
        clusterConfig: instance.name,
        instance: instance.name,
        nodeSelector: instance.nodeSelector,
        peers: instance.peers.map(({ name, address, asn }) => ({ name, address, asn })),
      })),
      peerConfigs: peers.map((peer) => peer.name),
      timeoutSeconds: stack.timeouts.bgp * 60 - 30,
    },
  };
}

function password(peer: BgpPeer, path: string): PlannedSecret[] {
  if (peer.password === undefined) return [];
  const metadata = { name: secretName(peer), namespace: secretsNamespace };
  return [
    {
      manifest: { apiVersion: "v1", kind: "Secret", metadata, type: "Opaque" },
      text: {},
      secret: { password: path },
    },
  ];
}

function clusterConfig(instance: Bgp["instances"][number]): KubernetesObject {
  const selector = instance.nodeSelector;
  return object("CiliumBGPClusterConfig", instance.name, {
    ...(Object.keys(selector).length === 0 ? {} : { nodeSelector: { matchLabels: selector } }),
    bgpInstances: [
      {
        name: instance.name,
        localASN: instance.localASN,
        peers: instance.peers.map((peer) => ({
          name: peer.name,
          peerAddress: peer.address,
          peerASN: peer.asn,
          peerConfigRef: { name: peer.name },
        })),
      },
    ],
  });
}

function peerConfig(peer: BgpPeer): KubernetesObject {
  return object("CiliumBGPPeerConfig", peer.name, {
    // All three are stated: the API checks keepalive <= hold after filling in its own defaults.
    timers: {
      connectRetryTimeSeconds: peer.connectRetryTimeSeconds,
      holdTimeSeconds: peer.holdTimeSeconds,
      keepAliveTimeSeconds: peer.keepAliveTimeSeconds,
    },
    ...(peer.password === undefined ? {} : { authSecretRef: secretName(peer) }),
    gracefulRestart:
      peer.gracefulRestartSeconds === 0
        ? { enabled: false }
        : { enabled: true, restartTimeSeconds: peer.gracefulRestartSeconds },
    ebgpMultihop: peer.multihop,
    transport: { peerPort: peer.port },
    families: peer.families.map((afi) => ({
      afi,
      safi: "unicast",
      advertisements: { matchLabels: { [advertiseLabel]: peer.name } },
    })),
  });
}

function advertisement(peer: BgpPeer): KubernetesObject {
  const { podCIDRs, services } = peer.advertise;
  const advertisements = [
    ...(podCIDRs ? [{ advertisementType: "PodCIDR" }] : []),
    ...(services.length === 0
      ? []
      : [
          {
            advertisementType: "Service",
            service: { addresses: services },
            // Without a selector nothing is announced; this one holds for every service (cilium docs).
            selector: { matchExpressions: [{ key: advertiseLabel, operator: "NotIn", values: ["never"] }] },
          },
        ]),
  ];
  const found = object("CiliumBGPAdvertisement", peer.name, { advertisements });
  return { ...found, metadata: { ...found.metadata, labels: { [advertiseLabel]: peer.name } } };
}

function loadBalancerPool(pool: Bgp["loadBalancerPools"][number]): KubernetesObject {
  return object("CiliumLoadBalancerIPPool", pool.name, {
    blocks: pool.blocks.map((cidr) => ({ cidr })),
    ...(Object.keys(pool.serviceSelector).length === 0
      ? {}
      : { serviceSelector: { matchLabels: pool.serviceSelector } }),
  });
}

function secretName(peer: BgpPeer): string {
  return `bgp-${peer.name}`;
}

function object(kind: string, name: string, spec: object): KubernetesObject {
  return { apiVersion: cilium, kind, metadata: { name }, spec };
}
