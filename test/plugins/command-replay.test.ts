import assert from "node:assert/strict";
import { CommandProvider } from "../../lab/plugins/command/command-provider";
import {
  asObject,
  asString,
  isObject,
  type Json,
  type JsonObject,
} from "../../lab/plugins/grpc/property-value";
import type * as wire from "../../lab/plugins/grpc/provider";
import { exchangesOf, recorded, situations } from "./recordings";
import { SilentLog } from "./silent-log";

/** Situations that are not replayed, with the reason. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  "cmdf-run-preview":
    "its command's text was damaged when paths were taken out; cmdf-runsecret and cmdf-runfail are replayed",
  "cmdf-run-up":
    "its command's text was damaged when paths were taken out; cmdf-runsecret and cmdf-runfail are replayed",
  "cmdf-sigint": "the recording's lines were damaged when paths were taken out; see command-traps.test.ts",
  "cmdf-timeout": "its command's text was damaged when paths were taken out; see command-traps.test.ts",
};

/** Calls whose command writes to a path that was taken out of the recording are not run. */
const namesTakenOutPath = (request: JsonObject): boolean =>
  JSON.stringify(request["properties"] ?? null).includes("> DIR");

type Call = (provider: CommandProvider, request: never) => Promise<unknown>;

const calls: Readonly<Record<string, Call>> = {
  CheckConfig: (provider, request: wire.CheckRequest) => provider.checkConfig(request),
  DiffConfig: (provider) => provider.diffConfig(),
  Configure: (provider) => provider.configure(),
  Check: (provider, request: wire.CheckRequest) => provider.check(request),
  Diff: (provider, request: wire.DiffRequest) => provider.diff(request),
  Create: (provider, request: wire.CreateRequest) => provider.create(request),
  Update: (provider, request: wire.UpdateRequest) => provider.update(request),
  Delete: (provider, request: wire.DeleteRequest) => provider.delete(request).then(() => ({})),
  Invoke: (provider, request: wire.InvokeRequest) => provider.invoke(request),
};

/** Naps and timeouts of seconds are as good in hundredths; streams are told apart, not ordered. */
function hurried(value: Json): Json {
  if (Array.isArray(value)) return value.map(hurried);
  if (typeof value === "string") return value.replace(/\bsleep (0\.2|1)\b/g, "sleep 0.02");
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === "timeout" ? Number(inner) / 20 : hurried(inner),
    ]),
  );
}

/** Answers with the random id replaced; the real plugin lists changed keys in no order. */
function comparable(answer: Json): Json {
  const { id, diffs, ...rest } = asObject(answer);
  return {
    ...rest,
    ...(id === undefined ? {} : { id: String(id).replace(/[0-9a-f]{8}$/, "<random>") }),
    ...(Array.isArray(diffs) ? { diffs: diffs.map(String).sort() } : {}),
  };
}

/** An error's lines: the head in order, the output sorted, because two streams meet in no fixed order. */
function errorLines(message: string): string[] {
  const head = message.indexOf('":\n');
  return head < 0
    ? [message]
    : [
        message.slice(0, head),
        ...message
          .slice(head + 3)
          .split("\n")
          .sort(),
      ];
}

describe(`command stand-in, replay${recorded ? "" : " (skipped: ../shared/facts/samples/grpc is not here)"}`, () => {
  for (const situation of situations().filter((name) => name.startsWith("cmd"))) {
    const reason = LEFT_OUT[situation];
    if (reason !== undefined) {
      it.skip(`${situation} is left out: ${reason}`);
      continue;
    }
    it(`answers as the real plugin did in ${situation}`, async () => {
      const provider = new CommandProvider(new SilentLog());
      for (const { method, request, response, error } of exchangesOf(situation)) {
        const call = calls[method];
        if (call === undefined || (method === "Delete" && namesTakenOutPath(request))) continue;
        const where = `${situation}: ${method} ${asString(request["urn"]) ?? ""}`;
        // The previous run's output is in the plugin's environment only when this run passes it.
        const answer = call(provider, hurried(request) as never);
        if (error === undefined) {
          assert.deepEqual(comparable((await answer) as Json), comparable(hurried(response ?? {})), where);
        } else {
          const message = await answer.then(
            () => "no error",
            (thrown: Error) => thrown.message,
          );
          assert.deepEqual(errorLines(message), errorLines(String(hurried(error))), where);
        }
      }
    });
  }
});
