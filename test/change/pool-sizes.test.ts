import assert from "node:assert/strict";
import type { Change } from "../../model/change/change";
import { type RawStack, addWorkerHost, changeHost, stackWith } from "../model/stacks";
import { between, side } from "./sides";

type Edit = (raw: RawStack) => void;

const pool =
  (settings: object): Edit =>
  (raw) =>
    (raw["workers"] = [{ name: "workers", ...settings }]);
const open: Edit = (raw) => (raw["protect"] = false);
const worker =
  (settings: Record<string, unknown>): Edit =>
  (raw) => {
    open(raw);
    pool({ replicas: 0 })(raw);
    changeHost(raw, 3, settings);
  };
const change = (before: Edit, after: Edit): Change =>
  between(side(stackWith(before), { rendered: false }), side(stackWith(after), { rendered: false }));
const machines = ({ machines: found }: Change) =>
  found.map(
    ({ pool: of, what, machines: count, atMost }) => `${of}: ${atMost === true ? "<=" : ""}${count} ${what}`,
  );
const rows = ({ effects }: Change) =>
  effects.map(({ level, what, effect }) => `${level} ${what.text()}: ${effect.text()}`).join("\n");

const bounds = (min: number, max: number) => ({ autoscaling: { min, max } });

/** What happens to machines when the size of a pool is decided otherwise. */
const sizes: Readonly<Record<string, readonly [before: object, after: object, found: readonly string[]]>> = {
  "an autoscaler takes over a number between its bounds": [{ replicas: 2 }, bounds(1, 3), []],
  "an autoscaler takes over a smaller number": [{ replicas: 1 }, bounds(2, 4), ["workers: 1 added"]],
  "an autoscaler takes over a greater number": [{ replicas: 5 }, bounds(2, 4), ["workers: 1 removed"]],
  "its bounds are other ones": [bounds(1, 3), bounds(2, 9), []],
  "the stack file decides again": [
    bounds(1, 3),
    { replicas: 2 },
    ["workers: <=2 added", "workers: <=1 removed"],
  ],
  "the stack file decides for the greatest number": [bounds(1, 3), { replicas: 3 }, ["workers: <=3 added"]],
};

describe("the size of a pool in a change", () => {
  for (const [title, [before, after, found]] of Object.entries(sizes)) {
    it(`moves ${found.length === 0 ? "no machine" : found.join(", ")} when ${title}`, () => {
      assert.deepEqual(machines(change(pool(before), pool(after))), found);
    });
  }

  it("is taken over by an autoscaler without harm, and its bounds are of medium risk", () => {
    const found = change(pool({ replicas: 2 }), pool(bounds(1, 3)));
    assert.equal(found.level, "medium", rows(found));
    assert.match(rows(found), /a bound of the cluster autoscaler/);
    const replicas = found.objects.flatMap(({ effects }) => effects.map((effect) => effect.text()));
    assert.ok(
      replicas.some((text) => /autoscaler decides the number/.test(text)),
      replicas.join("\n"),
    );
  });

  it("is at most so many machines in a replacement", () => {
    const labelled = { ...bounds(1, 3), labels: { "example.com/a": "b" } };
    assert.deepEqual(machines(change(pool(bounds(1, 3)), pool(labelled))), ["workers: <=3 replaced"]);
    assert.match(
      rows(change(pool(bounds(1, 3)), pool({ replicas: 1 }))),
      /pool workers: at most −2 machines/,
    );
  });

  /** An edit of a pool with three hosts, of which any number may run. */
  const burst = (before: object, after: object) => {
    const of =
      (settings: object): Edit =>
      (raw) => {
        addWorkerHost(raw, settings);
        const hosts = raw["hosts"] as Record<string, unknown>[];
        const name = "capi-1-w-3";
        hosts.push({ ...hosts[4], name, mac: "52:54:00:0a:00:25", address: "10.250.250.25" });
      };
    return change(of(before), of(after));
  };

  it("is unknown where an autoscaler decided, also if its bounds were lowered before", () => {
    const found = burst(bounds(0, 1), { replicas: 1 });
    assert.equal(found.level, "high", rows(found));
    assert.deepEqual(machines(found), ["workers: <=1 added", "workers: <=2 removed"]);
    assert.match(
      rows(found),
      /high pool workers: at most −2 machines: at most 2 machines .* an autoscaler decided how many run, so none may go, or that many are wiped/,
    );
    assert.deepEqual(machines(burst(bounds(0, 1), { replicas: 3 })), ["workers: <=3 added"]);
    assert.deepEqual(machines(burst(bounds(3, 3), { replicas: 3 })), ["workers: <=3 added"]);
  });

  it("is that of all hosts in a replacement, also if the bounds were lowered before", () => {
    const labels = { "example.com/a": "b" };
    const found = burst(bounds(0, 1), { ...bounds(0, 1), labels });
    assert.deepEqual(machines(found), ["workers: <=3 replaced"]);
    assert.equal(found.level, "high");
  });

  it("is shared by failure domains, to whose MachineDeployments all machines move", () => {
    const racks: Edit = (raw) => {
      pool({ replicas: 1, failureDomains: ["rack-1"] })(raw);
      changeHost(raw, 3, { failureDomain: "rack-1" });
    };
    const before: Edit = (raw) => changeHost(raw, 3, { failureDomain: "rack-1" });
    const found = change(before, racks);
    assert.equal(found.level, "high");
    assert.deepEqual(machines(found), ["workers in rack-1: 1 added", "workers: 1 removed"]);
    assert.match(rows(found), /capi-1-w-1 becomes a machine of pool workers in rack-1/);
  });
});

describe("a host in a change that takes it out of service", () => {
  const off = worker({ online: false });
  const adopted = worker({ externallyProvisioned: true });
  const on = worker({});

  it("is switched off", () => {
    const found = change(on, off);
    assert.equal(found.level, "medium", rows(found));
    assert.match(rows(found), /the server is switched off, and no machine gets it/);
    assert.deepEqual(
      found.hosts.map(({ pool: of }) => of),
      ["workers"],
    );
  });

  it("comes back without harm after it was off, and loses its disks after it was adopted", () => {
    assert.match(rows(change(off, on)), /low capi-1-w-1: spec\.online: the host is in service again/);
    const found = change(adopted, on);
    assert.equal(found.level, "high");
    assert.match(rows(found), /the host is deprovisioned: the system that runs on it ends/);
    assert.equal(change(on, adopted).level, "medium");
  });

  it("is neither inspected nor wiped when it is added or removed with a system of its own", () => {
    const without: Edit = (raw) => {
      on(raw);
      (raw["hosts"] as unknown[]).pop();
    };
    const effects = (found: Change) =>
      found.hosts.flatMap(({ effects: all }) => all.map((effect) => effect.text()));
    assert.deepEqual(effects(change(without, adopted)), [
      "registered and switched on; neither inspected nor wiped",
    ]);
    assert.deepEqual(effects(change(without, off)), [
      "registered, inspected and switched off; no machine gets it",
    ]);
    const removed = change(adopted, without);
    assert.equal(removed.level, "high");
    assert.match(
      rows(removed),
      /capi-1-w-1 is switched off unless detached before; .* the disks stay as they are/,
    );
  });
});
