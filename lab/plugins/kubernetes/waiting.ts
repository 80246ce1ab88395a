import { setTimeout as sleep } from "node:timers/promises";
import { asString, at, type JsonObject } from "../grpc/property-value";
import { ApiError, ConnectionError } from "./api-client";
import { pathOf } from "./kinds";
import type { ObjectAddress, ObjectStore } from "./object-store";
import { needsEndpoints } from "./built-in-readiness";
import type { Readiness, ReadyCheck } from "./wait-for";

/** What the provider waits at most when neither customTimeouts nor the annotation says otherwise. */
export const DEFAULT_TIMEOUT_SECONDS = 600;

const TIMED_OUT = "timed out waiting for the condition";
const CANCELED = "context canceled";

/** How long to wait before asking again after a lost connection or an expired watch. */
const AGAIN_MS = 500;

/** A wait that ended without success: the text is the provider's. */
export class WaitError extends Error {}

/** Runs `look` (which resolves true when done) again and again until done, timeout or cancellation. */
async function until(
  signal: AbortSignal,
  timeoutSeconds: number,
  look: (signal: AbortSignal) => Promise<boolean>,
): Promise<void> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), timeoutSeconds * 1000);
  const either = AbortSignal.any([signal, deadline.signal]);
  try {
    while (!either.aborted) {
      try {
        if (await look(either)) return;
      } catch (error) {
        if (!either.aborted && !isPassing(error)) throw error;
      }
      await sleep(AGAIN_MS, undefined, { signal: either }).catch(() => undefined);
    }
  } finally {
    clearTimeout(timer);
  }
  throw new WaitError(signal.aborted ? CANCELED : TIMED_OUT);
}

/** Failures that a waiting provider outlives: the server is restarting, or a watch is too old. */
function isPassing(error: unknown): boolean {
  return (
    error instanceof ConnectionError ||
    (error instanceof ApiError && (error.status === 410 || error.status === 429 || error.status >= 500)) ||
    isStreamEnd(error)
  );
}

function isStreamEnd(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return (
    code === "ECONNRESET" || code === "ERR_STREAM_PREMATURE_CLOSE" || (error as Error).message === "aborted"
  );
}

/** Watches one object from the given state on, until `onState` says that it is enough. */
async function watchObject(
  store: ObjectStore,
  address: ObjectAddress,
  resourceVersion: string | undefined,
  signal: AbortSignal,
  onState: (live: JsonObject | undefined) => boolean,
): Promise<boolean> {
  let done = false;
  await store.api.watch(
    {
      method: "GET",
      path: pathOf(address.kind, address.namespace),
      query: {
        fieldSelector: `metadata.name=${address.name}`,
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
      },
      signal,
    },
    (event) => {
      if (event["type"] === "ERROR") return true;
      if (event["type"] === "BOOKMARK") return false;
      done = onState(event["type"] === "DELETED" ? undefined : (event["object"] as JsonObject));
      return done;
    },
  );
  return done;
}

/** Waits until `check` holds for the object; resolves with the live object that satisfied it. */
export async function untilReady(
  store: ObjectStore,
  address: ObjectAddress,
  check: ReadyCheck,
  timeoutSeconds: number,
  report: (readiness: Readiness) => void,
): Promise<JsonObject> {
  let latest: JsonObject = {};
  let said = "";
  const judge = (live: JsonObject | undefined): boolean => {
    if (live === undefined)
      throw new WaitError(`${address.kind.kind} "${address.name}" was deleted while it was waited for`);
    latest = live;
    const readiness = check(live);
    if (readiness.message !== said) report(readiness);
    said = readiness.message;
    return readiness.ready;
  };
  await until(store.signal, timeoutSeconds, async (signal) => {
    const live = await store.get(address);
    if (judge(live)) return true;
    return watchObject(store, address, asString(at(live, "metadata", "resourceVersion")), signal, judge);
  });
  return latest;
}

/** Waits until the object is gone; resolves at once when it is. On timeout `onStuck` gets what is still there. */
export async function untilGone(
  store: ObjectStore,
  address: ObjectAddress,
  timeoutSeconds: number,
  onStuck: (live: JsonObject) => void,
): Promise<void> {
  let latest: JsonObject | undefined;
  const gone = (live: JsonObject | undefined): boolean => {
    // Another object may have taken the name since.
    const replaced =
      latest !== undefined &&
      live !== undefined &&
      at(latest, "metadata", "uid") !== at(live, "metadata", "uid");
    if (!replaced) latest = live;
    return live === undefined || replaced;
  };
  try {
    await until(store.signal, timeoutSeconds, async (signal) => {
      const live = await store.get(address);
      if (gone(live)) return true;
      return watchObject(store, address, asString(at(live, "metadata", "resourceVersion")), signal, gone);
    });
  } catch (error) {
    if (error instanceof WaitError && latest !== undefined) onStuck(latest);
    throw error;
  }
}

/** Waits until a Service has an endpoint, read from its EndpointSlices. */
export async function untilEndpoints(
  store: ObjectStore,
  service: JsonObject,
  timeoutSeconds: number,
  report: (readiness: Readiness) => void,
): Promise<void> {
  if (!needsEndpoints(service)) return;
  const namespace = asString(at(service, "metadata", "namespace")) ?? "default";
  const labelSelector = `kubernetes.io/service-name=${asString(at(service, "metadata", "name")) ?? ""}`;
  const path = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
  await until(store.signal, timeoutSeconds, async (signal) => {
    const list = await store.api.request({ method: "GET", path, query: { labelSelector }, signal });
    const items = Array.isArray(list["items"]) ? list["items"] : [];
    const found = items.some((item) => ((at(item, "endpoints") ?? []) as unknown[]).length > 0);
    if (!found) report({ ready: false, message: "Finding Pods to direct traffic to" });
    return found;
  });
}
