import assert from "node:assert/strict";
import { interfaceExpression } from "../../model/checks/interface-expression";
import { callsOf } from "../work";

/** Expressions with names that match, and names that do not. */
const cases: Readonly<Record<string, readonly [readonly string[], readonly string[]]>> = {
  "^bond0$": [["bond0"], ["bond01", "old-bond0"]],
  bond: [["bond0", "old-bond0"], ["bon"]],
  "^(eno|enp)[0-9]+(s[0-9]+)?(np[0-9]+)?$": [
    ["eno1", "enp3s0", "enp3s0np1"],
    ["eth0", "enp", "enp3s"],
  ],
  "^eth.*\\.20$": [["eth0.20"], ["eth0x20"]],
  "^[^e]\\w{2,4}$": [["bond"], ["eno1", "bo", "bond01"]],
  "^(?:a|ab)(c|bcd)?$": [["ab", "abcd", "ac"], ["abcd" + "d"]],
  "^a{2}b{1,}$": [
    ["aab", "aab" + "b"],
    ["ab", "aa"],
  ],
  "^[a-c-]+?$": [["a-b"], ["d"]],
  "^$|^x": [["", "x1"], ["y"]],
};

describe("expressions for interfaces", () => {
  for (const [text, [matching, others]] of Object.entries(cases)) {
    it(`${text} matches what it does in RE2`, () => {
      const matches = interfaceExpression(text);
      assert.ok(matches);
      for (const name of matching) assert.ok(matches(name), name);
      for (const name of others) assert.ok(!matches(name), name);
      // Where it is harmless, JavaScript's own expressions agree.
      for (const name of [...matching, ...others]) assert.equal(matches(name), new RegExp(text).test(name));
    });
  }

  for (const text of [
    "(",
    ")",
    "[a",
    "a**",
    "*",
    "a{2,1}",
    "a{33}",
    "(?i)a",
    "\\",
    "\\pL",
    "[z-a]",
    "a|*",
    "x".repeat(257),
  ]) {
    it(`${text.slice(0, 20)} is refused`, () => assert.equal(interfaceExpression(text), undefined));
  }

  it("make few calls, however they nest", async () => {
    const hostile = [
      "^(a|a|a|a|a|a|a|a|a|a)*!$",
      `^${"a*".repeat(120)}!$`,
      `^${"a?".repeat(120)}!$`,
      `^${"(".repeat(60)}a${"*)".repeat(60)}!$`,
      "^((a{0,32}){0,32}){0,32}!$",
      `^${"(".repeat(40)}a${"?){2}".repeat(40)}!$`,
      `^${"(".repeat(50)}(^|a)${"){32}".repeat(32)}${")".repeat(18)}!$`,
      `^${"(".repeat(100)}a${")*".repeat(70)}${")".repeat(30)}!$`,
    ];
    for (const text of hostile) {
      const calls = await callsOf(() => interfaceExpression(text)?.("a".repeat(15)));
      assert.ok(calls < 200_000, `${text}: ${calls} calls`);
    }
  });
});
