import { familyOf } from "../../net/addresses";
import { compactSelector, localAddressOf, nodeSelectorOf, selectedHosts } from "../../bgp/nodes";
import { announcedPrefixes } from "../../bgp/prefixes";
import { type Session, sessionsOf } from "../../bgp/sessions";
import type { Bgp, BgpInstance, BgpPeer, Stack } from "../../stack/schema";
import type {
  CiliumBGPAdvertisement,
  CiliumBGPClusterConfig,
  CiliumBGPPeerConfig,
} from "../../kubernetes/cilium";
import { type LabelSelector, defined, text } from "../../kubernetes/object";
import { contracts } from "../../kubernetes/resources";
import { loadBalancerPool } from "./load-balancer";
import { advertiseLabel } from "../../kubernetes/labels";
import type { BgpPlan, PlannedNodeOverride, PlannedSecret } from "../plan";
import type { BgpReadinessPlan } from "../readiness";
import { minorOf } from "../../kubernetes/version";

const apiVersion = contracts.cilium;

/** The cluster's half of BGP: instances, peers, what is announced, address pools, and what to wait for. */
export function planBgp(stack: Stack, bgp: Bgp, values: Readonly<Record<string, unknown>>): BgpPlan {
  const sessions = sessionsOf(bgp);
  const peers = bgp.instances.flatMap((instance) => instance.peers);
  return {
    lifecycle: bgp.lifecycle,
    secrets: [...byName(sessions, ({ peer }) => peer.name).values()].flatMap((session) =>
      password(session, bgpSecretsNamespace(values)),
    ),
    objects: [
      ...bgp.loadBalancerPools.map(loadBalancerPool),
      ...peers.flatMap(advertisement),
      ...[...byName(sessions, ({ peerConfig: name }) => name).values()].map(peerConfig),
      ...bgp.instances.map((instance) =>
        clusterConfig(
          instance,
          sessions.filter((session) => session.instance === instance),
        ),
      ),
    ],
    nodeOverrides: bgp.nodeOverrides.map((override) => nodeOverride(stack, bgp, sessions, override)),
    readiness: readiness(stack, bgp, sessions),
  };
}

/** Where Cilium looks for MD5 passwords: the chart's bgpControlPlane.secretsNamespace. */
export function bgpSecretsNamespace(values: Readonly<Record<string, unknown>>): string {
  return text(values, "bgpControlPlane", "secretsNamespace", "name") ?? "kube-system";
}

function byName(
  sessions: readonly Session[],
  nameOf: (session: Session) => string,
): ReadonlyMap<string, Session> {
  return new Map(sessions.map((session) => [nameOf(session), session]));
}

function readiness(stack: Stack, bgp: Bgp, sessions: readonly Session[]): BgpReadinessPlan {
  return {
    subject: "bgp",
    cluster: stack.name,
    namespace: stack.management.namespace,
    instances: bgp.instances.map((instance) => ({
      clusterConfig: instance.name,
      instance: instance.name,
      localASN: instance.localASN,
      nodeSelector: nodeSelectorOf(instance),
      peers: sessions
        .filter((session) => session.instance === instance)
        .map((session) => {
          const { router, peer, family } = session;
          const announced = announcedPrefixes(stack, bgp, peer, router, family);
          return {
            name: session.name,
            router: router.name,
            address: session.address,
            port: router.port,
            asn: router.asn,
            peerConfig: session.peerConfig,
            family,
            advertised: { least: announced.certain, most: announced.possible },
            endOfRibCounted: peer.gracefulRestartSeconds > 0 && minorOf(stack.cilium.version) < 19 ? 1 : 0,
            countFollows: minorOf(stack.cilium.version) < 20,
            maximumPrefixes: router.maximumPrefixes ?? Math.max(1, announced.possible),
            password: session.password !== undefined,
            multihop: peer.multihop,
            listenRanges: router.listenRanges.filter((range) => familyOf(range) === family),
          };
        }),
    })),
    peerConfigs: [...new Set(sessions.map(({ peerConfig: name }) => name))],
    steadySeconds: 10,
    timeoutSeconds: stack.timeouts.bgp * 60 - 30,
  };
}

function password({ peer, password: path }: Session, namespace: string): PlannedSecret[] {
  if (path === undefined) return [];
  const metadata = { name: secretName(peer), namespace };
  return [
    {
      manifest: { apiVersion: "v1", kind: "Secret", metadata, type: "Opaque" },
      text: {},
      secret: { password: path },
    },
  ];
}

