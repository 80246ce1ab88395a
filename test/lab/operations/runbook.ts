import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import type { Scenarios } from "../scenarios";
import type { OperationsStage } from "./stage";

const page = path.join(__dirname, "../../../docs/operations.md");

/** Command lines of ours that docs/operations.md shows as blocks, without their comments. */
function runbookCommands(): readonly string[] {
  return fs
    .readFileSync(page, "utf8")
    .split("\n")
    .flatMap((line) => /^ {4}npm run metal -- (.*?)(?: +#.*)?$/.exec(line)?.[1] ?? []);
}

/** What stands for the words in capitals, on a healthy cluster with a worker that works. */
const words: Readonly<Record<string, string>> = { HOST: "ops-w-1", ID: "hosts/paused", DIR: "handed-over" };

/** How a command ends where it finds nothing to do: recovery and a hand-over of a healthy cluster are told so. */
const ends: Readonly<Record<string, readonly [code: number, words: RegExp]>> = {
  "recover machine HOST --yes": [1, /recover\/machine-broken/],
  "recover host HOST --yes": [1, /recover\//],
  "destroy-plan": [0, /ops-cp-1/],
};

/** Every command of the runbooks, as a person would copy it. */
export const RUNBOOK: Scenarios<OperationsStage> = Object.fromEntries(
  runbookCommands().map((command) => [
    `runs metal -- ${command}`,
    async (stage: OperationsStage) => {
      const given = command.split(" ").map((word) => words[word] ?? word);
      // Somebody who watches ends it; a test says for how long.
      const { code, stdout, stderr } = await stage.metal(
        ...given,
        ...(given.includes("--watch") ? ["--for", "5"] : []),
      );
      const [wanted, said] = ends[command] ?? [0, /./];
      assert.equal(code, wanted, stdout + stderr);
      assert.match(stdout + stderr, said);
    },
  ]),
);
