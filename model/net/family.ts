import { parseAddress, parseCidr } from "./range";

/** Address families as Cilium and FRR name them. */
export type Family = "ipv4" | "ipv6";

/** Both, in the order in which everything is written. */
export const allFamilies: readonly Family[] = ["ipv4", "ipv6"];

/** The family of an address or a network; text that is neither counts as IPv4, the schema has refused it before. */
export function familyOf(text: string): Family {
  return (parseCidr(text) ?? parseAddress(text))?.family === 6 ? "ipv6" : "ipv4";
}

/** Length of an address: 32 or 128 bits. */
export function bitsOf(family: Family): 32 | 128 {
  return family === "ipv4" ? 32 : 128;
}
