import assert from "node:assert/strict";
import { noticing } from "../../bench/notice";

const at = (seconds: number) => 1_800_000_000_000 + seconds * 1000;
const said = (seconds: number, host: string, phase: string, text = "") => ({
  time: new Date(at(seconds)).toISOString(),
  host,
  phase,
  text,
});
const did = (seconds: number, deed: string, object: string) => ({ at: at(seconds), did: deed, object });

describe("how soon the waiting program notices", () => {
  const lines = [
    said(0, "c", "start"),
    said(10.3, "a", "inspect"),
    said(12, "b", "inspect"),
    said(19.9, "a", "provision"),
    said(31, "a", "join", "node n-1 joined"),
    said(40, "c", "ready"),
  ];

  it("is the time from the lab's deed to the line of that host and phase", () => {
    const deeds = [
      did(10, "host-inspecting", "BareMetalHost/a"),
      did(11, "host-inspecting", "BareMetalHost/b"),
      did(20, "host-provisioning", "BareMetalHost/a"),
      did(30.5, "node-registered", "Node/n-1"),
      did(15, "simulation-error", "x"),
    ];
    assert.deepEqual(noticing(deeds, lines), { seconds: [0, 0.3, 0.5, 1], unsaid: 0 });
  });

  it("leaves out what was done before the program waited, and counts what it never said", () => {
    const deeds = [
      did(0.5, "host-inspecting", "BareMetalHost/a"),
      did(13, "host-preparing", "BareMetalHost/a"),
      did(50, "host-inspecting", "BareMetalHost/b"),
    ];
    assert.deepEqual(noticing(deeds, lines), { seconds: [], unsaid: 1 });
  });
});