function clusterConfig(instance: BgpInstance, sessions: readonly Session[]): CiliumBGPClusterConfig {
  const nodeSelector = nodeSelectorOf(instance);
  const { name, localASN, localPort } = instance;
  const peers = sessions.map((session) => ({
    name: session.name,
    peerAddress: session.address,
    peerASN: session.router.asn,
    peerConfigRef: { name: session.peerConfig },
  }));
  return {
    apiVersion,
    kind: "CiliumBGPClusterConfig",
    metadata: { name },
    spec: {
      ...(Object.keys(nodeSelector).length === 0 ? {} : { nodeSelector }),
      bgpInstances: [defined({ name, localASN, localPort, peers })],
    },
  };
}

function peerConfig({
  peer,
  router,
  family,
  peerConfig: name,
  advertisement: label,
}: Session): CiliumBGPPeerConfig {
  const { connectRetryTimeSeconds, holdTimeSeconds, keepAliveTimeSeconds, gracefulRestartSeconds } = peer;
  return {
    apiVersion,
    kind: "CiliumBGPPeerConfig",
    metadata: { name },
    spec: {
      // All three are stated: the API checks keepalive <= hold after filling in its own defaults.
      timers: { connectRetryTimeSeconds, holdTimeSeconds, keepAliveTimeSeconds },
      ...(peer.password === undefined ? {} : { authSecretRef: secretName(peer) }),
      gracefulRestart:
        gracefulRestartSeconds === 0
          ? { enabled: false }
          : { enabled: true, restartTimeSeconds: gracefulRestartSeconds },
      ebgpMultihop: peer.multihop,
      transport: { peerPort: router.port },
      families: [
        { afi: family, safi: "unicast", advertisements: { matchLabels: { [advertiseLabel]: label } } },
      ],
    },
  };
}

type Advertise = BgpPeer["advertise"];

function advertisement(peer: BgpPeer): CiliumBGPAdvertisement[] {
  const { podCIDRs, services, attributes } = peer.advertise;
  const advertisements = [
    ...(podCIDRs ? [{ advertisementType: "PodCIDR" as const, ...routeAttributes(attributes) }] : []),
    ...services.map((entry) => ({
      advertisementType: "Service" as const,
      service: defined({
        addresses: entry.addresses,
        aggregationLengthIPv4: entry.aggregationLength.ipv4,
        aggregationLengthIPv6: entry.aggregationLength.ipv6,
      }),
      selector: serviceSelector(compactSelector(entry.selector)),
      ...routeAttributes(entry.attributes),
    })),
  ];
  if (advertisements.length === 0) return [];
  const metadata = { name: peer.name, labels: { [advertiseLabel]: peer.name } };
  return [{ apiVersion, kind: "CiliumBGPAdvertisement", metadata, spec: { advertisements } }];
}

/** Without a selector nothing is announced; the one for an empty selector holds for every service. */
function serviceSelector(selector: LabelSelector): LabelSelector {
  if (Object.keys(selector).length > 0) return selector;
  return { matchExpressions: [{ key: advertiseLabel, operator: "NotIn", values: ["never"] }] };
}

function routeAttributes({ communities, localPreference }: Advertise["attributes"]) {
  const lists = Object.entries(communities).filter(([, values]) => values.length > 0);
  const attributes = defined({
    communities: lists.length === 0 ? undefined : Object.fromEntries<readonly string[]>(lists),
    localPreference,
  });
  return Object.keys(attributes).length === 0 ? {} : { attributes };
}

function nodeOverride(
  stack: Stack,
  bgp: Bgp,
  sessions: readonly Session[],
  override: Bgp["nodeOverrides"][number],
): PlannedNodeOverride {
  const running = bgp.instances.filter((instance) =>
    selectedHosts(stack, instance).some(({ name }) => name === override.host),
  );
  const instances = running.map((instance) => {
    const peers = sessions
      .filter((session) => session.instance === instance)
      .flatMap(({ name, family, router }) => {
        const localAddress = localAddressOf(override, router, family);
        return localAddress === undefined ? [] : [{ name, localAddress }];
      });
    return defined({
      name: instance.name,
      routerID: override.routerId,
      localPort: override.localPort,
      localASN: override.localASN,
      peers: peers.length === 0 ? undefined : peers,
    });
  });
  return {
    host: override.host,
    manifest: {
      apiVersion,
      kind: "CiliumBGPNodeConfigOverride",
      spec: { bgpInstances: instances },
    },
  };
}

function secretName(peer: BgpPeer): string {
  return `bgp-${peer.name}`;
}
