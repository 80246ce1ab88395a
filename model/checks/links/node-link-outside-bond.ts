import { defineCheck } from "../check";
import { nodeLinkOf } from "../../plan/node-link";

export const nodeLinkOutsideBond = defineCheck({
  id: "links/node-link-outside-bond",
  why: "an address on a port inside a bond is not answered",
  run: ({ hosts }) =>
    hosts.flatMap((host, i) => {
      const carrier = nodeLinkOf(host) ?? "";
      const bond = host.bonds.find(({ links }) => links.includes(carrier));
      if (bond === undefined) return [];
      return [
        {
          at: `hosts[${i}].nodeLink`,
          problem: `"${carrier}" is a member of ${bond.name}`,
          fix: `write ${bond.name}`,
        },
      ];
    }),
});
