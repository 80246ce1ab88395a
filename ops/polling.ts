/** How the reading of something that cannot be watched ended. */
export interface Polled<Reading> {
  /** Whether the last reading is the one that was waited for. */
  readonly held: boolean;
  readonly reading: Reading;
  readonly waitedSeconds: number;
}

/**
 * Reads something until it is as expected, or the time is over: at least once, and the last time after the deadline, so that
 * a slow reading counts too. An error of a reading ends it.
 */
export async function polled<Reading>(
  read: () => Promise<Reading>,
  holds: (reading: Reading) => boolean,
  limits: { readonly seconds: number; readonly everySeconds?: number },
): Promise<Polled<Reading>> {
  const started = Date.now();
  for (;;) {
    const begun = Date.now();
    const reading = await read();
    const held = holds(reading);
    const waitedSeconds = (Date.now() - started) / 1000;
    if (held || begun - started >= limits.seconds * 1000) return { held, reading, waitedSeconds };
    await pause(limits.everySeconds ?? 0.5);
  }
}

/** Sleeps, or wakes early without an error when the signal aborts. */
export function pause(seconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, seconds * 1000);
    signal?.addEventListener("abort", done);
  });
}
