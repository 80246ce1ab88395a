import type { Host } from "../../config/schema";

/** Longest interface name that Linux takes (IFNAMSIZ without the end). */
export const longestName = 15;

/** The name that cloud-init gives a VLAN: that of the interface below, which for a bond is its number, and the id. */
export function vlanNameOf(
  host: Host,
  { id, link }: Host["vlans"][number],
): { readonly name: string; readonly fits: boolean } {
  const bond = host.bonds.findIndex(({ name }) => name === link);
  const name = `${bond === -1 ? link : `bond${bond}`}.${id}`;
  return { name, fits: name.length <= longestName };
}
