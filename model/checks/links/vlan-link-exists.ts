import { defineCheck } from "../check";

export const vlanLinkExists = defineCheck({
  id: "links/vlan-link-exists",
  why: "a VLAN on nothing never comes up, and the node's address with it",
  run: ({ hosts }) =>
    hosts.flatMap((host, i) => {
      const below = [...host.links, ...host.bonds].map(({ name }) => name);
      return host.vlans.flatMap(({ name, link }, j) =>
        below.includes(link)
          ? []
          : [
              {
                at: `hosts[${i}].vlans[${j}].link`,
                problem: `"${link}" below ${name} is no link or bond of ${host.name}`,
                fix: below.length === 0 ? `add it to hosts[${i}].links` : `use ${below.join(", ")}`,
              },
            ],
      );
    }),
});
