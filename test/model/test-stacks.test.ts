import assert from "node:assert";
import { rawConfiguration } from "../../lab/rehearsal/planned-routers";
import { throwAwaySecrets } from "../../lab/rehearsal/throw-away";
import { projectRoot, readStackFile } from "../../lab/rehearsal/workspace";
import { keyPairReader } from "../../ops/stack/key-pairs";
import { findingsOfRaw, shapeNames } from "./fixtures";

describe("stack files of test/stacks", () => {
  for (const name of shapeNames()) {
    it(`${name} passes every check, with the secrets of a rehearsal`, async () => {
      const { values, changes } = await throwAwaySecrets(readStackFile(name).secretPaths);
      const { text } = readStackFile(name, projectRoot, changes);
      const found = findingsOfRaw(rawConfiguration(text, values), name, keyPairReader(new Date()));
      assert.deepStrictEqual(
        found.filter(({ severity }) => severity === "error"),
        [],
      );
    });
  }
});
