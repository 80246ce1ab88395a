import assert from "node:assert/strict";
import {
  atLeast,
  byAge,
  isBetween,
  minorOf,
  minorVersion,
  parseVersion,
  versionOfImage,
} from "../../model/kubernetes/version";

describe("versions", () => {
  it("are read with and without a v, and a pre-release counts as its release", () => {
    for (const text of ["v1.14.0", "1.14.0", "v1.14.0-rc.0", "1.14.0+build"]) {
      const version = parseVersion(text);
      assert.ok(version !== undefined && atLeast(version, "1.14.0") && !atLeast(version, "1.14.1"), text);
    }
  });

  it("are no other texts", () => {
    for (const text of ["", "main", "1.14", "sha256:1.2.3", "1.14.0.1", "latest-1.14.0"])
      assert.equal(parseVersion(text), undefined, text);
  });

  it("lie between two others, the second excluded", () => {
    const all = ["4.1.9", "4.2.0-rc.1", "4.2.10", "4.3.0-rc.1", "4.3.0", "none"];
    assert.deepEqual(
      all.filter((text) => isBetween(text, "4.2.0", "4.3.0")),
      ["4.2.0-rc.1", "4.2.10"],
    );
  });

  it("are ordered by number, as are minors", () => {
    assert.deepEqual(["1.20", "1.9.10", "v1.9.9", "1.10.0"].sort(byAge), [
      "v1.9.9",
      "1.9.10",
      "1.10.0",
      "1.20",
    ]);
  });

  it("have a minor, which can be subtracted", () => {
    assert.deepEqual(["v1.36.3", "1.19.5", "1.19", "2.0.1"].map(minorOf), [36, 19, 19, 1000]);
    assert.deepEqual(["1.18.4", "v1.18.4-rc.0"].map(minorVersion), ["1.18", "1.18"]);
  });

  it("are read from the tag of an image", () => {
    assert.equal(versionOfImage("quay.io/cilium/cilium:v1.19.5@sha256:00"), "1.19.5");
    assert.equal(versionOfImage("10.0.0.1:5000/cilium:latest"), undefined);
  });
});
