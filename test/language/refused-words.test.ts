import assert from "node:assert/strict";
import childProcess from "node:child_process";
import fs from "node:fs";
import path from "node:path";

const root = path.join(__dirname, "../..");

/** Words that this project has replaced, each with what to write instead. */
const refused: Readonly<Record<string, string>> = {
  "nobody|nobody's": "name the component, or use the passive voice",
  "somebody|somebody's|anybody": "name the role: an operator, another owner",
  "whoever|whomever": "name the role",
  anew: "again, or re-",
  "for ever": "indefinitely, without limit",
  "all the same": "anyway",
  "mend|mends|mended|mending": "fix, repair",
  "unplayed|played": "simulated",
  "told|untold": "reported, listed, unknown",
  "give up|gives up|given up|giving up": "detach, release, abort",
  "let go|lets go|letting go": "release, detach",
  "knock|knocks|knocked": "TCP probe",
  "leavers|leftovers": "orphans, orphaned objects",
  illegible: "unparsed",
  "judgement|judgements": "result, check report",
  "suspicion|suspicions": "cause",
};

/** All of it but tests; ids keep their words, because stack files and runbooks name them. */
const held =
  /^(?:index\.ts|README\.md|CONTRIBUTING\.md|SECURITY\.md|CHANGELOG\.md|docs\/(?!checks\/)|policy\/|bench\/|startup\/|\.github\/|components\/|model\/|ops\/|lab\/)/;
const ids = /\b[a-z-]+\/[a-z-]*(?:mended|told|nobody)[a-z-]*\b/g;

describe("language", () => {
  const listed = childProcess.execFileSync("git", ["ls-files", "*.ts", "*.md", "*.cjs", "*.yml", "*.sh"], {
    cwd: root,
    encoding: "utf8",
  });
  const files = listed.split("\n").filter((file) => held.test(file));

  for (const [words, instead] of Object.entries(refused)) {
    it(`is without "${words.split("|")[0]}" (${instead})`, () => {
      const pattern = new RegExp(`\\b(?:${words.replace(/ /g, "\\s+")})\\b`, "i");
      const found = files.flatMap((file) =>
        fs
          .readFileSync(path.join(root, file), "utf8")
          .split("\n")
          .flatMap((line, index) =>
            pattern.test(line.replace(ids, "")) ? [`${file}:${index + 1}: ${line.trim()}`] : [],
          ),
      );
      assert.deepEqual(found, []);
    });
  }
});
