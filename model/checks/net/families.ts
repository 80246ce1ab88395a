import { parseCidr } from "../../addresses/range";

/** The families of a list of networks, each once and in order: `IPv4, IPv6`. */
export function familiesOf(networks: readonly string[]): string {
  const families = networks.map((text) => `IPv${parseCidr(text)?.family ?? ""}`);
  return [...new Set(families)].join(", ");
}
