import { Address4, Address6 } from "ip-address";
import type { AddressRange } from "./range";

/** How many addresses a range holds. */
export function sizeOf({ first, last }: AddressRange): bigint {
  return last - first + 1n;
}

/** The addresses of a network that a machine can have: in IPv4 neither the first (the network) nor the last (broadcast). */
export function usableIn(network: AddressRange): AddressRange {
  const plain = network.family === 6 || sizeOf(network) <= 2n;
  return plain ? network : { ...network, first: network.first + 1n, last: network.last - 1n };
}

/** An address as text. */
export function addressText(family: 4 | 6, value: bigint): string {
  return (family === 4 ? Address4.fromBigInt(value) : Address6.fromBigInt(value)).correctForm();
}
