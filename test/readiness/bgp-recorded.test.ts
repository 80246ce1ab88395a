import assert from "node:assert/strict";
import { type RouterReach, agentNotifications } from "../../model/live/bgp/session-cause";
import type { Snapshot } from "../../model/live/snapshot";
import * as o from "./objects";
import { looks, observe } from "./situation";

/** What the simulated agents and the waiting program saw with GoBGP 4.8.0 against FRR 8.4.4 in the lab. */
interface Recorded {
  readonly state: string;
  /** Lines of the agent's log; absent: it could not be read. */
  readonly log?: readonly string[];
  readonly reach?: RouterReach;
  /** States of the other node. */
  readonly other?: string;
}

const router = "192.168.254.1";
const line = (said: string, code: number, subcode: number, data = "null") =>
  `{"level":"INFO","msg":"${said} notification","Topic":"Peer","Key":"${router}","Code":${code},"Subcode":${subcode},"Data":${data}}`;

function seen({ state, log, reach, other }: Recorded): Snapshot {
  const nodes = [o.node("cp1", true), ...(other === undefined ? [] : [o.node("w1", true)])];
  const configs = [
    o.bgpNodeConfig("cp1", state, 1),
    ...(other === undefined ? [] : [o.bgpNodeConfig("w1", other, 1)]),
  ];
  const found = observe([o.cluster(true), ...nodes, ...configs]);
  return {
    ...found,
    workload: {
      ...found.workload,
      ...(log === undefined ? {} : { notifications: { cp1: agentNotifications(log.join("\n")) } }),
      ...(reach === undefined ? {} : { routers: { [`${router} 179`]: reach } }),
    },
  };
}

/** The last known cause of cp1's session, and the causes that end the wait after so many seconds. */
function told(recorded: Recorded, plan = o.bgpPlan, after = 121): { last: string; ends: string[] } {
  const see = seen(recorded);
  const found = looks(plan, [
    { at: 0, see },
    { at: after, see },
  ]);
  return {
    last: found[0]?.missing.find(({ who }) => who === "cp1")?.cause ?? "",
    ends: found[1]?.causes.map(({ id, problem }) => `${id} ${problem.split(":")[0] ?? ""}`) ?? [],
  };
}

describe("recorded BGP sessions that do not come up", () => {
  it("with swapped ASNs are active all the time: the agent's log names it, for certain", () => {
    const found = told({ state: "active", log: [line("sent", 2, 2)], reach: "accepted" });
    assert.match(found.last, /certain bgp\/asn-agreed/);
    assert.deepEqual(found.ends, ["bgp/asn-agreed certain"]);
    assert.deepEqual(told({ state: "active", log: [], reach: "accepted" }).ends, []);
  });

  it("with another password are active without a word, while the router takes other connections", () => {
    const wanted = /likely bgp\/password-agreed/;
    assert.match(told({ state: "active", log: [], reach: "accepted" }).last, wanted);
    const password = o.bgpPlanWith({ password: true });
    assert.match(told({ state: "active", reach: "accepted" }, password).last, /the password of/);
    assert.doesNotMatch(told({ state: "active", log: [], reach: "silent" }).last, wanted);
  });

  it("of one node that the router does not expect, while another is up", () => {
    const wanted = /likely bgp\/neighbour-configured/;
    assert.match(told({ state: "active", log: [], reach: "accepted", other: "established" }).last, wanted);
    // without a password FRR takes the connection, reads the OPEN and hangs up without a NOTIFICATION
    assert.match(told({ state: "idle", log: [] }).last, wanted);
    assert.doesNotMatch(told({ state: "active", log: [], other: "active" }).last, wanted);
  });

  it("over the limit are cut with a hard reset whose data names it", () => {
    const cut = line("received", 6, 9, '"BgEAAQEAAAAB"');
    const found = told({ state: "idle", log: [cut], reach: "accepted" });
    assert.match(found.last, /certain bgp\/prefixes-below-maximum/);
    assert.deepEqual(found.ends, ["bgp/prefixes-below-maximum certain"]);
  });

  it("with a router that is down are refused from here too, and waited for", () => {
    const found = told({ state: "active", log: [], reach: "refused" });
    assert.match(found.last, /likely bgp\/router-answers: no BGP daemon listens at 192\.168\.254\.1:179/);
    assert.deepEqual(found.ends, []);
  });
});
