import type { Stack } from "../../config/schema";

/** Every single address that the stack gives to somebody other than a BMC. */
export function takenAddresses({ kubernetes, network, hosts }: Stack) {
  return [
    { at: "kubernetes.endpoint.host", text: kubernetes.endpoint.host },
    ...(network.gateway === undefined ? [] : [{ at: "network.gateway", text: network.gateway }]),
    ...hosts.flatMap(({ address }, i) =>
      address === undefined ? [] : [{ at: `hosts[${i}].address`, text: address }],
    ),
  ];
}
