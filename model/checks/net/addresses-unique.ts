import { parseAddress } from "../../addresses/range";
import { defineCheck } from "../check";
import { repeated } from "../repeated";

export const addressesUnique = defineCheck({
  id: "net/addresses-unique",
  why: "two machines with one address cut each other off",
  run: ({ hosts, kubernetes, network }) => {
    const owners = [
      { at: "kubernetes.endpoint.host", address: kubernetes.endpoint.host },
      ...(network.gateway === undefined ? [] : [{ at: "network.gateway", address: network.gateway }]),
      ...(network.secondary?.gateway === undefined
        ? []
        : [{ at: "network.secondary.gateway", address: network.secondary.gateway }]),
      ...hosts.flatMap(({ address, secondaryAddress }, i) => [
        ...(address === undefined ? [] : [{ at: `hosts[${i}].address`, address }]),
        ...(secondaryAddress === undefined
          ? []
          : [{ at: `hosts[${i}].secondaryAddress`, address: secondaryAddress }]),
      ]),
    ];
    const family = (text: string) => (text.includes(":") ? "6" : "4");
    return repeated(owners, ({ address }) => `${family(address)} ${parseAddress(address)?.first}`).map(
      ([first, again]) => ({
        at: again.at,
        problem: `"${again.address}" is also the address of ${first.at}`,
        fix: "correct one of the two",
      }),
    );
  },
});
