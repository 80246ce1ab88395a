import { defineCheck } from "../check";

export const bgpCoversRetry = defineCheck({
  id: "timeouts/bgp-covers-retry",
  why: "a session that fails once, as many do while nodes boot, is tried again only after the program has given up",
  run: ({ bgp, timeouts }) =>
    (bgp?.instances ?? []).flatMap(({ peers }, i) =>
      peers.flatMap(({ connectRetryTimeSeconds: seconds }, j) =>
        // Retries are spread up to twice the time (facts/cilium.md 5).
        seconds * 2 <= timeouts.bgp * 60
          ? []
          : [
              {
                at: `bgp.instances[${i}].peers[${j}].connectRetryTimeSeconds`,
                problem: `the next attempt may come after ${seconds * 2} s, timeouts.bgp is ${timeouts.bgp} minutes`,
                fix: "write 5, or a longer timeouts.bgp",
              },
            ],
      ),
    ),
});
