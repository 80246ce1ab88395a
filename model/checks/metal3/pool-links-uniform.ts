import type { Host } from "../../config/schema";
import { addressingOf, hostsOf } from "../../plan/addressing";
import { nodeLinkOf } from "../../plan/node-link";
import { defineCheck } from "../check";

export const poolLinksUniform = defineCheck({
  id: "metal3/pool-links-uniform",
  why: "machines with an address from a pool are made from one template: only MAC addresses are each host's own, so one host's links would be those of all",
  run: (stack) =>
    [...new Set(stack.hosts.map(({ pool }) => pool))]
      .filter((pool) => addressingOf(stack, pool) === "pool")
      .flatMap((pool) => {
        const [first, ...others] = hostsOf(stack, pool);
        if (first === undefined) return [];
        return others
          .filter((host) => linkText(host) !== linkText(first))
          .map((host) => ({
            at: `hosts[${stack.hosts.indexOf(host)}]`,
            problem: `${host.name} has ${linkText(host)}, ${first.name} of the same pool has ${linkText(first)}`,
            fix: "name the same links, VLANs, MTUs and nodeLink for every host of the pool, or give its hosts addresses",
          }));
      }),
});

/** Everything of a host's links that the template has in common for all hosts of a pool. */
function linkText(host: Host): string {
  const { links, vlans } = host;
  if (links.length === 0 && vlans.length === 0) return "no links";
  const mtuText = (mtu: number | undefined) => (mtu === undefined ? "" : ` mtu ${mtu}`);
  return [
    ...links.map(({ name, mtu }) => `${name}${mtuText(mtu)}`),
    ...vlans.map(({ name, id, link, mtu }) => `${name} (${id} on ${link})${mtuText(mtu)}`),
    `the node on ${nodeLinkOf(host)}`,
  ].join(", ");
}
