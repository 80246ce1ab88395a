import assert from "node:assert";
import { judgeStack } from "../../model/checks/accept";
import { runChecks } from "../../model/checks";
import { UnparsedValueError, partialStack } from "../../model/stack/partial-stack";
import { readStack } from "../../model/stack/read-stack";
import { separateSecrets } from "../../model/stack/secrets";
import { rawCapi1 } from "../model/stacks";

const reading = (raw: unknown) => readStack(separateSecrets(raw).raw, "capi-1");

/** Every map and list of a value, with each of its keys and the way there. */
function places(value: unknown, at: string): (readonly [object, string, string])[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    [value, key, `${at}.${key}`] as const,
    ...places(inner, `${at}.${key}`),
  ]);
}

describe("a stack of which a part is refused", () => {
  it("throws where that part is read, listed or copied, and nowhere else", () => {
    const part = partialStack({ a: { b: 1, c: 2 }, list: [1, 2, 3] } as Record<string, unknown>, [
      ["a", "b"],
      ["list", 1],
      ["missing"],
    ]) as { a: { b: number; c: number }; list: number[]; missing: unknown };
    assert.strictEqual(part.a.c, 2);
    assert.strictEqual(part.list[0], 1);
    for (const read of [
      () => part.a.b,
      () => ({ ...part.a }),
      () => JSON.stringify(part.a),
      () => part.list[1],
      () => part.list.map((item) => item),
      () => part.missing,
      () => ({ ...part }),
    ]) {
      assert.throws(read, UnparsedValueError);
    }
    assert.throws(() => part.list[1], /"list\[1\]" was not read: the schema refuses it/);
  });

  const mistakes: Readonly<Record<string, (holder: Record<string, unknown>, key: string) => void>> = {
    "value of another form": (holder, key) => (holder[key] = [[["no such form"]]]),
    "misspelt key": (holder, key) => {
      if (Array.isArray(holder)) return;
      holder[`${key}x`] = holder[key];
      delete holder[key];
    },
  };
  for (const [mistake, make] of Object.entries(mistakes)) {
    it(`is judged by no check for what stands there: a ${mistake} anywhere in capi-1 is told once`, () => {
      let waited = 0;
      for (const [, , at] of places(rawCapi1(), "")) {
        const raw = rawCapi1();
        const [holder, key] = places(raw, "").find(([, , other]) => other === at) ?? assert.fail(at);
        make(holder as Record<string, unknown>, key);
        const { partial, findings } = reading(raw);
        if (partial === undefined) continue; // a place that takes anything, such as Helm values
        const { findings: found, waiting } = runChecks(partial);
        assert.deepStrictEqual(found, [], `${at}: ${findings.map(({ problem }) => problem).join("; ")}`);
        waited += waiting.length;
      }
      assert.ok(waited > 0);
    });
  }

  it("is judged where it can be read, and says how many checks wait", () => {
    const { partial } = reading({
      ...rawCapi1(),
      controlPlane: { replicas: 2 },
      machines: { users: "ops" },
    });
    assert.ok(partial !== undefined);
    const { findings, checksRun, checksWaiting } = judgeStack(partial, "2026-11-26");
    assert.ok(findings.some(({ id }) => id === "etcd/member-count-odd"));
    assert.ok(checksWaiting > 0 && checksRun > 100);
  });

  it("is told with the stack's name, when that is no name for a cluster", () => {
    const raw = { ...rawCapi1(), controlPlane: { replicas: "two" } };
    const { findings = [] } = readStack(separateSecrets(raw).raw, "No_Name");
    assert.deepStrictEqual(findings.map(({ at }) => at).sort(), ["controlPlane.replicas", "name"]);
  });

  it("does not call an acceptance idle whose check could not run", () => {
    const accept = [{ id: "etcd/member-count-odd", reason: "two are enough in the lab" }];
    const raw = { ...rawCapi1(), accept, controlPlane: { replicas: "two" } };
    const { partial } = reading(raw);
    assert.ok(partial !== undefined);
    assert.deepStrictEqual(judgeStack(partial, "2026-11-26").findings, []);
  });
});
