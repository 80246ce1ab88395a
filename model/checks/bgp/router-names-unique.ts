import { defineCheck } from "../check";
import { repeated, routersOf } from "./places";

export const routerNamesUnique = defineCheck({
  id: "bgp/router-names-unique",
  why: "peers name their routers",
  run: ({ bgp }) =>
    repeated(routersOf(bgp).map(({ router, at }) => ({ name: router.name, at: `${at}.name` }))).map(
      ({ name, at, first }) => ({
        at,
        problem: `"${name}" is also the name of ${first.replace(/\.name$/, "")}`,
        fix: "give each router its own name",
      }),
    ),
});
