import assert from "node:assert/strict";
import { unreadableChange } from "../../model/change/compare";
import { words } from "../../model/change/formatted-text";
import type { Finding } from "../../model/findings/finding";
import { type RawStack, stackWith } from "../model/stacks";
import { between, changeOf, side } from "./sides";

const about = {
  stack: "capi-1",
  against: words`compared with ${"main"}`,
  file: "values",
  notes: [],
} as const;
const finding = (severity: Finding["severity"], id: string, problem: string): Finding => ({
  id,
  severity,
  at: "hosts[0]",
  problem,
  fix: "mend it",
});
const withFindings = (findings: readonly Finding[], accepted: readonly Finding[] = []) => ({
  ...side(stackWith()),
  findings,
  accepted: accepted.map((each) => ({ finding: each, reason: "known" })),
});

describe("a change as a whole", () => {
  it("of nothing says why nothing happens", () => {
    const nothing = (file: "same" | "layout" | "values") => changeOf(() => undefined, { file });
    assert.deepEqual(
      (["same", "layout", "values"] as const).map((file) => nothing(file).headline.text()),
      [
        "nothing changes",
        "nothing changes: only comments or layout differ",
        "nothing changes: the file differs, and leads to the same plan",
      ],
    );
    assert.deepEqual([nothing("same").level, nothing("same").effects], ["none", []]);
  });

  it("has the gravest first, in its rows and in its headline", () => {
    const change = changeOf((raw: RawStack) => {
      raw["timeouts"] = { ready: 200 };
      raw["protect"] = false;
      raw["kubernetes"] = { ...(raw["kubernetes"] as object), certificateNames: ["api.example.com"] };
    });
    assert.deepEqual(
      change.effects.map(({ level, area }) => `${level} ${area}`),
      ["high machines", "medium program", "low program"],
    );
    assert.match(change.headline.text(), /^3 control plane machines are re-imaged/);
  });

  it("of a stack without a base is a new cluster: disks are at stake, nothing is compared", () => {
    const change = between(undefined, side(stackWith()));
    assert.deepEqual([change.kind, change.level], ["new", "high"]);
    assert.match(change.headline.text(), /^a new cluster of 4 machines \(3 control plane, 1 worker\)/);
    assert.equal(change.machines.flatMap(({ disks }) => disks).length, 4);
  });

  it("of a stack whose file goes touches nothing, and says what to do first", () => {
    const change = between(side(stackWith()), undefined);
    assert.deepEqual([change.kind, change.level, change.effects], ["deleted", "high", []]);
    assert.match(change.todo[0]?.what.text() ?? "", /metal:protect: false.*pulumi destroy --stack capi-1/);
  });

  it("that cannot be told is grave when the base is no stack, and refused when the new side is none", () => {
    const error = finding("error", "config/form", "no stack");
    const base = unreadableChange(about, "base", { findings: [error], accepted: [] });
    assert.deepEqual([base.kind, base.level, base.checks.errors], ["unreadable", "high", []]);
    const fresh = unreadableChange(about, "new side", { findings: [error], accepted: [] });
    assert.deepEqual([fresh.kind, fresh.level, fresh.checks.errors.length], ["unreadable", "none", 1]);
    assert.match(fresh.headline.text(), /^refused with 1 error \(config\/form\); nothing would be changed/);
  });
});

describe("the program's settings in a change", () => {
  const rows = (change: (raw: RawStack) => void) =>
    changeOf(change).effects.map(({ level, area, what }) => `${level} ${area}: ${what.text()}`);

  it("make another cluster when its name or its namespace changes", () => {
    const found = rows(
      (raw) => (raw["management"] = { ...(raw["management"] as object), namespace: "other" }),
    );
    assert.equal(found[0], "high cluster: metal:management.namespace: capi-1 → other");
  });

  it("are told when the protection goes, which is less grave when it comes", () => {
    assert.deepEqual(
      rows((raw) => (raw["protect"] = false)),
      ["medium program: metal:protect: true → false"],
    );
    const back = between(side(stackWith((raw) => (raw["protect"] = false))), side(stackWith()));
    assert.deepEqual(
      back.effects.map(({ level }) => level),
      ["low"],
    );
  });

  it("are told when Cilium gets another owner", () => {
    const found = rows(
      (raw) => (raw["cilium"] = { ...(raw["cilium"] as object), lifecycle: "bootstrap-only" }),
    );
    assert.deepEqual(found, ["medium program: metal:cilium.lifecycle: pulumi → bootstrap-only"]);
  });

  it("name the owner of the BGP objects, whichever it becomes", () => {
    const gitops = stackWith((raw) => (raw["bgp"] = { ...(raw["bgp"] as object), lifecycle: "gitops" }));
    for (const [before, after] of [
      [stackWith(), gitops],
      [gitops, stackWith()],
    ] as const) {
      const found = between(side(before), side(after));
      assert.equal(found.level, "medium");
      assert.match(found.headline.text(), /^another owner for the BGP objects/);
    }
  });

  it("that only say how long to wait do nothing to the cluster", () => {
    assert.deepEqual(
      rows((raw) => (raw["timeouts"] = { ready: 200 })),
      ["low program: metal:timeouts.ready: 120 → 200"],
    );
  });
});

