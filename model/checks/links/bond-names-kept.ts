import { defineCheck } from "../check";

export const bondNamesKept = defineCheck({
  id: "links/bond-names-kept",
  why: "cloud-init calls bonds bond0, bond1 and so on in their order; a name of one's own counts since 26.1 only. kube-vip and the checks would look for an interface that the machine does not have",
  run: ({ hosts }) =>
    hosts.flatMap((host, i) =>
      host.bonds.flatMap(({ name }, j) => {
        const becomes = `bond${j}`;
        if (name === becomes) return [];
        return [
          {
            at: `hosts[${i}].bonds[${j}].name`,
            problem: `"${name}" is called ${becomes} on ${host.name}`,
            fix: `write ${becomes} here, and wherever it is named: vlans[].link, nodeLink, kubernetes.endpoint.interface; or accept this for an image with cloud-init 26.1`,
            write: becomes,
          },
        ];
      }),
    ),
});
