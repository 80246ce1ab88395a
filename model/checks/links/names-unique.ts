import { defineCheck } from "../check";
import { repeated } from "../repeated";
import { linksOf } from "./host-links";

export const namesUnique = defineCheck({
  id: "links/names-unique",
  why: "two interfaces of one name are one, and the machine boots without a network",
  run: ({ hosts }) =>
    hosts.flatMap((host, i) =>
      repeated(linksOf(host, i), ({ name }) => name).map(([first, again]) => ({
        at: `${again.at}.name`,
        problem: `"${again.name}" is also the name of ${first.at}`,
        fix: "give each interface of a host its own name",
      })),
    ),
});
