import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { asObject, type JsonObject } from "../../lab/plugins/grpc/property-value";

/** Where the traffic of the real plugins is kept; it is not part of the project. */
const recordingFolder = resolve(__dirname, "../../../shared/facts/samples/grpc");

/** Whether the recordings are there; without them a replay is skipped, and its name says so. */
export const recorded = existsSync(recordingFolder);

/** One call of the engine and what the real plugin answered: either a response or an error's text and gRPC code. */
export interface Exchange {
  readonly method: string;
  readonly request: JsonObject;
  readonly response?: JsonObject;
  readonly error?: string;
  readonly code?: string;
}

/** The names of all recorded situations. */
export function situations(): string[] {
  return recorded
    ? readdirSync(recordingFolder)
        .flatMap((name) => (name.endsWith(".json") ? [name.slice(0, -5)] : []))
        .sort()
    : [];
}

/** The answered calls to provider plugins of one situation, in order. */
export function exchangesOf(situation: string): Exchange[] {
  const lines = readFileSync(join(recordingFolder, `${situation}.json`), "utf8").split("\n");
  return lines
    .filter((line) => line !== "")
    .flatMap((line): Exchange[] => {
      const record = JSON.parse(line) as JsonObject;
      const [, service, method = ""] = String(record["method"]).split("/");
      if (service !== "pulumirpc.ResourceProvider" || record["progress"] !== "response_completed") return [];
      const errors = record["errors"];
      // Here the engine had closed its own side: the plugin answered nothing.
      if (String(errors).includes("the client connection is closing")) return [];
      const failure = Array.isArray(errors)
        ? /^rpc error: code = (\w+) desc = ([^]*)$/.exec(String(errors[0]))
        : null;
      return [
        {
          method,
          request: asObject(record["request"]),
          ...(failure === null
            ? { response: asObject(record["response"]) }
            : { error: failure[2] ?? "", code: failure[1] ?? "" }),
        },
      ];
    });
}
