import { parseBmcAddress } from "../stack/bmc";
import {
  controlPlanePool,
  hostFailureDomainLabel,
  nodeAddressAnnotation,
  poolLabel,
  secondaryAddressAnnotation,
} from "../kubernetes/labels";
import { type KubernetesObject, defined, field, selects, text } from "../kubernetes/object";
import { nodeLinkOf } from "../plan/node-link";
import { type Host } from "../stack/schema";
import { placeholderMac } from "../fleet/new-stack";
import {
  type Additional,
  type ImportedHost,
  additionalNetworks,
  bmcOf,
  hasOwnInstaller,
  hostNetwork,
  networkOfHosts,
  networksOf,
  partsOf,
} from "./host-networks";
import { type Inputs, nameInStack, ofKind } from "./inputs";
import type { ImportedPool } from "./pools";
import type { Draft } from "./draft";

/** The hosts, and the networks that they are in: `hosts` and part of `network` of the stack file. */
export function importHosts(
  inputs: Inputs,
  pools: readonly ImportedPool[],
  draft: Draft,
): { readonly hosts: readonly object[]; readonly network: Readonly<Record<string, unknown>> } {
  const objects = ofKind(inputs, "BareMetalHost");
  const poolOf = poolsOf(objects, pools, draft);
  const templates = new Set(pools.flatMap(({ dataTemplate }) => dataTemplate ?? []));
  for (const template of objects.length === 0 ? templates : []) {
    draft.note(template, "spec.networkData", "a network is that of hosts, and no input has a BareMetalHost");
  }
  const hosts = objects.map((object): ImportedHost => {
    const pool = poolOf.get(object) ?? controlPlanePool;
    const network = hostNetwork(inputs, object, pools.find(({ name }) => name === pool)?.dataTemplate);
    const secret = text(object, "spec", "networkData", "name");
    if (secret !== undefined && network === undefined) {
      const why = `no input has Secret ${secret} with networkData that can be read; the network of the host is not known`;
      draft.note(object, "spec.networkData", why);
    }
    const domain = object.metadata.labels?.[hostFailureDomainLabel];
    const failureDomain = domain === undefined ? undefined : nameInStack(domain);
    return { object, pool, failureDomain, network, ...partsOf(network?.entries ?? []) };
  });
  const additional = additionalNetworks(hosts);
  return {
    hosts: hosts.map((host, i) => hostOf(host, i, additional, draft)),
    network: networkOfHosts(hosts, additional, draft),
  };
}

/** Which pool a host is of: by the selector of the pool's machines, by who uses it, else in the order of the files. */
function poolsOf(
  objects: readonly KubernetesObject[],
  pools: readonly ImportedPool[],
  draft: Draft,
): ReadonlyMap<KubernetesObject, string> {
  const found = new Map<KubernetesObject, string>();
  const room = new Map(pools.map(({ name, replicas }) => [name, replicas]));
  const put = (object: KubernetesObject, pool: string) => {
    found.set(object, pool);
    room.set(pool, (room.get(pool) ?? 0) - 1);
  };
  for (const object of objects) {
    const { labels, annotations } = object.metadata;
    const consumer = text(object, "spec", "consumerRef", "name") ?? "";
    const written = labels?.[poolLabel] ?? (isOutOfService(object) ? annotations?.[poolLabel] : undefined);
    const own = pools.find(({ name }) => written === name);
    // `home` owns `home-x7k2p`, and `home-md-0` owns `home-md-0-x7k2p`: of two that fit, the longer one.
    const using = pools
      .filter(({ owner }) => consumer.startsWith(`${owner}-`))
      .sort((a, b) => b.owner.length - a.owner.length)[0];
    const selecting = pools.filter(
      ({ hostSelector }) => hostSelector !== undefined && selects(hostSelector, labels),
    );
    const pool = own ?? using ?? (selecting.length === 1 ? selecting[0] : undefined);
    if (pool !== undefined) put(object, pool.name);
  }
  for (const object of objects.filter((each) => !found.has(each))) {
    const pool = pools.find(({ name }) => (room.get(name) ?? 0) > 0) ?? pools.at(-1);
    if (pool === undefined) continue;
    put(object, pool.name);
    draft.note(
      object,
      "metadata.labels",
      `no selector says which machines use this host; it is now in the pool ${pool.name}`,
    );
  }
  return found;
}

/** Whether a host is one that a stack keeps out of service; of another it is Metal3 that switches a free one off. */
function isOutOfService({ metadata }: KubernetesObject): boolean {
  return metadata.labels?.[poolLabel] === undefined && metadata.annotations?.[poolLabel] !== undefined;
}

