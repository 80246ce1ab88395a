import { isObject, type Json, type JsonObject } from "../grpc/property-value";

function prunedValue(live: Json, like: Json): Json {
  if (isObject(live) && isObject(like)) return pruned(live, like);
  if (Array.isArray(live) && Array.isArray(like)) {
    return live.slice(0, like.length).map((item, index) => prunedValue(item, like[index] ?? null));
  }
  return live;
}

/** The part of a live object that has the shape of `like`: same keys where they exist, lists compared by index. */
export function pruned(live: JsonObject, like: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(like).flatMap(([key, inner]): [string, Json][] => {
      const value = live[key];
      return value === undefined ? [] : [[key, prunedValue(value, inner)]];
    }),
  );
}
