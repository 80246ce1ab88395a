import { parseAddress } from "../../addresses/range";
import { defineCheck } from "../check";
import { repeated, routersOf } from "./places";

export const routerAddressUnique = defineCheck({
  id: "bgp/router-address-unique",
  why: "sessions to one address are one session, and an address that a node has reaches the node",
  run: ({ bgp, hosts, kubernetes }) => {
    const spelt = (text: string) => parseAddress(text)?.first.toString() ?? text;
    const others = [
      { name: spelt(kubernetes.endpoint.host), at: "kubernetes.endpoint.host" },
      ...hosts.flatMap(({ address }, i) =>
        address === undefined ? [] : [{ name: spelt(address), at: `hosts[${i}].address` }],
      ),
    ];
    const routers = routersOf(bgp).flatMap(({ router, at }) =>
      router.addresses.map((address, i) => ({ name: spelt(address), at: `${at}.addresses[${i}]`, address })),
    );
    return repeated([...others, ...routers])
      .filter(({ at }) => at.startsWith("bgp."))
      .map(({ at, first }) => ({
        at,
        problem: `"${routers.find((router) => router.at === at)?.address ?? ""}" is also ${first}`,
        fix: "write the router's own address",
      }));
  },
});
