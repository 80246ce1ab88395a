import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Writable } from "node:stream";
import type { WaitOrder } from "../../model/plan/readiness";
import { Output } from "../../ops/wait/output";

describe("the events file of a wait", () => {
  it("is not needed: where it cannot be written, the events are shown and that is reported once", () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "metal-output-"));
    fs.writeFileSync(path.join(folder, "events"), "a file where the folder would be");
    const shown: string[] = [];
    const stderr = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        shown.push(chunk.toString());
        done();
      },
    });
    const order = {
      plan: { subject: "bgp", cluster: "capi-1" },
      eventsFile: path.join(folder, "events/capi-1.jsonl"),
    } as unknown as WaitOrder;
    const output = new Output(order, 0, stderr);
    output.tell({ at: 1000, host: "capi-1", phase: "cluster", text: "first" });
    output.tell({ at: 2000, host: "capi-1", phase: "cluster", text: "second" });
    assert.equal(shown.length, 3);
    assert.match(
      shown[0] ?? "",
      /capi-1\.jsonl cannot be written \((ENOTDIR|EEXIST)\): events are shown here only/,
    );
    assert.match(shown[2] ?? "", /second/);
    fs.rmSync(folder, { recursive: true });
  });
});
