import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import * as edits from "../../lab/faults/router";

const golden = (topology: string, name: string) =>
  fs.readFileSync(path.join(__dirname, "..", "golden", "router", topology, `${name}.conf`), "utf8");
const explicit = golden("one-router", "frr");
const nodes = ["10.250.250.20", "10.250.250.21", "10.250.250.22"];

/** Lines that an edit takes out and puts in. */
function change(edit: edits.RouterEdit, configuration = explicit): string[] {
  const [before, after] = [configuration.split("\n"), edit(configuration).split("\n")];
  return [
    ...before.filter((line) => !after.includes(line)).map((line) => `-${line}`),
    ...after.filter((line) => !before.includes(line)).map((line) => `+${line}`),
  ];
}

describe("mistakes in a router's configuration", () => {
  it("swap the two ASNs", () => {
    assert.deepEqual(change(edits.swapAsns), [
      "-router bgp 65001",
      "- neighbor capi-1_frr_v4 remote-as 65010",
      "+router bgp 65010",
      "+ neighbor capi-1_frr_v4 remote-as 65001",
    ]);
  });

  it("change the password, or add one where there was none", () => {
    assert.deepEqual(change(edits.changePassword), [
      "- neighbor capi-1_frr_v4 password <password-of-capi-1/frr>",
      "+ neighbor capi-1_frr_v4 password not-the-nodes-password",
    ]);
    const open = explicit.replace(/^ neighbor \S+ password .*\n/m, "");
    assert.deepEqual(change(edits.changePassword, open), [
      "+ neighbor capi-1_frr_v4 password not-the-nodes-password",
    ]);
  });

  it("forget a node that has a line of its own", () => {
    assert.deepEqual(change(edits.forgetNode("10.250.250.23", nodes)), [
      "- neighbor 10.250.250.23 peer-group capi-1_frr_v4",
      "- neighbor 10.250.250.23 description capi-1-w-1",
    ]);
  });

  it("forget a node inside a listen range", () => {
    const ranged = explicit
      .replace(/^ neighbor 10.*\n/gm, "")
      .replace(/^ address-family/m, " bgp listen range 10.250.250.0/24 peer-group g\n address-family");
    assert.deepEqual(change(edits.forgetNode("10.250.250.23", nodes), ranged), [
      "- bgp listen range 10.250.250.0/24 peer-group g",
      ...nodes.map((node) => `+ bgp listen range ${node}/32 peer-group g`),
    ]);
  });

  it("filter the pods, and cut sessions early", () => {
    assert.deepEqual(change(edits.filterPods), [
      "-ip prefix-list capi-1_frr_v4_in seq 5 permit 10.244.0.0/16 ge 24 le 24",
      "+ip prefix-list capi-1_frr_v4_in seq 5 deny 10.244.0.0/16 ge 24 le 24",
    ]);
    assert.deepEqual(change(edits.limitPrefixes(1)), [
      "-  neighbor capi-1_frr_v4 maximum-prefix 268",
      "+  neighbor capi-1_frr_v4 maximum-prefix 1",
    ]);
  });
});
