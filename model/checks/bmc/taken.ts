import { parseAddress } from "../../addresses/range";
import type { Stack } from "../../config/schema";
import { bmcAddresses } from "./addresses";

interface Taken {
  readonly at: string;
  readonly text: string;
}

/** The addresses that the stack's own machines take: the endpoint's and the nodes'. */
export function machineAddresses({ kubernetes, hosts }: Stack): readonly Taken[] {
  return [
    { at: "kubernetes.endpoint.host", text: kubernetes.endpoint.host },
    ...hosts.flatMap(({ address, secondaryAddress }, i) => [
      ...(address === undefined ? [] : [{ at: `hosts[${i}].address`, text: address }]),
      ...(secondaryAddress === undefined
        ? []
        : [{ at: `hosts[${i}].secondaryAddress`, text: secondaryAddress }]),
    ]),
  ];
}

/** The nodes' default gateways. */
export function gatewayAddresses({ network: { gateway, secondary } }: Stack): readonly Taken[] {
  return [
    ...(gateway === undefined ? [] : [{ at: "network.gateway", text: gateway }]),
    ...(secondary?.gateway === undefined
      ? []
      : [{ at: "network.secondary.gateway", text: secondary.gateway }]),
  ];
}

/** The BMCs whose address is one of these, each with the place of the other. */
export function bmcsAt(stack: Stack, taken: readonly Taken[]) {
  return bmcAddresses(stack).flatMap(({ at, address }) =>
    taken
      .filter(({ text }) => {
        const other = parseAddress(text);
        return other?.family === address.family && other.first === address.first;
      })
      .map((other) => ({ at, address, other })),
  );
}
