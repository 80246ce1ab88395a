import { advertiseLabel, failureDomainLabel, poolLabel } from "../kubernetes/labels";
import { type KubernetesObject, defined, field, list, number, selects, text } from "../kubernetes/object";
import { familyOf } from "../net/addresses";
import type { Draft } from "./draft";
import { importEndpointPeers } from "./endpoint-peers";
import type { ImportedPool } from "./pools";
import { type Inputs, nameInStack, named, ofKind } from "./inputs";

type Raw = Readonly<Record<string, unknown>>;

/** `bgp` and `loadBalancer` of the stack file; each absent where no input is about it. */
export function importBgp(
  inputs: Inputs,
  pools: readonly ImportedPool[],
  draft: Draft,
): { readonly bgp?: Raw; readonly loadBalancer?: Raw } {
  const configs = ofKind(inputs, "CiliumBGPClusterConfig");
  const policies = ofKind(inputs, "CiliumL2AnnouncementPolicy");
  const blocks = ofKind(inputs, "CiliumLoadBalancerIPPool").map(poolOf);
  const announced = blocks.length > 0 && (policies.length > 0 || configs.length === 0);
  const loadBalancer = announced
    ? { pools: blocks, ...(policies.length === 0 ? {} : { l2Announcements: policies.map(policyOf) }) }
    : undefined;
  if (policies.length > 0 && blocks.length === 0) {
    for (const policy of policies)
      draft.note(policy, "", "announces addresses of a pool, and no input has a CiliumLoadBalancerIPPool");
  }
  const instances = configs.flatMap((config) =>
    list(config, "spec", "bgpInstances").map((instance) => ({ config, instance })),
  );
  const routers: Routers = new Map();
  const written = instances.map(({ config, instance }, i) =>
    instanceOf(inputs, config, instance, i, routers, draft),
  );
  const endpoint = importEndpointPeers(pools, routers, draft);
  if (instances.length + endpoint.length === 0) return defined({ loadBalancer });
  for (const advertisement of ofKind(inputs, "CiliumBGPAdvertisement")) {
    const isSelected = ofKind(inputs, "CiliumBGPPeerConfig").some((config) =>
      selectsFor(config, advertisement),
    );
    if (!isSelected)
      draft.note(advertisement, "", "no peer configuration selects it, so it is announced to no router");
  }
  const overrides = ofKind(inputs, "CiliumBGPNodeConfigOverride").flatMap((override) =>
    overrideOf(inputs, override, routers, draft),
  );
  return defined({
    bgp: {
      routers: [...routers.values()],
      ...(written.length === 0 ? {} : { instances: written }),
      ...(overrides.length === 0 ? {} : { nodeOverrides: overrides }),
      ...(endpoint.length === 0 ? {} : { endpoint }),
      ...(announced || blocks.length === 0 ? {} : { loadBalancerPools: blocks }),
    },
    loadBalancer,
  });
}

type Routers = Map<string, { name: string; asn: number; addresses: string[]; port?: number }>;

/** An instance with its peers: those that share a peer configuration are one peer of the stack file. */
function instanceOf(
  inputs: Inputs,
  config: KubernetesObject,
  instance: unknown,
  index: number,
  routers: Routers,
  draft: Draft,
): Raw {
  const peers = new Map<string, { name: string; routers: string[]; configs: KubernetesObject[] }>();
  for (const peer of list(instance, "peers")) {
    const address = text(peer, "peerAddress") ?? "";
    const configName = text(peer, "peerConfigRef", "name") ?? "";
    const peerConfig = named(inputs, "CiliumBGPPeerConfig", configName);
    const router = plainName(text(peer, "name") ?? address);
    const port = number(peerConfig, "spec", "transport", "peerPort");
    const known = routers.get(router) ?? {
      name: router,
      asn: number(peer, "peerASN") ?? 0,
      addresses: [],
      ...(port === undefined || port === 179 ? {} : { port }),
    };
    if (address !== "" && !known.addresses.includes(address)) known.addresses.push(address);
    routers.set(router, known);
    const name = plainName(configName === "" ? router : configName);
    const merged = peers.get(name) ?? { name, routers: [], configs: [] };
    if (!merged.routers.includes(router)) merged.routers.push(router);
    if (peerConfig !== undefined && !merged.configs.includes(peerConfig)) merged.configs.push(peerConfig);
    peers.set(name, merged);
  }
  const nodes = nodesOf(field(config, "spec", "nodeSelector"));
  return {
    name: nameInStack(text(instance, "name") ?? config.metadata.name),
    localASN: number(instance, "localASN") ?? 0,
    ...defined({ localPort: number(instance, "localPort") }),
    ...(Object.keys(nodes).length === 0 ? {} : { nodes }),
    peers: [...peers.values()].map(({ name, routers: of, configs: [own] }, j) => ({
      name,
      routers: of,
      ...peerOf(inputs, own, `bgp.instances[${index}].peers[${j}].password`, draft),
    })),
  };
}

