import assert from "node:assert/strict";
import { measured } from "../../lab/nodes/traffic-meter";

describe("a stream of requests", () => {
  it("has lost what was not answered, and its longest time without an answer", () => {
    // Requests end out of order: one that is lost ends a second later.
    const output = [
      "1000 ok",
      "1300 ok",
      "1100 lost",
      "1200 lost",
      "1400 lost",
      "2000 ok",
      "part of a li",
    ].join("\n");
    assert.deepEqual(measured(output), { sent: 6, lost: 3, longestGap: 0.2 });
    assert.deepEqual(measured("0 ok\n100 lost\n5000 lost\n5100 ok"), { sent: 4, lost: 2, longestGap: 5 });
    assert.deepEqual(measured(""), { sent: 0, lost: 0, longestGap: 0 });
  });
});
