import assert from "node:assert/strict";
import { CommandProvider } from "../../lab/plugins/command/command-provider";
import { quoted } from "../../lab/plugins/command/run-process";
import { type JsonObject, secret, unknownValue } from "../../lab/plugins/grpc/property-value";
import { SilentLog } from "./silent-log";

const urn = "urn:pulumi:dev::metal::command:local:Command::c";

function create(
  properties: JsonObject,
  timeout?: number,
): { provider: CommandProvider; log: SilentLog; result: Promise<JsonObject> } {
  const log = new SilentLog();
  const provider = new CommandProvider(log);
  const request = { urn, name: "c", properties, ...(timeout === undefined ? {} : { timeout }) };
  return { provider, log, result: provider.create(request).then((state) => state.properties) };
}

describe("command stand-in", () => {
  it("runs nothing in a preview and leaves both streams unknown", async () => {
    const { properties } = await new CommandProvider(new SilentLog()).create({
      urn,
      name: "c",
      properties: { create: "exit 1" },
      preview: true,
    });
    assert.deepEqual(properties, { create: "exit 1", stdout: unknownValue, stderr: unknownValue });
  });

  it("hides the output of a command with a secret input", async () => {
    const { result } = create({ create: "cat", stdin: secret("pw") });
    assert.deepEqual(await result, {
      create: "cat",
      stdin: secret("pw"),
      stdout: secret("pw"),
      stderr: secret(""),
    });
  });

  it("reports every line at once, on the row only", async () => {
    const { result, log } = create({ create: "echo one; echo two >&2; printf three" });
    await result;
    assert.deepEqual(log.messages.map(({ message }) => message).sort(), ["one", "three", "two"]);
    assert.ok(log.messages.every(({ ephemeral }) => ephemeral));
  });

  for (const [logging, lines] of [
    ["none", []],
    ["stdout", ["out"]],
    ["stderr", ["err"]],
  ] as const) {
    it(`reports ${lines.length === 0 ? "nothing" : lines.join()} with logging ${logging}`, async () => {
      const { result, log } = create({ create: "echo out; echo err >&2", logging });
      await result;
      assert.deepEqual(
        log.messages.map(({ message }) => message),
        lines,
      );
    });
  }

  it("passes the previous output on unless it is told not to", async () => {
    const provider = new CommandProvider(new SilentLog());
    const olds = { create: "true", stdout: "before", stderr: "" };
    const news = { create: 'echo "[$PULUMI_COMMAND_STDOUT]"' };
    const updated = await provider.update({ urn, id: "c1", olds, news });
    assert.equal(updated.properties["stdout"], "[before]");
    const silent = await provider.update({
      urn,
      id: "c1",
      olds,
      news: { ...news, addPreviousOutputInEnv: false },
    });
    assert.equal(silent.properties["stdout"], "[]");
  });

  it("runs update on a change where there is one, and delete at the end", async () => {
    const provider = new CommandProvider(new SilentLog());
    const news = { create: "echo created", update: "echo updated", delete: "exit 4" };
    assert.equal((await provider.update({ urn, id: "c1", olds: {}, news })).properties["stdout"], "updated");
    await assert.rejects(
      provider.delete({ urn, id: "c1", properties: news }),
      /^Error: exit status 4: running "exit 4":\n$/,
    );
  });

  it("kills only the shell at the timeout, and waits for whoever holds stdout", async () => {
    const started = Date.now();
    const { result } = create({ create: "echo start; sleep 0.6 & wait" }, 0.1);
    await assert.rejects(
      result,
      (error: Error) => error.message === 'signal: killed: running "echo start; sleep 0.6 & wait":\nstart\n',
    );
    assert.ok(Date.now() - started >= 550);
  });

  it("kills an exec'ed program at the timeout at once", async () => {
    const started = Date.now();
    await assert.rejects(
      create({ create: "echo start; exec sleep 20" }, 0.1).result,
      /signal: killed: running/,
    );
    assert.ok(Date.now() - started < 5000);
  });

  it("kills the shell on Cancel without letting its trap run", async () => {
    const { provider, result } = create({
      create: "trap 'echo trapped' EXIT TERM INT; echo start; sleep 0.3",
    });
    setTimeout(() => void provider.cancel(), 100);
    await assert.rejects(
      result,
      (error: Error) => error.message.startsWith("signal: killed") && !error.message.includes("trapped\n"),
    );
  });

  it("names a program that does not exist", async () => {
    await assert.rejects(
      create({ create: "x", interpreter: ["no-such-shell"] }).result,
      /executable file not found in \$PATH: running "x":/,
    );
  });

  it("runs local.run in a preview too", async () => {
    const provider = new CommandProvider(new SilentLog());
    const answer = await provider.invoke({
      tok: "command:local:run",
      args: { command: "echo hi" },
      preview: true,
    });
    assert.deepEqual(answer.return, { command: "echo hi", stdout: "hi", stderr: "" });
  });

  it("replaces when triggers appear or go, and leaves their elements to the engine", async () => {
    const provider = new CommandProvider(new SilentLog());
    const diff = (oldInputs: JsonObject, news: JsonObject) =>
      provider.diff({ urn, olds: {}, oldInputs, news });
    assert.deepEqual((await diff({}, { triggers: ["a"] })).detailedDiff, {
      triggers: { kind: "ADD_REPLACE" },
    });
    const element = await diff({ triggers: ["a"] }, { triggers: ["b"] });
    assert.deepEqual(
      [element.replaces, element.detailedDiff],
      [undefined, { "triggers[0]": { kind: "UPDATE" } }],
    );
  });

  it("quotes a command as Go does", () => {
    assert.equal(quoted('a\n"b"\\\t\u0001é'), '"a\\n\\"b\\"\\\\\\t\\x01é"');
  });

  it("reports that it does not support remote commands", async () => {
    const remote = "urn:pulumi:dev::metal::command:remote:Command::c";
    await assert.rejects(
      new CommandProvider(new SilentLog()).check({ urn: remote, olds: {}, news: {} }),
      /does not support command:remote:Command/,
    );
  });
});