/** `frr` for the sessions `frr-v4` and `frr-v6`. */
function plainName(name: string): string {
  return nameInStack(name.replace(/[-.](ip)?v[46]$/, ""));
}

/** What Cilium's API fills in where a configuration is silent. */
const silent = { connectRetry: 120, hold: 90, keepAlive: 30, restart: 120, hops: 1 };

function peerOf(inputs: Inputs, config: KubernetesObject | undefined, passwordAt: string, draft: Draft): Raw {
  const of = (...path: readonly string[]) => number(config, "spec", ...path);
  const retry = of("timers", "connectRetryTimeSeconds") ?? silent.connectRetry;
  const hold = of("timers", "holdTimeSeconds") ?? silent.hold;
  const keepAlive = of("timers", "keepAliveTimeSeconds") ?? silent.keepAlive;
  const restarts = field(config, "spec", "gracefulRestart", "enabled") === true;
  const restart = restarts ? (of("gracefulRestart", "restartTimeSeconds") ?? silent.restart) : 0;
  const hops = of("ebgpMultihop") ?? silent.hops;
  const password = text(config, "spec", "authSecretRef");
  if (config !== undefined && password !== undefined) draft.password(config, passwordAt, password);
  return {
    ...(hold === 90 ? {} : { holdTimeSeconds: hold }),
    ...(keepAlive === 30 ? {} : { keepAliveTimeSeconds: keepAlive }),
    ...(retry === 5 ? {} : { connectRetryTimeSeconds: retry }),
    ...(hops === 1 ? {} : { multihop: hops }),
    ...(restart === 120 ? {} : { gracefulRestartSeconds: restart }),
    advertise: advertiseOf(inputs, config),
  };
}

/** What the advertisements say that a peer's families select. */
function advertiseOf(inputs: Inputs, config: KubernetesObject | undefined): Raw {
  const chosen = ofKind(inputs, "CiliumBGPAdvertisement").filter((advertisement) =>
    selectsFor(config, advertisement),
  );
  const all = chosen.flatMap((advertisement) => list(advertisement, "spec", "advertisements"));
  const ofType = (type: string) => all.filter((each) => text(each, "advertisementType") === type);
  const [pods] = ofType("PodCIDR");
  return {
    podCIDRs: pods !== undefined,
    services: ofType("Service").map((each) => {
      const selector = serviceSelector(field(each, "selector"));
      const lengths = defined({
        ipv4: number(each, "service", "aggregationLengthIPv4"),
        ipv6: number(each, "service", "aggregationLengthIPv6"),
      });
      return {
        addresses: list(each, "service", "addresses"),
        ...(Object.keys(selector).length === 0 ? {} : { selector }),
        ...(Object.keys(lengths).length === 0 ? {} : { aggregationLength: lengths }),
        ...attributesOf(each),
      };
    }),
    ...attributesOf(pods),
  };
}

/** Whether a family of a peer configuration selects an advertisement. */
function selectsFor(config: KubernetesObject | undefined, { metadata }: KubernetesObject): boolean {
  return list(config, "spec", "families").some((family) => {
    const selector = field(family, "advertisements");
    return selector !== undefined && selects(selector, metadata.labels);
  });
}

function attributesOf(advertisement: unknown): Raw {
  const attributes = field(advertisement, "attributes");
  return attributes === undefined ? {} : { attributes };
}

