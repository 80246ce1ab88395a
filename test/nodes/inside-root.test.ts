import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { placeInside } from "../../lab/nodes/inside-root";
import os from "node:os";

describe("a file of a node, as the lab opens it", () => {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "node-root-"));
  fs.mkdirSync(path.join(root, "run"));
  const links = {
    absolute: "/etc/passwd",
    above: "../../../../../etc/passwd",
    folder: "/",
    "run/down": "../run/here",
    circle: "/circle",
  };
  for (const [name, target] of Object.entries(links)) fs.symlinkSync(target, path.join(root, name));
  const inside = (place: string) => path.relative(root, placeInside(root, place));

  it("stays in the node, wherever links and dots lead", () => {
    assert.equal(inside("/absolute"), "etc/passwd");
    assert.equal(inside("/above"), "etc/passwd");
    assert.equal(inside("/folder/absolute"), "etc/passwd");
    assert.equal(inside("/folder/../../run"), "run");
    assert.equal(inside("/run/down/new"), "run/here/new");
    assert.equal(inside("../../x"), "x");
    assert.equal(inside("/not/there"), "not/there");
  });

  it("is refused where links go round in a circle", () => {
    assert.throws(() => placeInside(root, "/circle"), /more than 40 links/);
  });
});
