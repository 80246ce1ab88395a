import { defineCheck } from "../check";
import { vlanNameOf } from "./vlan-name";

export const vlanNamesKept = defineCheck({
  id: "links/vlan-names-kept",
  why: "cloud-init calls a VLAN after what carries it and its id, whatever its name is here: kube-vip and the checks would look for an interface that the machine does not have",
  acceptable: false,
  run: ({ hosts }) =>
    hosts.flatMap((host, i) => {
      const members = host.bonds.flatMap(({ links }) => links);
      return host.vlans.flatMap((vlan, j) => {
        const { name, fits } = vlanNameOf(host, vlan);
        const below = [...host.links, ...host.bonds].some(
          (each) => each.name === vlan.link && !members.includes(each.name),
        );
        // Too long a name, and an interface below that cannot be, are the business of other checks; so is a bond's name.
        if ([name, `${vlan.link}.${vlan.id}`].includes(vlan.name) || !fits || !below) return [];
        return [
          {
            at: `hosts[${i}].vlans[${j}].name`,
            problem: `"${vlan.name}" is called ${name} on ${host.name}`,
            fix: `write ${name} here, and wherever it is named: nodeLink, kubernetes.endpoint.interface`,
            write: name,
          },
        ];
      });
    }),
});
