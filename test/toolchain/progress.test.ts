import assert from "node:assert/strict";

import { showProgress, type ToolchainEvent } from "../../lab/toolchain/progress";

const events: ToolchainEvent[] = [
  { kind: "planned", tools: ["etcd", "kwok"], seconds: 111, logs: "/cache/logs" },
  ...Array.from({ length: 47 }, (_, second): ToolchainEvent => ({
    kind: "building",
    tool: "etcd",
    elapsed: second,
    remaining: 111 - second,
  })),
  { kind: "built", tool: "etcd", seconds: 47, remaining: 64 },
  { kind: "waiting", pid: 7 },
  { kind: "waiting", pid: 7 },
];

function shown(isTTY: boolean): string {
  let text = "";
  const progress = showProgress({ isTTY, write: (part) => (text += part) });
  for (const event of events) progress(event);
  return text;
}

describe("toolchain progress", () => {
  it("is a line per change and a heartbeat off a terminal", () => {
    assert.deepEqual(shown(false).trimEnd().split("\n"), [
      "tools: building etcd, kwok: once, about 1 min 51 s on 2 cores; logs in /cache/logs",
      "tools: building etcd, 0 s so far, about 1 min 51 s left",
      "tools: building etcd, 30 s so far, about 1 min 21 s left",
      "tools: built etcd in 47 s, about 1 min 4 s left",
      "tools: waiting for process 7, which is building them",
    ]);
  });

  it("rewrites one line on a terminal", () => {
    const text = shown(true);
    assert.ok(text.includes("\r\u001b[Ktools: building etcd, 46 s so far, about 1 min 5 s left\r"));
    assert.equal(text.split("\n").length, 4);
  });
});
