import assert from "node:assert/strict";
import { looks, observe } from "../readiness/situation";
import { agent, daemonSet, rolloutTo } from "./agents";

const plan = rolloutTo("1.19.5");
const at = (...objects: Parameters<typeof observe>[0]) => looks(plan, [{ at: 0, see: observe(objects) }])[0];

describe("a rollout of Cilium", () => {
  it("is done when every node's agent is of the new release and ready", () => {
    const done = at(
      daemonSet("1.19.5", { updated: 2, ready: 2 }),
      agent("cp1", "1.19.5"),
      agent("w1", "1.19.5"),
    );
    assert.deepEqual(done?.missing, []);
    assert.ok(!done.events.some(({ phase }) => phase === "agent"));
  });

  it("is not done while nobody has applied the change, although all is well", () => {
    const look = at(
      daemonSet("1.18.4", { updated: 2, ready: 2 }),
      agent("cp1", "1.18.4"),
      agent("w1", "1.18.4"),
    );
    assert.deepEqual(
      look?.missing.map(({ who, what }) => `${who} ${what}`),
      [
        "capi-1 DaemonSet kube-system/cilium rolled out",
        "cp1 agent changed and ready",
        "w1 agent changed and ready",
      ],
    );
  });

  it("says of each node what its agent does, and in the end who is where", () => {
    const look = at(
      daemonSet("1.19.5", { updated: 1, ready: 1 }),
      agent("cp1", "1.19.5", { ready: false, why: "cannot bind to :9964" }),
      agent("w1", "1.18.4"),
    );
    const said = look?.events
      .filter(({ phase }) => phase === "agent")
      .map(({ host, text }) => `${host} ${text}`);
    assert.deepEqual(said, ["cp1 starts 1.19.5", "w1 still runs 1.18.4"]);
    assert.equal(look?.missing.find(({ who }) => who === "cp1")?.cause, "cannot bind to :9964");
    assert.equal(look?.summary, "0 of 2 agents are changed; not ready: cp1; 1 still serve as before: 1.18.4");
  });

  it("tells settings apart where the version stays", () => {
    const [look] = looks(rolloutTo("1.19.5", "b"), [
      {
        at: 0,
        see: observe([
          daemonSet("1.19.5", { updated: 1, ready: 2 }, "b"),
          agent("cp1", "1.19.5", { settings: "b" }),
          agent("w1", "1.19.5"),
        ]),
      },
    ]);
    assert.match(look?.summary ?? "", /1 of 2 agents are changed: 1\.19\.5 with new settings; 1 still serve/);
  });

  it("looks at the successor of an agent that is on its way out", () => {
    const look = at(
      daemonSet("1.19.5", { updated: 2, ready: 2 }),
      agent("cp1", "1.18.4", { going: true }),
      agent("cp1", "1.19.5"),
      agent("w1", "1.19.5"),
    );
    assert.deepEqual(look?.missing, []);
  });
});
