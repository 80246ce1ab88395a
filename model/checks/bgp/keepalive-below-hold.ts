import { defineCheck } from "../check";

export const keepaliveBelowHold = defineCheck({
  id: "bgp/keepalive-below-hold",
  why: "the API refuses a peer whose keepalive is longer than its hold time",
  run: ({ bgp }) =>
    (bgp?.instances ?? []).flatMap((instance, i) =>
      instance.peers.flatMap(({ holdTimeSeconds: hold, keepAliveTimeSeconds: keepAlive }, j) =>
        keepAlive * 3 <= hold
          ? []
          : [
              {
                at: `bgp.instances[${i}].peers[${j}].keepAliveTimeSeconds`,
                problem: `${keepAlive} s is more than a third of the hold time, ${hold} s`,
                fix: `write ${Math.max(1, Math.floor(hold / 3))}`,
              },
            ],
      ),
    ),
});
