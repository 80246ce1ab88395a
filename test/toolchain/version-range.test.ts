import assert from "node:assert/strict";

import { fits, rangeText, versionIn } from "../../lab/toolchain/tools";

const range = { from: "4.2.0", below: "4.3.0" };

describe("version range", () => {
  const accepted = ["4.2.0", "v4.2.3", "4.2.10", "4.2.0-rc.1"];
  const refused = ["4.1.9", "4.3.0", "v4.3.1", "3.20.0", "5.0.0"];
  for (const version of accepted) it(`takes ${version}`, () => assert.equal(fits(version, range), true));
  for (const version of refused) it(`refuses ${version}`, () => assert.equal(fits(version, range), false));

  it("is written as package managers write it", () => assert.equal(rangeText(range), ">=4.2.0 <4.3.0"));

  const outputs = {
    "etcd Version: 3.6.9\nGit SHA: Not provided": "3.6.9",
    "Kubernetes v1.36.3": "1.36.3",
    "kwok version v0.8.0 go1.26.8 (linux/amd64)": "0.8.0",
    "cilium-cli: v0.19.7 compiled with go1.26.5 on linux/amd64\ncilium image (default): v1.19.5": "0.19.7",
  };
  for (const [output, version] of Object.entries(outputs)) {
    it(`reads ${version} from its tool's output`, () => assert.equal(versionIn(output), version));
  }
  it("finds none in other text", () => assert.equal(versionIn("command not found"), undefined));
});
