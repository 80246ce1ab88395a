import assert from "node:assert/strict";
import { fieldChanges, fieldChangesAt, same } from "../../model/change/fields";
import { callsOf } from "../work";

const paths = (before: unknown, after: unknown) => fieldChanges(before, after).map(({ path }) => path);

describe("differences between two values", () => {
  it("name the field, and show the old and the new value", () => {
    assert.deepEqual(
      fieldChanges({ spec: { replicas: 1, paused: true } }, { spec: { replicas: 2, paused: true } }),
      [{ path: "spec.replicas", also: [], before: ["1"], after: ["2"] }],
    );
  });

  it("find entries of a list again by their names, wherever they stand", () => {
    const before = [
      { name: "a", image: "1" },
      { name: "b", image: "1" },
    ];
    const after = [
      { name: "new", image: "9" },
      { name: "b", image: "2" },
      { name: "a", image: "1" },
    ];
    assert.deepEqual(paths({ containers: before }, { containers: after }).sort(), [
      "containers[b].image",
      "containers[new]",
    ]);
  });

  it("pair nameless entries that have something in common, and no others", () => {
    const rule = { apiGroups: ["x"], resources: ["a", "b"], verbs: ["get"] };
    const narrower = { ...rule, resources: ["a"] };
    assert.deepEqual(fieldChanges({ rules: [rule] }, { rules: [narrower] }), [
      { path: "rules[].resources[]", also: [], before: ["b"], after: [] },
    ]);
    const other = { apiGroups: ["y"], resources: ["c"], verbs: ["watch"] };
    assert.deepEqual(paths({ rules: [rule] }, { rules: [other] }), ["rules[]"]);
  });

  it("say so when only the order of a list differs", () => {
    assert.deepEqual(paths({ args: ["a", "b"] }, { args: ["b", "a"] }), ["args"]);
    assert.deepEqual(paths({ args: ["a", "b"] }, { args: ["a", "b"] }), []);
  });

  it("show only the changed lines of a long text, and look into JSON", () => {
    const [script] = fieldChanges({ content: "one\ntwo\nthree" }, { content: "one\n2\nthree" });
    assert.deepEqual([script?.before, script?.after], [["two"], ["2"]]);
    assert.deepEqual(paths({ boot: '{"a":{"b":1}}' }, { boot: '{"a":{"b":2}}' }), ["boot.a.b"]);
  });

  it("do not look into JSON that nests too deep, wherever it is", () => {
    const nested = (depth: number, leaf: string) => `${'{"a":'.repeat(depth)}${leaf}${"}".repeat(depth)}`;
    assert.deepEqual(paths({ content: nested(90, "1") }, { content: nested(90, "2") }), [
      `content${".a".repeat(90)}`,
    ]);
    for (const depth of [101, 5000, 50_000])
      assert.deepEqual(paths({ content: nested(depth, "1") }, { content: nested(depth, "2") }), ["content"]);
    const within = (text: string) => JSON.stringify({ b: text });
    const twice = (leaf: string) => nested(80, within(nested(80, within(nested(80, leaf)))));
    assert.equal(paths({ content: twice("1") }, { content: twice("2") }).length, 1);
  });

  it("take calls that grow with the size, and not with the depth as well", async () => {
    const many = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`key${i}`, i] as const));
    const nested = (depth: number, last: number) =>
      Array.from({ length: depth }).reduce<unknown>((inner) => ({ a: inner, b: 1 }), { ...many, last });
    const calls = (depth: number) =>
      callsOf(() => assert.equal(paths(nested(depth, 1), nested(depth, 2)).length, 1));
    const [flat, deep] = [await calls(1), await calls(90)];
    assert.ok(deep < 2 * flat, `${flat} calls for one level, ${deep} for 90`);
  });

  it("name each of many entries that change in the same way", () => {
    const entries = (v: number) => Array.from({ length: 20_000 }, (_, i) => ({ name: `a${i}`, v }));
    const [change] = fieldChanges(entries(1), entries(2));
    assert.equal(change?.also.length, 19_999);
  });

  it("count the lines of a long text that is rewritten, and show what is edited in one", () => {
    const text = (word: string) => Array.from({ length: 3000 }, (_, i) => `${word}${i}`).join("\n");
    assert.deepEqual(fieldChanges({ content: text("a") }, { content: `${text("b")}\nc` }), [
      { path: "content", also: [], before: ["3000 lines"], after: ["3001 lines"] },
    ]);
    const [edited] = fieldChanges({ content: text("a") }, { content: text("a").replace("a7\n", "b\n") });
    assert.deepEqual([edited?.before, edited?.after], [["a7"], ["b"]]);
  });

  it("read each entry of a long list a few times, and not for every other one", () => {
    let reads = 0;
    const count = 1000;
    const rules = (first: number) =>
      Array.from({ length: count }, (_, i) => ({
        verbs: "get",
        get from() {
          reads += 1;
          return first + i;
        },
      }));
    const [replaced] = fieldChanges({ rules: rules(0) }, { rules: rules(count) });
    assert.deepEqual([replaced?.path, replaced?.before.length], ["rules[]", 2 * count]);
    assert.ok(reads < 40 * count, `${reads} reads`);
  });

  it("count an entry as often as it is more often there, however its keys are ordered", () => {
    const [a, b] = [
      { x: 1, y: undefined, z: [{ p: 1, q: 2 }] },
      { z: [{ q: 2, p: 1 }], x: 1 },
    ];
    assert.deepEqual(fieldChanges([a], [b, b]), [
      { path: "[]", also: [], before: [], after: ["z:", "  - q: 2", "    p: 1", "x: 1"] },
    ]);
    assert.deepEqual(
      fieldChanges(["a", "b", "a"], ["b", "a"]).map(({ before }) => before),
      [["a"]],
    );
  });

  it("tell what happens at several places in the same way once, and only then", () => {
    const image = (tag: string) => ({ containers: ["x", "y"].map((name) => ({ name, image: tag })) });
    const [change, ...others] = fieldChanges(image("1"), image("2"));
    assert.deepEqual(
      [change?.path, change?.also, others],
      ["containers[x].image", ["containers[y].image"], []],
    );
    assert.equal(
      fieldChanges({ a: { image: "1" }, b: { image: "1" } }, { a: { image: "2" }, b: { image: "3" } }).length,
      2,
    );
  });

  it("never show a login, or the value of a key that sounds like a secret", () => {
    const shown = JSON.stringify([
      fieldChanges({ password: "old" }, { password: "PLANTED" }),
      fieldChanges({}, { auth: { apiToken: "PLANTED" } }),
      fieldChanges({ url: "http://a" }, { url: "http://user:PLANTED@a" }),
      fieldChanges({ content: "a\nb" }, { content: "a\nexport DB_PASSWORD=PLANTED" }),
      fieldChanges([], [{ path: "/etc/x", content: "token: PLANTED" }]),
    ]);
    assert.ok(!shown.includes("PLANTED"), shown);
    assert.match(shown, /\[secret\].*\/\/\[secret\]@a.*DB_PASSWORD=\[secret\]/);
  });

  /** A map around a value that is secret because of what is next to it or above it. */
  const parts: readonly ((value: string) => unknown)[] = [
    (value) => ({ files: [{ path: "/etc/token", content: value }] }),
    (value) => ({ files: [{ content: `a\n${value}`, path: "/etc/ppp/chap-secrets" }] }),
    (value) => ({ files: ["/etc/shadow", "/etc/a.key"].map((path) => ({ path, content: value })) }),
    (value) => ({ env: [{ name: "DB_PASSWORD", value }] }),
    (value) => ({ password: { any: { deep: value } } }),
    (value) => ({ credentials: [{ name: "a", any: value }] }),
    (value) => ({ extraConfig: { "x-token": value } }),
    (value) => ({ data: { any: value }, kind: "Secret" }),
    (value) => ({ tls: { cert: "a", key: value } }),
    (value) => ({ config: `{"password":{"any":"${value}"}}` }),
  ];

  it("never show a part of a secret that changes, whatever its own key is", () => {
    for (const part of parts) {
      const found = fieldChanges(part("OLD-PLANTED"), part("PLANTED"));
      assert.equal(found.length, 1, JSON.stringify(found));
      assert.match(JSON.stringify(found), /\[secret\]/);
      for (const [before, after] of [
        [part("OLD-PLANTED"), part("PLANTED")],
        [{}, part("PLANTED")],
        [part("PLANTED"), {}],
      ])
        assert.doesNotMatch(JSON.stringify(fieldChanges(before, after)), /PLANTED/);
    }
  });

  it("never show a secret of which only the path is known", () => {
    for (const path of [
      "spec.env[DB_PASSWORD].value",
      "spec.files[/etc/ssl/a.key].content",
      "spec.password.any.deep",
      'metadata.annotations["example.com/token"]',
    ])
      assert.doesNotMatch(
        JSON.stringify(fieldChangesAt([{ path, planned: "PLANTED", live: "OLD-PLANTED" }])),
        /PLANTED/,
        path,
      );
  });

  it("show what is next to a secret, and files that are none", () => {
    const shown = (before: unknown, after: unknown) =>
      fieldChanges(before, after).map(({ after: own }) => own);
    const file = (path: string, content: string) => ({ files: [{ path, content, owner: content }] });
    assert.deepEqual(shown(file("/etc/hosts", "a"), file("/etc/hosts", "b")), [["b"], ["b"]]);
    assert.deepEqual(shown(file("/etc/token", "a"), file("/etc/token", "b")), [["[secret]"], ["b"]]);
    assert.deepEqual(shown({ credentials: { name: "a" } }, { credentials: { name: "b" } }), [["b"]]);
    const image = (tag: string) => ({ containers: [{ name: "token-refresher", image: tag }] });
    assert.deepEqual(shown(image("1"), image("2")), [["2"]]);
    const path = "spec.containers[token-refresher].image";
    assert.deepEqual(fieldChangesAt([{ path, planned: "1", live: "2" }])[0]?.after, ["2"]);
  });

  it("do show where a secret is", () => {
    const [change] = fieldChanges({ secretName: "a" }, { secretName: "b" });
    assert.deepEqual(change?.after, ["b"]);
  });

  it("ignore a field that is undefined", () => {
    assert.ok(same({ a: 1, b: undefined }, { a: 1 }));
    assert.ok(!same({ a: 1, b: null }, { a: 1 }));
    assert.ok(!same([], {}));
  });
});
