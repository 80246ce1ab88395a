import assert from "node:assert/strict";
import type { Change } from "../../model/change/change";
import { type RawStack, stackWith } from "../model/stacks";
import { between, side } from "./sides";

type Edit = (raw: RawStack) => void;

const change = (before: Edit, after: Edit): Change =>
  between(
    side(stackWith(before), { rendered: false }),
    side(
      stackWith((raw) => {
        before(raw);
        after(raw);
      }),
      { rendered: false },
    ),
  );
const nothing: Edit = () => undefined;
const rows = ({ effects }: Change) =>
  effects.map(({ level, what, effect }) => `${level} ${what.text()}: ${effect.text()}`).join("\n");

const host = (pool: string) => ({
  name: "capi-1-w-2",
  pool,
  mac: "52:54:00:0a:00:24",
  address: "10.250.250.24",
  bmc: {
    address: "redfish-virtualmedia://10.250.251.24/redfish/v1/Systems/1",
    username: "metal",
    password: "throw-away",
  },
  links: [{ name: "eno1", mac: "52:54:00:0a:00:24" }],
  rootDeviceHints: { serialNumber: "S4EMNX0R100024" },
});
const add = (raw: RawStack, key: string, entry: object) => {
  raw[key] = [...(raw[key] as object[]), entry];
};
const spare: Edit = (raw) => add(raw, "hosts", host("workers"));
const moved: Edit = (raw) => ((raw["hosts"] as { pool: string }[])[4] = host("extra"));
const pool = (replicas: number, settings: object): Edit => {
  return (raw) => {
    const others = (raw["workers"] as { name: string }[]).filter(({ name }) => name !== "extra");
    raw["workers"] = [...others, { name: "extra", replicas, ...settings }];
  };
};
const both =
  (...edits: readonly Edit[]): Edit =>
  (raw) => {
    for (const edit of edits) edit(raw);
  };

/** What a pool runs, as a pool says it, and how a row names it. */
const runs: Readonly<Record<string, readonly [settings: object, row: RegExp]>> = {
  "an image": [
    { image: { url: "http://192.0.2.6/other.qcow2", checksum: "http://192.0.2.6/sum" } },
    /image fedora.* -> other.qcow2/,
  ],
  "commands before kubeadm": [{ machines: { preKubeadmCommands: ["true"] } }, /preKubeadmCommands/],
  "commands after kubeadm": [{ machines: { postKubeadmCommands: ["true"] } }, /postKubeadmCommands/],
  files: [{ machines: { files: [{ path: "/etc/motd", content: "hello" }] } }, /files/],
  "kubelet arguments": [{ machines: { kubeletArguments: { "max-pods": "200" } } }, /kubeletExtraArgs/],
  labels: [{ labels: { "example.com/disk": "ssd" } }, /kubeletExtraArgs/],
  taints: [{ taints: [{ key: "example.com/a", value: "b", effect: "NoSchedule" }] }, /taints/],
};

describe("what the machines of a new or an empty pool run", () => {
  for (const [what, [settings, row]] of Object.entries(runs)) {
    const isHigh = (found: Change) => {
      assert.equal(found.level, "high", rows(found));
      const own = rows(found)
        .split("\n")
        .find((each) => each.startsWith("high pool extra: "));
      assert.match(own ?? "", row);
    };

    it(`is high for ${what} in a new pool on a spare host`, () => {
      isHigh(change(spare, both(pool(1, settings), moved)));
    });

    it(`is high for ${what} in a new pool without machines`, () => {
      isHigh(change(nothing, pool(0, settings)));
    });

    it(`is high for ${what} in a pool that has no machines, and in one that gets its first`, () => {
      const empty = both(spare, moved, pool(0, {}));
      isHigh(change(empty, pool(0, settings)));
      isHigh(change(empty, pool(1, settings)));
    });

    it(`is not rated again for ${what} when a pool that was approved with it gets its first machine`, () => {
      const found = change(both(spare, moved, pool(0, settings)), pool(1, settings));
      assert.deepEqual([found.level, found.machines.length], ["medium", 1], rows(found));
    });

    it(`is not rated again for ${what} when another pool of the base runs it`, () => {
      const approved: Edit = (raw) => {
        const [first] = raw["workers"] as object[];
        raw["workers"] = [{ ...first, ...settings }];
        spare(raw);
      };
      const found = change(approved, both(pool(1, settings), moved));
      assert.deepEqual([found.level, found.machines.length], ["medium", 1], rows(found));
    });
  }

  it("is not rated where a new pool without hosts is made like another one", () => {
    const found = change(nothing, pool(0, {}));
    assert.equal(found.level, "low", rows(found));
  });

  it("is high for users of all machines in a change that adds the pool", () => {
    const user: Edit = (raw) =>
      (raw["machines"] = { users: [{ name: "ops", sshAuthorizedKeys: ["ssh-ed25519 AAAA ops"] }] });
    assert.match(rows(change(spare, both(user, pool(0, {})))), /^high pool extra: .*users/m);
  });

  it("is high for a first worker pool: nothing was approved that it is like", () => {
    const alone: Edit = (raw) => {
      raw["workers"] = [];
      raw["hosts"] = (raw["hosts"] as object[]).slice(0, 3);
    };
    assert.match(rows(change(alone, pool(0, {}))), /^high pool extra: a first worker pool/m);
  });
});