/** Whether the power of a host is what a person wrote: one out of service, and one with a system of its own. */
function keepsPower(object: KubernetesObject): boolean {
  return isOutOfService(object) || field(object, "spec", "externallyProvisioned") === true;
}

function hostOf(
  { object, pool, failureDomain, network, node, others }: ImportedHost,
  index: number,
  additional: readonly Additional[],
  draft: Draft,
): object {
  const { annotations = {} } = object.metadata;
  const name = nameInStack(object.metadata.name);
  const spec = (...path: readonly string[]) => field(object, "spec", ...path);
  const mac = text(object, "spec", "bootMACAddress") ?? "";
  const installer = text(object, "spec", "preprovisioningNetworkDataName");
  const [primary, second] = node;
  const [taken] =
    network?.links.some((link) => link.mac.toLowerCase() === mac.toLowerCase()) === true
      ? []
      : (network?.unknownPorts ?? []);
  const links = (network?.links ?? []).map((link, j) => ({
    ...link,
    mac: link.mac !== "" ? link.mac : link.name === taken ? mac : placeholderMac(`${name} ${link.name}`, j),
  }));
  for (const port of network?.unknownPorts ?? []) {
    const what = port === taken ? "taken for that of the port that boots" : "a placeholder";
    draft.yours("hosts", `the MAC address of port ${port} of ${name} is ${what}: no input says it`);
    draft.note(
      object,
      "status.hardware.nics",
      `no input says the MAC address of port ${port}; in hosts[${index}].links it is ${what}`,
    );
  }
  if (mac === "") draft.yours("hosts", `mac of ${name} is a placeholder: the host names none`);
  const { bonds = [], vlans = [] } = network ?? {};
  const boot = mac === "" ? placeholderMac(name, index) : mac;
  const implied = nodeLinkOf({ links, bonds, vlans, mac: boot } as unknown as Host);
  const networks = networksOf(others, additional);
  return {
    name,
    pool,
    ...defined({ failureDomain }),
    mac: boot,
    ...defined({
      address: primary?.address ?? annotations[nodeAddressAnnotation],
      secondaryAddress: second?.address ?? annotations[secondaryAddressAnnotation],
    }),
    bmc: bmcPart(object, draft),
    ...(links.length === 0 ? {} : { links }),
    ...(bonds.length === 0 ? {} : { bonds }),
    ...(vlans.length === 0 ? {} : { vlans }),
    ...(primary === undefined || links.length === 0 || primary.link === implied
      ? {}
      : { nodeLink: primary.link }),
    ...(networks.length === 0 ? {} : { networks }),
    ...(keepsPower(object) && spec("online") === false ? { online: false } : {}),
    ...defined({
      externallyProvisioned: spec("externallyProvisioned") === true ? true : undefined,
      bootMode: spec("bootMode") === "UEFI" ? undefined : spec("bootMode"),
      cleaning: spec("automatedCleaningMode") === "metadata" ? undefined : spec("automatedCleaningMode"),
      rootDeviceHints: spec("rootDeviceHints"),
      raid: spec("raid"),
      architecture: spec("architecture"),
      description: spec("description"),
      preprovisioningNetworkDataName:
        installer === undefined || hasOwnInstaller(object) ? undefined : installer,
    }),
    ...labelsOf(object),
  };
}

/** The BMC without a login: neither one in its address, nor that of its Secret. */
function bmcPart(object: KubernetesObject, draft: Draft): object {
  const name = nameInStack(object.metadata.name);
  const address = bmcOf(object);
  if (address === "") draft.yours("hosts", `bmc.address of ${name} is a placeholder: the host names none`);
  if (parseBmcAddress(address)?.login === true) {
    draft.note(
      object,
      "spec.bmc.address",
      "the login in it is a secret and is not carried over; the BMC's login comes from a Secret",
    );
  }
  const insecure = field(object, "spec", "bmc", "disableCertificateVerification") === true;
  return {
    address:
      address === ""
        ? `redfish-virtualmedia://${name}.invalid/redfish/v1/Systems/1`
        : address.replace(/\/\/[^/]*@/, "//"),
    ...(insecure ? { verifyCertificate: false } : {}),
    ...draft.login(object),
  };
}

/** Labels of the owner; ours, and those that controllers write, are made again. */
function labelsOf({ metadata }: KubernetesObject): object {
  const own = Object.entries(metadata.labels ?? {}).filter(
    ([key]) =>
      !key.startsWith("metal.internal/") &&
      key !== hostFailureDomainLabel &&
      !/cluster\.x-k8s\.io\//.test(key),
  );
  return own.length === 0 ? {} : { labels: Object.fromEntries(own) };
}
