import assert from "node:assert/strict";
import { type RawStack, changeHost, stackWith } from "../model/stacks";
import { between, changeOf, side } from "./sides";

describe("hosts that run a system of their own, in a change", () => {
  const host = (settings: RawStack) => side(stackWith((raw) => changeHost(raw, 3, settings)));
  const adopted = { externallyProvisioned: true };
  const rows = (before: RawStack, after: RawStack) =>
    between(host(before), host(after))
      .effects.filter(({ area }) => area === "hosts")
      .map(({ level, effect }) => `${level}: ${effect.text()}`);

  it("are of high risk where they are switched off: no machine is there that would refuse it", () => {
    const [row = "", ...others] = rows(adopted, { ...adopted, online: false });
    assert.match(row, /^high: the server is switched off: the system of its own/);
    assert.deepEqual(others, []);
    assert.match(rows({}, { online: false }).join(), /^medium: .*refused while a machine runs/);
  });

  it("are of medium risk where they are switched on", () => {
    assert.match(
      rows({ ...adopted, online: false }, adopted).join(),
      /^medium: Metal3 switches the server on/,
    );
    assert.match(rows({ online: false }, {}).join(), /^low: the host is in service again/);
  });

  it("have words of their own where another host changes in the same way", () => {
    const both = (online: boolean) =>
      side(
        stackWith((raw) => {
          changeHost(raw, 2, { online });
          changeHost(raw, 3, { ...adopted, online });
        }),
      );
    const found = between(both(true), both(false)).effects.filter(({ area }) => area === "hosts");
    assert.deepEqual(
      found.map(({ level, what }) => `${level} ${what.text()}`),
      ["high capi-1-w-1: spec.online", "medium capi-1-cp-3: spec.online"],
    );
  });

  it("that are new are registered as they are, and end where they are switched off", () => {
    const added = (settings: object) =>
      changeOf((raw) => {
        const hosts = raw["hosts"] as object[];
        const own = { name: "capi-1-w-2", mac: "52:54:00:0a:00:24", address: "10.250.250.24", links: [] };
        hosts.push({ ...hosts[3], ...own, ...settings });
      })
        .effects.filter(({ what }) => what.text().startsWith("+1 host"))
        .map(({ level, effect }) => `${level}: ${effect.text()}`);
    assert.deepEqual(added(adopted), ["low: registered and switched on; neither inspected nor wiped"]);
    assert.deepEqual(added({ ...adopted, online: false }), [
      "high: registered and switched off; neither inspected nor wiped, but whatever runs on it ends",
    ]);
    assert.deepEqual(added({ online: false }), [
      "low: registered, inspected and switched off; no machine gets it",
    ]);
    assert.deepEqual(added({}), [
      "low: registered, switched on and inspected; nothing is written to disks until a machine takes them",
    ]);
  });
});
