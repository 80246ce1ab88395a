import { defineCheck } from "../check";
import { repeated } from "../repeated";
import { macsOf } from "./macs";

export const macUnique = defineCheck({
  id: "hosts/mac-unique",
  why: "the provisioner tells servers apart by their MAC addresses",
  acceptable: false,
  run: (stack) =>
    repeated(macsOf(stack), ({ mac }) => mac).map(([first, again]) => ({
      at: again.at,
      problem: `"${again.mac}" is also ${first.at} (${stack.hosts[first.host]?.name})`,
      fix: "correct one of the two",
    })),
});