describe("certificates that are renewed by new machines", () => {
  const days = (renewCertificatesBeforeDays: number | undefined): Edit => {
    return (raw) =>
      (raw["controlPlane"] = { ...(raw["controlPlane"] as object), renewCertificatesBeforeDays });
  };

  for (const [before, after] of [
    [undefined, 30],
    [undefined, 364],
    [30, 364],
  ] as const) {
    it(`replace the control plane as an image does, from ${before ?? "none"} to ${after} days`, () => {
      const found = change(days(before), days(after));
      assert.equal(found.level, "high");
      assert.match(rows(found), /^high certificates are renewed \d+ days before they end.*: 3 control plane/);
      assert.equal(found.machines[0]?.disks.length, 3);
    });
  }

  for (const after of [30, undefined]) {
    it(`replace nothing with fewer days, from 364 to ${after ?? "none"}, which is medium`, () => {
      const found = change(days(364), days(after));
      assert.deepEqual([found.level, found.machines], ["medium", []], rows(found));
    });
  }
});

describe("the reuse of hosts in a change", () => {
  const reuse = (nodeReuse: boolean): Edit => {
    return (raw) => {
      raw["timeouts"] = { ready: nodeReuse ? 200 : 201 };
      raw["workers"] = [{ ...(raw["workers"] as object[])[0], nodeReuse }];
    };
  };
  for (const to of [true, false]) {
    it(`is of medium risk where it becomes ${to}, whatever else changes`, () => {
      const found = change(reuse(!to), reuse(to));
      assert.match(rows(found), /^medium Metal3MachineTemplate capi-1-workers: spec\.nodeReuse: in place/);
      assert.deepEqual([found.level, found.machines], ["medium", []]);
    });
  }
});

describe("health checks in a change", () => {
  const check = (healthCheck: object): Edit => {
    return (raw) => (raw["workers"] = [{ ...(raw["workers"] as object[])[0], healthCheck }]);
  };
  const off = check({ enabled: false });
  const table: Readonly<Record<string, readonly [Edit, Edit, Change["level"], RegExp]>> = {
    "that replace machines": [off, check({ reboots: 0 }), "high", /wipes their disks/],
    "that reboot machines": [off, check({ reboots: 2 }), "medium", /are rebooted at once/],
    "that go": [check({ reboots: 2 }), off, "medium", /neither rebooted nor replaced/],
    "that no longer reboot": [check({ reboots: 2 }), check({ reboots: 0 }), "high", /wipes their disks/],
    "that reboot where they replaced": [
      check({ reboots: 0 }),
      check({ reboots: 2 }),
      "low",
      /edited in place/,
    ],
    "with a shorter time": [
      check({ reboots: 2 }),
      check({ reboots: 2, unhealthyAfterSeconds: 300 }),
      "medium",
      /at once/,
    ],
    "with a longer time": [nothing, check({ unhealthyAfterSeconds: 900 }), "low", /edited in place/],
    "with a time for starting": [
      check({ reboots: 2, nodeStartupTimeoutSeconds: 0 }),
      check({ reboots: 2, nodeStartupTimeoutSeconds: 1800 }),
      "medium",
      /at once/,
    ],
    "without a time for starting": [
      nothing,
      check({ nodeStartupTimeoutSeconds: 0 }),
      "low",
      /edited in place/,
    ],
    "that replace machines, with a shorter time": [
      check({ reboots: 0 }),
      check({ reboots: 0, unhealthyAfterSeconds: 300 }),
      "high",
      /replaced at once, which wipes their disks/,
    ],
    "that replace machines, with another limit": [
      check({ reboots: 0 }),
      check({ reboots: 0, maxUnhealthy: "100%" }),
      "high",
      /replaced at once, which wipes their disks/,
    ],
    "that replace machines, with a longer time": [
      check({ reboots: 0 }),
      check({ reboots: 0, unhealthyAfterSeconds: 900 }),
      "low",
      /edited in place/,
    ],
    "with another limit": [
      check({ reboots: 2 }),
      check({ reboots: 2, maxUnhealthy: "100%" }),
      "medium",
      /at once/,
    ],
  };
  for (const [what, [before, after, level, effect]] of Object.entries(table)) {
    it(`${what} are ${level}`, () => {
      const found = change(before, after);
      assert.equal(found.level, level, rows(found));
      assert.match(rows(found), effect);
      assert.deepEqual(found.machines, []);
    });
  }
});

describe("roles of nodes in a change", () => {
  const labelled = (key: string, labels: object): Edit => {
    return (raw) => {
      if (key === "controlPlane") raw[key] = { ...(raw[key] as object), labels };
      else raw[key] = [{ ...(raw[key] as object[])[0], labels }];
    };
  };
  for (const key of ["controlPlane", "workers"]) {
    for (const label of ["node-role.kubernetes.io/ingress", "a.node-restriction.kubernetes.io/b"]) {
      it(`are of medium risk as ${label} of ${key}, new, changed or gone`, () => {
        const [none, one, other] = [{}, { [label]: "" }, { [label]: "x" }].map((labels) =>
          labelled(key, labels),
        );
        for (const [before = nothing, after = nothing] of [
          [none, one],
          [one, other],
          [other, none],
        ]) {
          const found = change(before, after);
          assert.equal(found.level, "medium", rows(found));
          assert.match(rows(found), /labels.*another role/);
          assert.deepEqual(found.machines, []);
        }
      });
    }
  }
});