/** A selector that holds for every service, as Cilium's documentation and this project write it, is an empty one. */
function serviceSelector(selector: unknown): Raw {
  const [expression, ...others] = list(selector, "matchExpressions");
  const isAll =
    others.length === 0 &&
    field(selector, "matchLabels") === undefined &&
    text(expression, "operator") === "NotIn" &&
    (text(expression, "key") === advertiseLabel || list(expression, "values").includes("never-used-value"));
  return isAll ? {} : selectorOf(selector);
}

function selectorOf(selector: unknown): Raw {
  const { matchLabels, matchExpressions } = (selector ?? {}) as Raw;
  return defined({ matchLabels, matchExpressions });
}

/** Which nodes: our labels by their meaning, others as they are. */
function nodesOf(selector: unknown): Raw {
  const valuesOf = (label: string) =>
    list(selector, "matchExpressions")
      .filter((each) => text(each, "key") === label && text(each, "operator") === "In")
      .flatMap((each) => list(each, "values"));
  const [pools, failureDomains] = [valuesOf(poolLabel), valuesOf(failureDomainLabel)];
  const labels = (field(selector, "matchLabels") ?? {}) as Readonly<Record<string, string>>;
  return {
    ...(pools.length === 0 ? {} : { pools }),
    ...(failureDomains.length === 0 ? {} : { failureDomains }),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
  };
}

function poolOf(pool: KubernetesObject): Raw {
  const selector = selectorOf(field(pool, "spec", "serviceSelector"));
  const blocks = list(pool, "spec", "blocks").map((block) => {
    const [start, stop] = [field(block, "start"), field(block, "stop")];
    return text(block, "cidr") ?? { start, stop: stop ?? start };
  });
  return {
    name: nameInStack(pool.metadata.name),
    blocks,
    ...(Object.keys(selector).length === 0 ? {} : { serviceSelector: selector }),
    ...(text(pool, "spec", "allowFirstLastIPs") === "No" ? { allowFirstLastIPs: false } : {}),
  };
}

function policyOf(policy: KubernetesObject): Raw {
  const nodes = nodesOf(field(policy, "spec", "nodeSelector"));
  const selector = selectorOf(field(policy, "spec", "serviceSelector"));
  const addresses = [
    ...(field(policy, "spec", "loadBalancerIPs") === true ? ["LoadBalancerIP"] : []),
    ...(field(policy, "spec", "externalIPs") === true ? ["ExternalIP"] : []),
  ];
  const interfaces = list(policy, "spec", "interfaces");
  return {
    name: nameInStack(policy.metadata.name),
    ...(interfaces.length === 0 ? {} : { interfaces }),
    ...(Object.keys(nodes).length === 0 ? {} : { nodes }),
    ...(Object.keys(selector).length === 0 ? {} : { serviceSelector: selector }),
    ...(addresses.length === 0 || addresses.join() === "LoadBalancerIP" ? {} : { addresses }),
  };
}

/** Settings of one node, where a host has the node's name. */
function overrideOf(
  inputs: Inputs,
  override: KubernetesObject,
  routers: Routers,
  draft: Draft,
): readonly Raw[] {
  const host = named(inputs, "BareMetalHost", override.metadata.name);
  if (host === undefined) {
    draft.note(
      override,
      "metadata.name",
      "no host has the name of this node; write it as bgp.nodeOverrides of the host",
    );
    return [];
  }
  const [instance] = list(override, "spec", "bgpInstances");
  const local = list(instance, "peers").flatMap((peer) => {
    const router = routers.get(plainName(text(peer, "name") ?? ""));
    const address = text(peer, "localAddress");
    return router === undefined || address === undefined ? [] : [{ router: router.name, address }];
  });
  const families = new Set(local.map(({ address }) => familyOf(address)));
  const shared = new Set(local.map(({ address }) => address)).size === families.size;
  return [
    {
      host: nameInStack(host.metadata.name),
      ...defined({
        routerId: text(instance, "routerID"),
        localASN: number(instance, "localASN"),
        localPort: number(instance, "localPort"),
      }),
      ...(local.length === 0
        ? {}
        : { localAddresses: shared ? [...new Set(local.map(({ address }) => address))] : local }),
    },
  ];
}
