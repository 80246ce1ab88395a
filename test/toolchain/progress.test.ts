import assert from "node:assert/strict";

import { showProgress, type ToolchainEvent } from "../../lab/toolchain/progress";

const building = (elapsed: number): ToolchainEvent => ({
  kind: "building",
  tools: ["etcd", "kwok"],
  done: 1,
  all: 3,
  elapsed,
  remaining: 211 - elapsed,
});

const events: ToolchainEvent[] = [
  {
    kind: "planned",
    tools: ["etcd", "kwok", "helm"],
    folders: ["cluster-api"],
    seconds: 211,
    logs: "/cache/logs",
  },
  ...Array.from({ length: 150 }, (_, second) => building(second)),
  { kind: "built", all: 3, seconds: 150 },
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
  it("is what is built, why and how long, and then one line a minute off a terminal", () => {
    assert.deepEqual(shown(false).trimEnd().split("\n"), [
      "tools: fetching 1 data folders of Go modules; 3 of the lab's programs are neither installed in a fitting version " +
        "nor built yet; building them once takes about 3 min 31 s on 2 cores: etcd, kwok, helm; logs in /cache/logs",
      "tools: 1 of 3 built, now etcd, kwok; 1 min 0 s so far, about 2 min 31 s left",
      "tools: 1 of 3 built, now etcd, kwok; 2 min 0 s so far, about 1 min 31 s left",
      "tools: 3 built in 2 min 30 s",
      "tools: waiting for process 7, which is building them",
    ]);
  });

  it("rewrites one line on a terminal", () => {
    const text = shown(true);
    assert.ok(
      text.includes("\r\u001b[Ktools: 1 of 3 built, now etcd, kwok; 46 s so far, about 2 min 45 s left\r"),
    );
    assert.equal(text.split("\n").length, 4);
  });
});
