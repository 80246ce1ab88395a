import assert from "node:assert/strict";
import type { Command } from "commander";
import { commands } from "../../ops/commands/run";
import { exampleText, metal, projectWith } from "../ops/command-line";
import { FakeClusters } from "../wait/fake-clusters";
import { clusterExits } from "./cluster-exits";
import { type Exit, fastExits, plainCommands } from "./exits";
import { plantedProject } from "./planted-fleet";
import { printed } from "./printed";
import { nameless, planted, secretNames, spellings } from "./spellings";

/**
 * Each name and each spelling, and whatever needs no name. That every name is found in every spelling, spellings.test.ts holds:
 * what an exit can get wrong is to print a text without that, or to cut and escape it before.
 */
const texts = [
  ...secretNames.map((name, i) => spellings[i % spellings.length]?.(name, planted) ?? ""),
  ...nameless,
];
/** The text on lines of its own, behind a word that has to show up. */
const marked = texts.map((text, i) => `seen-${i}-\n${text}\nend`);

async function holds({ show, shows }: Exit): Promise<void> {
  const output = await show(marked);
  const at = output.indexOf(planted);
  assert.ok(at < 0, `…${output.slice(Math.max(0, at - 200), at + 20)}`);
  const missing = texts.filter((_text, i) => !output.includes(`seen-${i}-`));
  if (shows === "each") assert.deepEqual(missing, [], output.slice(0, 2000));
  else assert.ok(missing.length < texts.length, `nothing of it shows up: ${output.slice(0, 2000)}`);
}

/** Every command with its subcommands, `recover host`. */
async function commandNames(): Promise<readonly string[]> {
  const names: string[] = [];
  const add = (command: Command, stem: string) => {
    const name = `${stem}${command.name()}`;
    if (command.commands.length === 0) names.push(name);
    for (const inner of command.commands) add(inner, `${name} `);
  };
  await printed((terminal) => commands.forEach((command) => add(command(terminal), "")));
  return names;
}

describe("no secret leaves by any exit, however it is spelt", () => {
  for (const [name, exit] of Object.entries(fastExits)) {
    it(name, () => holds(exit));
  }

  describe("with both clusters", () => {
    const clusters = FakeClusters.forEachTest();
    for (const [name, exit] of Object.entries(clusterExits(clusters))) {
      it(name, () => holds(exit));
    }

    for (const argv of [
      ["kubeconfig"],
      ["sysdump"],
      ["bgp", "verify"],
      ["recover", "machine", "w-0"],
      ["detach", "w-0"],
    ]) {
      it(`${argv.join(" ")}, refused by the API server`, async () => {
        const directory = plantedProject(clusters, ["a"]);
        for (const text of marked.filter((_text, i) => i % 8 === 0)) {
          clusters.management.refuse = 500;
          clusters.management.refusal = text;
          const { code, out, err } = await metal(directory, argv);
          assert.equal(code, 2, out + err);
          assert.ok(!(out + err).includes(planted), err);
          assert.match(err, /seen-/);
        }
      });
    }
  });

  it("commands that show nothing from elsewhere, beside a stack file that holds secrets", async () => {
    const plainText = exampleText.replace(/password:\n +secure: \S+/, `password: ${planted}`);
    for (const argv of Object.values(plainCommands)) {
      const directory = projectWith({ "Pulumi.a.yaml": plainText });
      const { out, err } = await metal(directory, argv);
      assert.ok(!(out + err).includes(planted), out);
      assert.ok((out + err).length > 0);
    }
  });

  it("an argument that a command does not know", async () => {
    const directory = projectWith({ "Pulumi.a.yaml": exampleText });
    for (const name of await commandNames()) {
      for (const option of [
        `--password=${planted}`,
        `--api-token=${planted}`,
        `https://root:${planted}@h/`,
      ]) {
        const { out, err } = await metal(directory, [...name.split(" "), "--stack", "b", option, option]);
        assert.ok(!(out + err).includes(planted), `${name}: ${err}`);
      }
    }
  });

  it("has a row for every command", async () => {
    const clusters = new FakeClusters();
    const rows = [...Object.values(fastExits), ...Object.values(clusterExits(clusters))];
    const covered = new Set([
      ...rows.flatMap((exit) => exit.commands),
      ...Object.keys(plainCommands),
      ...["kubeconfig", "sysdump", "recover machine"],
    ]);
    for (const name of await commandNames()) {
      const tables =
        "plainCommands or fastExits of test/redaction/exits.ts, or to test/redaction/cluster-exits.ts";
      assert.ok(covered.has(name), `${name}: add a row to ${tables}`);
    }
  });
});
