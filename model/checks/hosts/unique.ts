import type { Host } from "../../config/schema";
import { type Check, defineCheck, pairs } from "../check";

/** A check that no two hosts share the value of a key. */
export function unique(id: string, why: string, key: string, of: (host: Host) => string): Check {
  return defineCheck({
    id,
    why,
    run: ({ hosts }) =>
      pairs(hosts.map((host, i) => ({ host, i })))
        .filter(([a, b]) => of(a.host) === of(b.host))
        .map(([a, b]) => ({
          at: `hosts[${b.i}].${key}`,
          problem: `"${of(b.host)}" is also the ${key} of hosts[${a.i}] (${a.host.name})`,
          fix: "correct one of the two",
        })),
  });
}
