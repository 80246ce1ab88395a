import { defineCheck } from "../check";

export const vlanBelowBond = defineCheck({
  id: "links/vlan-below-bond",
  why: "a port inside a bond passes its packets to the bond, and the VLAN on the port sees none",
  run: ({ hosts }) =>
    hosts.flatMap((host, i) =>
      host.vlans.flatMap(({ link, name }, j) => {
        const bond = host.bonds.find(({ links }) => links.includes(link));
        if (bond === undefined) return [];
        return [
          {
            at: `hosts[${i}].vlans[${j}].link`,
            problem: `"${link}" below ${name} is a member of ${bond.name}`,
            fix: `write ${bond.name}`,
          },
        ];
      }),
    ),
});
