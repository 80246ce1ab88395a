import { defineCheck } from "../check";

export const bondMembersExist = defineCheck({
  id: "links/bond-members-exist",
  why: "the bond waits for a port that is not there, and the machine boots without a network",
  run: ({ hosts }) =>
    hosts.flatMap((host, i) => {
      const ports = host.links.map(({ name }) => name);
      return host.bonds.flatMap((bond, j) =>
        bond.links.flatMap((member, k) =>
          ports.includes(member)
            ? []
            : [
                {
                  at: `hosts[${i}].bonds[${j}].links[${k}]`,
                  problem: `"${member}" is none of the links of ${host.name}`,
                  fix:
                    ports.length === 0
                      ? `add it to hosts[${i}].links`
                      : `use ${ports.join(", ")}, or add it to links`,
                },
              ],
        ),
      );
    }),
});
