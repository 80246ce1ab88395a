import { selectedHosts } from "../../bgp/nodes";
import { defineCheck } from "../check";
import { repeated } from "./places";

export const overrideHostExists = defineCheck({
  id: "bgp/override-host-exists",
  why: "settings of a host that no instance selects, or that are given twice, reach no session",
  run: (stack) => {
    const overrides = stack.bgp?.nodeOverrides ?? [];
    const running = (stack.bgp?.instances ?? []).flatMap((instance) => selectedHosts(stack, instance));
    return [
      ...overrides.flatMap(({ host }, i) =>
        running.some(({ name }) => name === host)
          ? []
          : [
              {
                at: `bgp.nodeOverrides[${i}].host`,
                problem: `no instance selects a host "${host}"`,
                fix: `use one of ${running.map(({ name }) => name).join(", ")}`,
              },
            ],
      ),
      ...repeated(overrides.map(({ host }, i) => ({ name: host, at: `bgp.nodeOverrides[${i}].host` }))).map(
        ({ name, at, first }) => ({
          at,
          problem: `"${name}" stands at ${first} already`,
          fix: "write everything about a host in one entry",
        }),
      ),
    ];
  },
});
