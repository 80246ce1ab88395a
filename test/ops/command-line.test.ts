import assert from "node:assert";
import fs from "node:fs";
import path from "node:path";
import type { Command } from "commander";
import { removedSecret } from "../../model/redaction/forms";
import { commands } from "../../ops/commands/run";
import type { Terminal } from "../../ops/commands/terminal";
import { exitCodes, exitCodesText, programCode, programCodesText } from "../../ops/exit-codes";
import { exampleText, metal, projectWith } from "./command-line";

/** The subcommands of a command, `["bgp", "verify"]`. */
const innerLines = (command: Command) => command.commands.map((inner) => [command.name(), inner.name()]);

describe("npm run metal", () => {
  const directory = projectWith({ "Pulumi.capi-1.yaml": exampleText });

  it("ends with 0 when the stack holds", async () => {
    assert.deepStrictEqual(await metal(directory, ["check"]).then(({ code, err }) => ({ code, err })), {
      code: 0,
      err: "",
    });
  });

  it("ends with 1 when there are findings", async () => {
    const even = projectWith({ "Pulumi.a.yaml": exampleText.replace("replicas: 3", "replicas: 2") });
    const { code, out } = await metal(even, ["check"]);
    assert.match(out, /etcd\/member-count-odd/);
    assert.strictEqual(code, 1);
  });

  it("ends with 2 for an unknown stack, the nearest name first", async () => {
    const two = projectWith({ "Pulumi.rack-a.yaml": exampleText, "Pulumi.capi-1.yaml": exampleText });
    assert.deepStrictEqual(await metal(two, ["check", "--stack", "capi1"]), {
      code: 2,
      out: "",
      err: 'error: there is no stack "capi1"; did you mean "capi-1"? others: rack-a\n',
    });
  });

  it("ends with 4 when several stacks would do and none was named", async () => {
    const two = projectWith({ "Pulumi.b.yaml": exampleText, "Pulumi.a.yaml": exampleText });
    assert.deepStrictEqual(await metal(two, ["check"]), {
      code: 4,
      out: "",
      err: "error: choose a stack: --stack a | b\n",
    });
    assert.strictEqual((await metal(two, ["check"], { PULUMI_STACK: "b" })).code, 0);
  });

  for (const [mistake, argv, says] of [
    ["an unknown command", ["chek"], /Did you mean check\?/],
    ["an unknown option", ["check", "--stak", "x"], /Did you mean --stack\?/],
    ["a surplus argument", ["check", "capi-1"], /too many arguments/],
  ] as const) {
    it(`ends with 2 for ${mistake} and suggests the nearest`, async () => {
      const { code, err } = await metal(directory, argv);
      assert.match(err, says);
      assert.strictEqual(code, 2);
    });
  }

  it("shows an example and the exit codes of each command in its help", async () => {
    const named = commands.map((command) => command({} as Terminal).name());
    for (const name of named) {
      const { code, out } = await metal(directory, [name, "--help"]);
      assert.match(out, new RegExp(`Examples:\\n {2}npm run metal -- ${name}`));
      assert.ok(out.includes(exitCodesText), out);
      assert.strictEqual(code, 0);
    }
    assert.ok(named.length > 0);
    const { out } = await metal(directory, ["bgp", "verify", "--help"]);
    assert.ok(out.includes(exitCodesText), out);
  });

  it("has no word in a help that is taken for a secret", async () => {
    const written = commands.map((command) => command({} as Terminal));
    const lines = [[], ...written.flatMap((command) => [[command.name()], ...innerLines(command)])];
    for (const argv of lines) {
      const { out } = await metal(directory, [...argv, "--help"]);
      assert.ok(!out.includes(removedSecret), out);
    }
    assert.ok(lines.length > commands.length + 2, String(lines.length));
  });

  it("has one vocabulary of exit codes, which the documents repeat", () => {
    const words = (text: string) => text.replace(/\s+/g, " ");
    for (const file of ["README.md", "CONTRIBUTING.md"]) {
      const text = words(fs.readFileSync(path.join(__dirname, "../..", file), "utf8"));
      assert.ok(text.includes(exitCodesText), `${file} does not say "${exitCodesText}"`);
    }
    const operations = words(fs.readFileSync(path.join(__dirname, "../../docs/operations.md"), "utf8"));
    assert.ok(operations.includes(programCodesText), `docs/operations.md does not say "${programCodesText}"`);
    for (const codes of [Object.values(exitCodes), Object.values(programCode)])
      assert.deepStrictEqual([...new Set<number>(codes)], codes);
  });
});
