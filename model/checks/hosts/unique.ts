import type { Host } from "../../config/schema";
import { type Check, defineCheck } from "../check";
import { repeated } from "../repeated";

/** A check that no two hosts share the value of a key. */
export function unique(id: string, why: string, key: string, of: (host: Host) => string): Check {
  return defineCheck({
    id,
    why,
    run: ({ hosts }) =>
      repeated(
        hosts.map((host, i) => ({ host, i })),
        ({ host }) => of(host),
      ).map(([first, again]) => ({
        at: `hosts[${again.i}].${key}`,
        problem: `"${of(again.host)}" is also the ${key} of hosts[${first.i}] (${first.host.name})`,
        fix: "correct one of the two",
      })),
  });
}
