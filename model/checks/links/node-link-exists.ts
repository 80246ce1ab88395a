import { defineCheck } from "../check";
import { linksOf } from "./host-links";

export const nodeLinkExists = defineCheck({
  id: "links/node-link-exists",
  why: "the node's address is given to no interface, and the machine never joins",
  run: ({ hosts }) =>
    hosts.flatMap((host, i) => {
      const names = linksOf(host, i).map(({ name }) => name);
      if (host.nodeLink === undefined || names.includes(host.nodeLink)) return [];
      return [
        {
          at: `hosts[${i}].nodeLink`,
          problem: `"${host.nodeLink}" is no link, bond or VLAN of ${host.name}`,
          fix:
            names.length === 0
              ? `add it to hosts[${i}].links, or remove nodeLink`
              : `use ${names.join(", ")}`,
        },
      ];
    }),
});
