import { defineCheck } from "../check";
import { repeated } from "../repeated";

export const vlanIdOnce = defineCheck({
  id: "links/vlan-id-once",
  why: "the kernel makes a VLAN once on each link and refuses the second, with all that depends on it",
  run: ({ hosts }) =>
    hosts.flatMap((host, i) =>
      repeated(
        host.vlans.map(({ id, link, name }, j) => ({ at: `hosts[${i}].vlans[${j}].id`, id, link, name })),
        ({ id, link }) => `${id} ${link}`,
      ).map(([first, again]) => ({
        at: again.at,
        problem: `VLAN ${again.id} on ${again.link} is already ${first.name}`,
        fix: "correct one of the two ids",
      })),
    ),
});
