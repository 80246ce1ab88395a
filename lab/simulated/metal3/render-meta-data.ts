import { list, number, text, type KubernetesObject } from "../../../model/kubernetes/object";

/** An address as IPAM gave it for one pool. */
export interface PoolAddress {
  readonly address: string;
  readonly prefix?: number;
  readonly gateway?: string;
  readonly dnsServers: readonly string[];
}

/** The objects and addresses that a Metal3DataTemplate may refer to. */
export interface RenderSources {
  readonly machine: KubernetesObject;
  readonly metal3machine: KubernetesObject;
  readonly baremetalhost: KubernetesObject;
  readonly index: number;
  /** By pool name. */
  readonly addresses: ReadonlyMap<string, PoolAddress>;
}

/** A template that cannot be rendered: CAPM3 says so in the Metal3Data's status and tries again. */
export class RenderError extends Error {}

/** The object that a template's `object` field names. */
export function sourceObject(sources: RenderSources, name: string | undefined): KubernetesObject {
  if (name === "machine" || name === "metal3machine" || name === "baremetalhost") return sources[name];
  throw new RenderError(`unknown object "${name ?? ""}"; write machine, metal3machine or baremetalhost`);
}

/** The address from a pool; throws when the pool gave none. */
export function fromPool(sources: RenderSources, pool: string): PoolAddress {
  const address = sources.addresses.get(pool);
  if (address === undefined) throw new RenderError(`no address from pool "${pool}"`);
  return address;
}

/** The MAC of an interface that inspection found; `bootMAC` asks for the one the server boots from. */
export function hostInterface(sources: RenderSources, name: string | undefined, bootMac = false): string {
  const nics = list(sources.baremetalhost, "status", "hardware", "nics");
  const found = bootMac
    ? text(sources.baremetalhost, "spec", "bootMACAddress")
    : text(
        nics.find((nic) => text(nic, "name") === name),
        "mac",
      );
  if (found === undefined) {
    const have = nics.map((nic) => text(nic, "name") ?? "").join(", ");
    throw new RenderError(`interface "${name ?? "(boot)"}" is not in the host's hardware; it has ${have}`);
  }
  return found;
}

/** CAPM3's metaData: a flat map of strings; `providerid` is always in it. */
export function renderMetaData(section: unknown, sources: RenderSources): Record<string, string> {
  const out: Record<string, string> = {};
  const each = (name: string, value: (entry: unknown) => string) => {
    for (const entry of list(section, name)) out[text(entry, "key") ?? ""] = value(entry);
  };
  const pool = (entry: unknown) => fromPool(sources, text(entry, "name") ?? "");
  each("strings", (entry) => text(entry, "value") ?? "");
  each("objectNames", (entry) => sourceObject(sources, text(entry, "object")).metadata.name);
  each("namespaces", () => sources.metal3machine.metadata.namespace ?? "");
  each("indexes", (entry) => {
    const value = (number(entry, "offset") ?? 0) + sources.index * (number(entry, "step") ?? 1);
    return `${text(entry, "prefix") ?? ""}${value}${text(entry, "suffix") ?? ""}`;
  });
  each("fromLabels", (entry) => {
    return sourceObject(sources, text(entry, "object")).metadata.labels?.[text(entry, "label") ?? ""] ?? "";
  });
  each("fromAnnotations", (entry) => {
    return (
      sourceObject(sources, text(entry, "object")).metadata.annotations?.[text(entry, "annotation") ?? ""] ??
      ""
    );
  });
  each("fromHostInterfaces", (entry) => {
    const bootMac = (entry as { fromBootMAC?: unknown }).fromBootMAC === true;
    return hostInterface(sources, text(entry, "interface"), bootMac);
  });
  each("ipAddressesFromPool", (entry) => pool(entry).address);
  each("prefixesFromPool", (entry) => String(pool(entry).prefix ?? ""));
  each("gatewaysFromPool", (entry) => pool(entry).gateway ?? "");
  each("dnsServersFromPool", (entry) => pool(entry).dnsServers.join(","));
  const { namespace, name } = sources.baremetalhost.metadata;
  out["providerid"] = `${namespace ?? ""}/${name}/${sources.metal3machine.metadata.name}`;
  return out;
}
