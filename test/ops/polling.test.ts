import assert from "node:assert/strict";
import { pause, polled } from "../../ops/polling";

describe("what cannot be watched is read again", () => {
  const counter = () => {
    let count = 0;
    return () => Promise.resolve(++count);
  };

  it("until it is as expected", async () => {
    const { held, reading } = await polled(counter(), (count) => count === 3, {
      seconds: 60,
      everySeconds: 0.001,
    });
    assert.deepEqual([held, reading], [true, 3]);
  });

  it("until the time is over, with the last reading", async () => {
    const limits = { seconds: 0.05, everySeconds: 0.001 };
    const { held, reading, waitedSeconds } = await polled(counter(), () => false, limits);
    assert.equal(held, false);
    assert.ok(reading > 1 && waitedSeconds >= 0.05, `${reading} readings in ${waitedSeconds} s`);
  });

  it("once without any time, and once more after a reading that takes all of it", async () => {
    const once = await polled(counter(), () => false, { seconds: 0 });
    assert.equal(once.reading, 1);
    const slow = counter();
    const read = async () => {
      await pause(0.03);
      return slow();
    };
    const late = await polled(read, (count) => count === 2, { seconds: 0.02, everySeconds: 0.001 });
    assert.deepEqual([late.held, late.reading], [true, 2]);
  });

  it("no more after an error, which is the caller's", async () => {
    let reads = 0;
    const read = () => (++reads === 2 ? Promise.reject(new Error("no")) : Promise.resolve(reads));
    await assert.rejects(
      polled(read, () => false, { seconds: 60, everySeconds: 0.001 }),
      /^Error: no$/,
    );
    assert.equal(reads, 2);
  });

  it("a pause ends early when its signal aborts", async () => {
    const stop = new AbortController();
    const paused = pause(3600, stop.signal);
    stop.abort();
    await paused;
    await pause(3600, stop.signal);
  });
});
