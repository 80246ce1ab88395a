import { defineCheck } from "../check";
import { repeated } from "../repeated";

export const bondMemberOnce = defineCheck({
  id: "links/bond-member-once",
  why: "a port can be in one bond only, and the second bond comes up without it",
  run: ({ hosts }) =>
    hosts.flatMap((host, i) =>
      repeated(
        host.bonds.flatMap(({ name, links }, j) =>
          links.map((member, k) => ({ at: `hosts[${i}].bonds[${j}].links[${k}]`, name, member })),
        ),
        ({ member }) => member,
      ).map(([first, again]) => ({
        at: again.at,
        problem: `"${again.member}" is already in ${first.name} (${first.at})`,
        fix: "name another port",
      })),
    ),
});
