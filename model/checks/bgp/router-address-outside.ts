import { contains, parseAddress, parseCidr } from "../../addresses/range";
import { defineCheck } from "../check";
import { isNodeNetwork, networksOf } from "../net/networks";
import { routersOf } from "./places";

export const routerAddressOutside = defineCheck({
  id: "bgp/router-address-outside",
  why: "a node sends packets for an address of the cluster's own networks into the cluster, never to the router",
  run: (stack) =>
    routersOf(stack.bgp).flatMap(({ router, at }) =>
      router.addresses.flatMap((address, i) => {
        const own = parseAddress(address);
        const inside = networksOf(stack).find((named) => {
          const network = parseCidr(named.text);
          return (
            !isNodeNetwork(named) && own !== undefined && network !== undefined && contains(network, own)
          );
        });
        if (inside === undefined) return [];
        return [
          {
            at: `${at}.addresses[${i}]`,
            problem: `"${address}" of ${router.name} lies inside ${inside.at} ${inside.text}`,
            fix: `write the router's own address, outside ${inside.text}`,
          },
        ];
      }),
    ),
});
