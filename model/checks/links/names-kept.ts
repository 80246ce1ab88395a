import type { Host } from "../../config/schema";
import { defineCheck } from "../check";
import { vlanNameOf } from "./vlan-name";

export const namesKept = defineCheck({
  id: "links/names-kept",
  why: "cloud-init names bonds bond0, bond1 and so on in order (a name of one's own counts since 26.1), and VLANs after their link and id: kube-vip and the checks would look for an interface that the machine does not have",
  run: ({ hosts }) => hosts.flatMap((host, i) => [...bonds(host, i), ...vlans(host, i)]),
});

function bonds(host: Host, i: number) {
  return host.bonds.flatMap(({ name }, j) =>
    name === `bond${j}` ? [] : [renamed(`hosts[${i}].bonds[${j}].name`, name, `bond${j}`, host)],
  );
}

function vlans(host: Host, i: number) {
  return host.vlans.flatMap((vlan, j) => {
    const result = vlanNameOf(host, vlan);
    const members = host.bonds.flatMap(({ links }) => links);
    const below = [...host.links, ...host.bonds].some(
      ({ name }) => name === vlan.link && !members.includes(name),
    );
    // Too long a name, and an interface below that cannot be, are the business of other checks.
    if (vlan.name === result.name || !result.fits || !below) return [];
    return [renamed(`hosts[${i}].vlans[${j}].name`, vlan.name, result.name, host)];
  });
}

function renamed(at: string, name: string, becomes: string, host: Host) {
  return {
    at,
    problem: `"${name}" is called ${becomes} on ${host.name}`,
    fix: `write ${becomes} here, and wherever it is named: vlans[].link, nodeLink, kubernetes.endpoint.interface`,
    write: becomes,
  };
}
