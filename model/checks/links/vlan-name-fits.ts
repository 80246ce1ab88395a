import { defineCheck } from "../check";
import { longestName, vlanNameOf } from "./vlan-name";

export const vlanNameFits = defineCheck({
  id: "links/vlan-name-fits",
  why: "Linux refuses an interface name of more than 15 characters, and the machine boots without a network",
  acceptable: false,
  run: ({ hosts }) =>
    hosts.flatMap((host, i) =>
      host.vlans.flatMap((vlan, j) => {
        const { name, fits } = vlanNameOf(host, vlan);
        if (fits) return [];
        const port = host.links.findIndex((link) => link.name === vlan.link);
        const short = `lan${Math.max(port, 0)}`;
        return [
          {
            at: `hosts[${i}].vlans[${j}].link`,
            problem: `cloud-init names the VLAN ${name} on ${host.name}: ${name.length} characters, Linux takes ${longestName}`,
            fix: `give the port a shorter name, which cloud-init then gives it: links[${Math.max(port, 0)}].name: ${short}, vlans[${j}]: { name: ${short}.${vlan.id}, link: ${short} }`,
          },
        ];
      }),
    ),
});
