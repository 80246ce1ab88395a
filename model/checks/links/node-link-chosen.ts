import { addressingOf } from "../../plan/addressing";
import { defineCheck } from "../check";
import { nodeLinkOf } from "../../plan/node-link";

export const nodeLinkChosen = defineCheck({
  id: "links/node-link-chosen",
  why: "with several ports side by side the booting one gets the node's address, of several VLANs the last: it may be the one for storage",
  run: (stack) =>
    stack.hosts.flatMap((host, i) => {
      const sideBySide = host.links.length > 1 && host.bonds.length === 0 && host.vlans.length === 0;
      const severalVlans = host.vlans.length > 1;
      if (host.nodeLink !== undefined || addressingOf(stack, host.pool) !== "fixed") return [];
      if (!sideBySide && !severalVlans) return [];
      const choices = (severalVlans ? host.vlans : host.links).map(({ name }) => name);
      return [
        {
          at: `hosts[${i}].nodeLink`,
          problem: `${host.name} has ${choices.join(", ")}, and nothing says which of them carries ${host.address}`,
          fix: `add nodeLink: ${nodeLinkOf(host)}, or another of them`,
        },
      ];
    }),
});