describe("secrets in a change", () => {
  const sealed = (values: Readonly<Record<string, string>>) => side(stackWith(), { sealed: values });

  it("are told by their place when they were encrypted again", () => {
    const change = between(
      sealed({ "bmc.password": "v1:PLANTED-old" }),
      sealed({ "bmc.password": "v1:PLANTED-new" }),
    );
    assert.deepEqual(change.secrets, ["bmc.password"]);
    assert.match(
      change.headline.text(),
      /^bmc.password written again: if it changed, hosts are registered again with the new login; their/,
    );
    assert.ok(!JSON.stringify(change).includes("PLANTED"));
  });

  it("are not told when they are the same", () => {
    assert.deepEqual(between(sealed({}), sealed({})).secrets, []);
  });

  it("of hosts are found by the host, wherever it stands in the list", () => {
    const own = (raw: RawStack) => {
      const hosts = raw["hosts"] as { bmc: object }[];
      for (const host of hosts) host.bmc = { ...host.bmc, username: "metal", password: "throw-away" };
    };
    const at = (i: number) => `hosts[${i}].bmc.password`;
    const values = Object.fromEntries([0, 1, 2, 3].map((i) => [at(i), `v1:${i}`]));
    const turned = Object.fromEntries([0, 1, 2, 3].map((i) => [at(3 - i), `v1:${i}`]));
    const reversed = (raw: RawStack) => {
      own(raw);
      (raw["hosts"] as unknown[]).reverse();
    };
    const before = side(stackWith(own), { sealed: values });
    assert.deepEqual(between(before, side(stackWith(reversed), { sealed: turned })).secrets, []);
    const renewed = { ...turned, [at(0)]: "v1:other" };
    assert.deepEqual(between(before, side(stackWith(reversed), { sealed: renewed })).secrets, [at(0)]);
  });
});

describe("secret files of machines", () => {
  const at = "machines.secretFiles[0].secretContent";
  const withFile = stackWith((raw) => {
    raw["machines"] = { secretFiles: [{ path: "/etc/login.toml", secretContent: "PLANTED" }] };
  });
  const sealed = (value: string) => side(withFile, { sealed: { [at]: value } });

  it("are of high risk when one comes or changes, and their contents are never shown", () => {
    const added = between(side(stackWith()), sealed("v1:PLANTED-A"));
    const changed = between(sealed("v1:PLANTED-A"), sealed("v1:PLANTED-B"));
    assert.match(
      added.effects.map(({ effect }) => effect.text()).join(),
      /machines get a file that no comparison shows/,
    );
    assert.match(
      changed.headline.text(),
      /^machines\.secretFiles\[0\]\.secretContent written again: if it changed, machines/,
    );
    assert.deepEqual([added.level, changed.level, changed.machines], ["high", "high", []]);
    assert.ok(!JSON.stringify([added, changed]).includes("PLANTED"));
  });
});

describe("encrypted values that no schema knows as secrets", () => {
  const places = [
    "machines.preKubeadmCommands[0]",
    "machines.files[0].content",
    "kubernetes.apiServer.extraArgs.oidc-issuer-url",
    "management.kubeconfig",
    "hosts[3].description",
    "bgp.routers[0].description",
    "cilium.values.extraEnv[0].value",
    "cilium.values.bmc.password",
  ];
  const sealed = (values: Readonly<Record<string, string>>) => side(stackWith(), { sealed: values });

  for (const at of places) {
    it(`are of high risk when one changes, or comes: ${at}`, () => {
      const changed = between(sealed({ [at]: "v1:PLANTED-A" }), sealed({ [at]: "v1:PLANTED-B" }));
      const added = between(sealed({}), sealed({ [at]: "v1:PLANTED-B" }));
      assert.deepEqual(
        [changed, added].map(({ level, headline, secrets }) => [level, headline.text(), secrets]),
        [
          [
            "high",
            `${at} written again: no comparison shows what the value does; the worst is assumed`,
            [at],
          ],
          ["high", `${at} encrypted: no comparison shows what the value does; the worst is assumed`, []],
        ],
      );
      assert.ok(!JSON.stringify([changed, added]).includes("PLANTED"));
      const same = between(sealed({ [at]: "v1:A" }), sealed({ [at]: "v1:A" }));
      assert.deepEqual([same.level, same.secrets], ["none", []]);
    });
  }
});

describe("checks in a change", () => {
  const warning = finding("warning", "a/one", "one");
  const moved = { ...warning, at: "hosts[3]" };

  it("appear, disappear, or stay, wherever the place has moved to", () => {
    const change = between(
      withFindings([warning]),
      withFindings([moved, finding("warning", "a/two", "two")]),
    );
    assert.deepEqual(
      change.checks.appeared.map(({ id }) => id),
      ["a/two"],
    );
    assert.deepEqual(change.checks.disappeared, []);
    assert.deepEqual(
      change.effects.map(({ level, area }) => `${level} ${area}`),
      ["medium checks"],
    );
    assert.deepEqual(between(withFindings([warning]), withFindings([])).checks.disappeared, [warning]);
  });

  it("that refuse the stack are the headline, also when they did before", () => {
    const error = finding("error", "a/wrong", "wrong");
    for (const before of [[], [error]]) {
      const change = between(withFindings(before), withFindings([error]));
      assert.match(change.headline.text(), /^refused with 1 error \(a\/wrong\)/);
    }
  });

  it("that are accepted are no mended ones", () => {
    const change = between(withFindings([warning]), withFindings([], [warning]));
    assert.deepEqual(change.checks.disappeared, []);
    assert.deepEqual(
      change.checks.accepted.map(({ finding: { id } }) => id),
      ["a/one"],
    );
    assert.equal(change.level, "medium");
    const kept = between(withFindings([], [warning]), withFindings([], [warning]));
    assert.deepEqual(kept.checks.accepted, []);
  });

  it("show no login", () => {
    const change = between(
      withFindings([]),
      withFindings([finding("warning", "a/b", "http://u:PLANTED@x is odd")]),
    );
    assert.ok(!JSON.stringify(change.checks).includes("PLANTED"));
  });
});
