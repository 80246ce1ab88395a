import { setMaxListeners } from "node:events";
import type http from "node:http";
import { pause } from "../polling";
import { type KubernetesApi, ApiError, type Query } from "./api";
import {
  type KubernetesObject,
  type ResourceType,
  number,
  resourcePath,
  text,
} from "../../model/kubernetes/object";

/** What a watch reports about one object. */
export type WatchChange = "ADDED" | "MODIFIED" | "DELETED";

/** What a {@link follow} reports: the whole state after a (re-)list, single changes, and trouble with the API server. */
export interface Follower {
  /** After each list: everything that is there now. */
  onList(items: readonly KubernetesObject[]): void;
  onChange(type: WatchChange, object: KubernetesObject): void;
  /** The list or watch failed; it is tried again after `retrySeconds`. */
  onTrouble?(error: Error, retrySeconds: number): void;
}

/** Which objects to follow. */
export interface FollowOptions {
  readonly namespace?: string;
  readonly query?: Query;
  readonly signal: AbortSignal;
  /** A stream silent for this long counts as dead (bookmarks come about each minute); 150 s by default. */
  readonly silentSeconds?: number;
}

/**
 * Lists, then watches, until the signal aborts: survives restarts of the API server, expired resource versions (410) and
 * half-open connections. Not by library, because the watch of @kubernetes/client-node 1.4.0 replaces
 * the caller's abort signal and hangs on a half-open connection.
 */
export async function follow(
  api: KubernetesApi,
  type: ResourceType,
  follower: Follower,
  options: FollowOptions,
): Promise<void> {
  // Many watches listen to one signal, which Node would report as a leak.
  setMaxListeners(0, options.signal);
  let failures = 0;
  while (!options.signal.aborted) {
    try {
      const listed = await api.list(type, options.namespace, options.query);
      failures = 0;
      follower.onList(listed.items);
      await watchFrom(api, type, listed.resourceVersion, follower, options);
    } catch (error) {
      if (options.signal.aborted) return;
      const retrySeconds = Math.min(5, 0.25 * 2 ** failures);
      failures += 1;
      follower.onTrouble?.(error as Error, retrySeconds);
      await pause(retrySeconds, options.signal);
    }
  }
}

/** Watches until the stream cannot be continued from the last seen version; then returns, for a new list. */
async function watchFrom(
  api: KubernetesApi,
  type: ResourceType,
  start: string,
  follower: Follower,
  options: FollowOptions,
): Promise<void> {
  let version = start;
  while (!options.signal.aborted) {
    const stream = new AbortController();
    const signal = AbortSignal.any([stream.signal, options.signal]);
    const query = { ...options.query, watch: true, allowWatchBookmarks: true, resourceVersion: version };
    const silent = (options.silentSeconds ?? 150) * 1000;
    let watchdog = setTimeout(() => stream.abort(), silent);
    try {
      const response = await api.send("GET", resourcePath(type, options.namespace), { query }, signal);
      if (response.statusCode === 410) return;
      if (response.statusCode !== 200) {
        response.resume();
        throw new ApiError(
          response.statusCode ?? 0,
          "",
          `the watch was answered ${response.statusCode}`,
          undefined,
        );
      }
      for await (const line of linesOf(response)) {
        clearTimeout(watchdog);
        watchdog = setTimeout(() => stream.abort(), silent);
        const event = eventIn(line);
        if (event.type === "ERROR") {
          if (number(event.object, "code") === 410) return;
          throw new Error(text(event.object, "message") ?? "the watch reported an error");
        }
        version = event.object.metadata.resourceVersion ?? version;
        if (event.type !== "BOOKMARK") follower.onChange(event.type as WatchChange, event.object);
      }
      // A stream that ends in silence at once would make this loop spin.
      await pause(0.1, options.signal);
    } catch (error) {
      if (stream.signal.aborted && !options.signal.aborted) return;
      throw error;
    } finally {
      clearTimeout(watchdog);
      stream.abort();
    }
  }
}

/** The library's message would quote the line, which may be of a Secret. */
function eventIn(line: string): { readonly type: string; readonly object: KubernetesObject } {
  try {
    return JSON.parse(line) as { type: string; object: KubernetesObject };
  } catch {
    throw new Error("the watch sent a line that is not JSON");
  }
}

async function* linesOf(response: http.IncomingMessage): AsyncGenerator<string> {
  response.setEncoding("utf8");
  let rest = "";
  for await (const chunk of response) {
    const parts = (rest + (chunk as string)).split("\n");
    rest = parts.pop() ?? "";
    yield* parts.filter((line) => line !== "");
  }
}
