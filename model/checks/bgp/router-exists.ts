import { nearest } from "../../nearest";
import { defineCheck } from "../check";
import { peersOf } from "./places";

export const routerExists = defineCheck({
  id: "bgp/router-exists",
  why: "a peer without its router has no session",
  run: ({ bgp }) => {
    const names = (bgp?.routers ?? []).map(({ name }) => name);
    return peersOf(bgp).flatMap(({ peer, at }) =>
      peer.routers.flatMap((name, i) => {
        if (names.includes(name)) return [];
        const guess = nearest(name, names);
        return [
          {
            at: `${at}.routers[${i}]`,
            problem: `there is no router "${name}"`,
            fix: guess === undefined ? `use one of ${names.join(", ")}` : `did you mean "${guess}"?`,
          },
        ];
      }),
    );
  },
});
