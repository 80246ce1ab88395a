import { parseAddress } from "../../addresses/range";
import { defineCheck, pairs } from "../check";

export const addressesUnique = defineCheck({
  id: "net/addresses-unique",
  why: "two machines with one address cut each other off",
  run: ({ hosts, kubernetes, network }) => {
    const owners = [
      { at: "kubernetes.endpoint.host", address: kubernetes.endpoint.host },
      ...(network.gateway === undefined ? [] : [{ at: "network.gateway", address: network.gateway }]),
      ...hosts.flatMap(({ address }, i) =>
        address === undefined ? [] : [{ at: `hosts[${i}].address`, address }],
      ),
    ];
    return pairs(owners)
      .filter(([a, b]) => parseAddress(a.address)?.first === parseAddress(b.address)?.first)
      .map(([a, b]) => ({
        at: b.at,
        problem: `"${b.address}" is also the address of ${a.at}`,
        fix: "correct one of the two",
      }));
  },
});
