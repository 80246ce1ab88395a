import assert from "node:assert/strict";
import { differences } from "../../lab/rehearsal/verify-bgp";

describe("what a router holds", () => {
  const path = (prefix: string, nextHop: string, valid = true) => ({ prefix, nextHop, valid });
  const wanted = [path("10.244.0.0/24", "10.250.250.20"), path("10.250.249.0/32", "10.250.250.20")];

  it("is right when it is exactly what the nodes announce", () => {
    assert.deepEqual(differences(wanted, [...wanted].reverse()), []);
  });

  it("is wrong by each path that is missing, too much, over another node or not valid", () => {
    const found = [
      path("10.244.0.0/24", "10.250.250.21"),
      path("10.250.249.0/32", "10.250.250.20", false),
      path("1.2.3.4/32", "10.250.250.20"),
    ];
    assert.deepEqual(differences(wanted, found), [
      "missing: 10.244.0.0/24 via 10.250.250.20",
      "not planned: 1.2.3.4/32 via 10.250.250.20",
      "not planned: 10.244.0.0/24 via 10.250.250.21",
      "not valid: 10.250.249.0/32 via 10.250.250.20",
    ]);
  });

  it("is wrong when nobody is to announce anything", () => {
    assert.deepEqual(differences([], []), ["no node is to announce anything to it"]);
  });
});
