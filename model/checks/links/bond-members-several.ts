import { defineCheck } from "../check";

export const bondMembersSeveral = defineCheck({
  id: "links/bond-members-several",
  severity: "warning",
  why: "a bond of one port fails together with its port",
  run: ({ hosts }) =>
    hosts.flatMap((host, i) =>
      host.bonds.flatMap(({ name, links }, j) =>
        links.length > 1
          ? []
          : [
              {
                at: `hosts[${i}].bonds[${j}].links`,
                problem: `${name} has one member, ${links.join()}`,
                fix: "add a second port, or use the port without a bond",
              },
            ],
      ),
    ),
});
