import { list, text } from "../../kubernetes/object";
import { type Observation, allInWorkload } from "./observation";

/** What a session has been through since we look: Cilium's status holds the present state only. */
export interface SessionHistory {
  /** Every `peeringState` that was seen. */
  readonly states: ReadonlySet<string>;
  /** How often it was established and then was not. */
  readonly lost: number;
  /** Since when it has been established; epoch milliseconds. */
  readonly establishedSince?: number;
}

/** Histories by `node/peer`. */
export type SessionHistories = ReadonlyMap<string, SessionHistory>;

/** The histories after one more look. */
export function advanceSessions(
  before: SessionHistories,
  observation: Observation,
  now: number,
): SessionHistories {
  const after = new Map(before);
  for (const config of allInWorkload(observation, "bgpNodeConfigs")) {
    for (const instance of list(config, "status", "bgpInstances")) {
      for (const peer of list(instance, "peers")) {
        const key = sessionKey(config.metadata.name, text(peer, "name") ?? "");
        const state = text(peer, "peeringState");
        if (state !== undefined) after.set(key, advance(before.get(key), state, now));
      }
    }
  }
  return after;
}

/** Where a session's history is kept. */
export function sessionKey(node: string, peer: string): string {
  return `${node}/${peer}`;
}

function advance(before: SessionHistory | undefined, state: string, now: number): SessionHistory {
  const established = state === "established";
  const lostNow = !established && before?.establishedSince !== undefined;
  return {
    states: new Set([...(before?.states ?? []), state]),
    lost: (before?.lost ?? 0) + (lostNow ? 1 : 0),
    ...(established ? { establishedSince: before?.establishedSince ?? now } : {}),
  };
}
