import assert from "node:assert";
import { findingsOfRaw, rawShape, shapeNames } from "./fixtures";

describe("stack files of test/stacks", () => {
  for (const name of shapeNames()) {
    it(`${name} passes every check`, () => {
      const found = findingsOfRaw(rawShape(name), name).filter(({ severity }) => severity === "error");
      assert.deepStrictEqual(found, []);
    });
  }
});
