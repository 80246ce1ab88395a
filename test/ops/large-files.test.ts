import assert from "node:assert/strict";
import { callsOf } from "../work";
import { metal, projectWith } from "./command-line";
import { withBadHosts, withUnknownKeys } from "./large-files";

/** `npm run bench:growth` measures the time of the same files. */
describe("check of a large file", () => {
  const times = 8;
  const calls = async (text: string) => {
    const directory = projectWith({ "Pulumi.a.yaml": text });
    return callsOf(async () => {
      const { code } = await metal(directory, ["check", "--format", "pretty"]);
      assert.equal(code, 2);
    });
  };
  for (const [title, count, text] of [
    ["makes calls in proportion to the hosts with a mistake", 50, withBadHosts],
    ["makes calls in proportion to the unknown keys", 500, withUnknownKeys],
  ] as const) {
    it(title, async () => {
      await calls(text(1));
      const [few, many] = [await calls(text(count)), await calls(text(count * times))];
      assert.ok(many < 1.25 * times * few, `${count}: ${few} calls, ${count * times}: ${many} calls`);
    });
  }
});
