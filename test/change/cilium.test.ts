import assert from "node:assert/strict";
import type { Effect } from "../../model/change/change";
import { levelOfRisk, settingChanges } from "../../model/change/settings";
import { type RawStack, stackWith } from "../model/stacks";
import { between, side } from "./sides";

const plain = stackWith();
const version = (wanted: string) =>
  stackWith(
    (raw) => (raw["cilium"] = { ...(raw["cilium"] as object), version: wanted, installedVersion: "1.18.4" }),
  );
const values = (wanted: object, more: object = {}) =>
  stackWith((raw: RawStack) => (raw["cilium"] = { ...(raw["cilium"] as object), ...more, values: wanted }));
const edited = (pattern: RegExp | string, text: string) =>
  between(side(plain), side(values({ anything: true }), { edit: (whole) => whole.replace(pattern, text) }));

describe("Cilium in a change", () => {
  it("is no part of it when nothing is rendered differently", () => {
    assert.equal(between(side(plain), side(plain)).cilium, undefined);
    assert.equal(between(side(plain), side(values({ anything: true }))).cilium, undefined);
  });

  it("restarts its agents by a rollout when their pods change", () => {
    const { cilium, effects, level, todo } = between(side(version("1.18.4")), side(version("1.19.5")));
    assert.deepEqual(
      cilium?.restarts.map(({ workload, restart }) => `${workload} ${restart}`),
      ["DaemonSet/cilium rollout", "DaemonSet/cilium-envoy rollout", "Deployment/cilium-operator rollout"],
    );
    assert.match(effects[0]?.effect.text() ?? "", /^all agents restart \(4 pods are replaced, 2 at a time\)/);
    assert.deepEqual([level, todo], ["high", []]);
  });

  it("is refused where the version of the first installation is forgotten, or a minor is jumped over", () => {
    const first = (from: string, to: string) => {
      const bare = (wanted: string) =>
        side(stackWith((raw) => (raw["cilium"] = { ...(raw["cilium"] as object), version: wanted })));
      return between(bare(from), bare(to))
        .effects.slice(0, 2)
        .map(({ level, what, effect }) => [level, what.text(), effect.text()].join(" "));
    };
    const forgotten =
      /^high metal:cilium\.installedVersion the preflight refuses it: .*installed with Cilium 1\.18, and .* means 1\.\d+: .*; fix: write installedVersion: 1\.18\.4$/;
    assert.match(first("1.18.4", "1.19.5")[0] ?? "", forgotten);
    const [jump = "", also = ""] = first("1.18.4", "1.20.2");
    assert.match(
      jump,
      /^high metal:cilium\.version the preflight refuses it: .*1\.20\.2 is 2 away; fix: write the newest 1\.19 first/,
    );
    assert.match(also, forgotten);
    const kept = between(side(version("1.18.4")), side(version("1.19.5")));
    assert.ok(!kept.headline.text().includes("refuses"));
    const dropped = between(side(version("1.19.5")), side(plain));
    assert.match(dropped.headline.text(), /refuses Cilium 1\.19\.5: write installedVersion: 1\.18\.0/);
  });

  it("does not restart them for a setting, and says who has to", () => {
    const { cilium, todo, effects } = edited("monitor-aggregation: medium", "monitor-aggregation: none");
    assert.deepEqual(
      cilium?.restarts.map(({ restart }) => restart),
      ["by hand", "by hand"],
    );
    assert.deepEqual(cilium?.objects, []);
    assert.deepEqual(
      effects.map(({ level }) => level),
      ["low"],
    );
    assert.match(todo[0]?.what.text() ?? "", /rollout restart daemonset\/cilium/);
  });

  it("that only Envoy's pods change leaves the agents alone", () => {
    const { effects } = edited(/cilium-envoy:v[^"]+/, "cilium-envoy:v9");
    assert.match(effects[0]?.effect.text() ?? "", /pods of cilium-envoy are replaced; no agent restarts/);
  });

  it("keeps the routes of restarting agents only with graceful restart", () => {
    const without = (raw: RawStack) => {
      const bgp = structuredClone(raw["bgp"]) as { instances: { peers: Record<string, unknown>[] }[] };
      Object.assign(bgp.instances[0]?.peers[0] ?? {}, { gracefulRestartSeconds: 0 });
      raw["bgp"] = bgp;
    };
    const at = (wanted: string) =>
      stackWith((raw) => {
        raw["cilium"] = { ...(raw["cilium"] as object), version: wanted, installedVersion: "1.18.4" };
        without(raw);
      });
    const kept = between(side(version("1.18.4")), side(version("1.19.5"))).effects[0]?.effect.text() ?? "";
    const dropped = between(side(at("1.18.4")), side(at("1.19.5"))).effects[0]?.effect.text() ?? "";
    assert.match(kept, /routers keep their routes \(graceful restart\)$/);
    assert.match(dropped, /routers drop the routes of its node: no graceful restart$/);
  });

  it("counts as the worst where nothing could be rendered", () => {
    const change = between(
      side(version("1.18.4"), { rendered: false }),
      side(values({ debug: { enabled: true } }, { installedVersion: "1.18.4" }), { rendered: false }),
    );
    assert.deepEqual([change.level, change.cilium?.compared], ["high", "values"]);
    assert.deepEqual(
      change.cilium?.settings.map(({ key, after, risk }) => [key, after, risk]),
      [["debug", "enabled: true", undefined]],
    );
    assert.match(change.notes.map((note) => note.text()).join(), /not rendered, so only Helm values/);
    assert.equal(between(side(plain, { rendered: false }), side(plain, { rendered: false })).level, "none");
  });

  it("reaches nothing that runs when nobody owns it", () => {
    const own = { lifecycle: "bootstrap-only" };
    const before = values({}, own);
    const after = values({ anything: true }, own);
    const change = between(
      side(before),
      side(after, {
        edit: (text) => text.replace("monitor-aggregation: medium", "monitor-aggregation: none"),
      }),
    );
    assert.match(change.headline.text(), /the running Cilium stays as it is/);
  });

  it("shows the settings key by key, and never as lines of their ConfigMap", () => {
    const { cilium } = edited('bpf-lb-map-max: "65536"', 'bpf-lb-map-max: "131072"');
    assert.deepEqual(
      cilium?.settings.map(({ key, before, after, risk }) => [key, before, after, risk]),
      [["bpf-lb-map-max", "65536", "131072", "restarts the datapath"]],
    );
    assert.deepEqual(cilium?.objects, []);
  });

  it("is of medium risk where the next rollout may replace all agents at once", () => {
    const limit = /(kind: DaemonSet\nmetadata:\n {2}name: cilium\n[^]*?maxUnavailable: )2/;
    for (const [most, level] of [
      ["100%", "medium"],
      ["76%", "medium"],
      ["75%", "low"],
      ["4", "medium"],
      ["3", "low"],
    ] as const) {
      assert.equal(edited(limit, `$1${most}`).level, level, most);
    }
    const whole = edited(
      /rollingUpdate:\s+maxUnavailable: 2/,
      "rollingUpdate: { maxUnavailable: 4, maxSurge: 0 }",
    );
    assert.match(
      whole.effects[0]?.effect.text() ?? "",
      /^the next rollout replaces the pods of all machines/,
    );
  });

  it("tells objects that come, go and change", () => {
    const { cilium, effects } = edited(
      /---\n# Source: cilium\/templates\/cilium-operator\/role\.yaml[^]*?(?=---)/,
      "",
    );
    const gone = cilium?.objects.filter(({ change }) => change === "removed") ?? [];
    assert.ok(gone.length > 0);
    assert.deepEqual(
      effects.map(({ level, area }) => `${level} ${area}`),
      ["medium cilium"],
    );
  });
});

describe("settings of cilium-config", () => {
  const risks = (before: Record<string, string>, after: Record<string, string>, isUpgrade = false) =>
    settingChanges(before, after, isUpgrade).map(({ key, risk }) => `${key}: ${risk ?? ""}`);

  it("come with the gravest first", () => {
    const found = risks(
      {},
      { debug: "true", "routing-mode": "native", ipam: "kubernetes", "kube-proxy-replacement": "true" },
    );
    assert.deepEqual(found, [
      "ipam: changes IPAM",
      "kube-proxy-replacement: restarts the datapath",
      "routing-mode: changes routing",
      "debug: observability",
    ]);
  });

  it("are shown, but for those whose name says that they are secret", () => {
    const [token, mode] = settingChanges(
      { "x-token": "PLANTED", "tunnel-mode": "a" },
      { "x-token": "PLANTED2", "tunnel-mode": "b" },
    );
    assert.deepEqual([token, mode].map((change) => [change?.key, change?.before, change?.after]).sort(), [
      ["tunnel-mode", "a", "b"],
      ["x-token", "[secret]", "[secret]"],
    ]);
    const namespace = "ingress-secrets-namespace";
    assert.equal(settingChanges({}, { [namespace]: "a" })[0]?.after, "a");
  });

  it("that are new in a version and switched off do nothing; without an upgrade somebody switched them off", () => {
    const key = "enable-host-firewall";
    assert.deepEqual(risks({}, { [key]: "false" }, true), [`${key}: cosmetic`]);
    assert.deepEqual(risks({ [key]: "false" }, {}, true), [`${key}: cosmetic`]);
    assert.deepEqual(risks({}, { [key]: "false" }), [`${key}: restarts the datapath`]);
    assert.deepEqual(risks({}, { [key]: "true" }, true), [`${key}: restarts the datapath`]);
    assert.deepEqual(risks({ [key]: "true" }, { [key]: "false" }, true), [`${key}: restarts the datapath`]);
  });

  it("have a level that the approval goes by", () => {
    assert.deepEqual(
      (["changes IPAM", "restarts the datapath", "changes routing", "changes BGP", undefined] as const).map(
        levelOfRisk,
      ),
      ["high", "high", "high", "high", "high"],
    );
    assert.deepEqual(
      (["changes policy", "opens access", "observability", "cosmetic"] as const).map(levelOfRisk),
      ["medium", "medium", "low", "low"],
    );
  });
});

describe("Services of Cilium's chart", () => {
  const service = (spec: string) => (text: string) =>
    `${text}\n---\napiVersion: v1\nkind: Service\nmetadata: { name: ui, namespace: kube-system }\nspec: { ${spec} }\n`;
  const inside = "type: ClusterIP, ports: [{ port: 80 }]";
  const opened = (before: ((text: string) => string) | undefined, after: string) => {
    const old = before === undefined ? {} : { edit: before };
    return between(side(stackWith(), old), side(stackWith(), { edit: service(after) })).effects;
  };

  for (const [what, spec] of Object.entries({
    "by the ports of machines": "type: NodePort, ports: [{ port: 80 }]",
    "by an address of a pool": "type: LoadBalancer, ports: [{ port: 80 }]",
    "by another port of machines": "type: ClusterIP, ports: [{ port: 80, nodePort: 30080 }]",
    "by another name": "type: ExternalName, externalName: example.com, ports: [{ port: 80 }]",
  })) {
    it(`are of medium risk where they are opened ${what}, changed or new`, () => {
      const isMedium = ({ level, effect }: Effect) =>
        level === "medium" && /^reached from outside/.test(effect.text());
      assert.ok(opened(service(inside), spec).some(isMedium));
      if (!what.includes("another port")) assert.ok(opened(undefined, spec).some(isMedium));
    });
  }

  it("are of high risk with an address of their own", () => {
    const [first] = opened(service(inside), `${inside}, externalIPs: [10.250.250.29]`);
    assert.equal(first?.level, "high");
  });

  it("are of low risk where they stay inside", () => {
    const found = [
      ...opened(service(inside), "type: ClusterIP, ports: [{ port: 81 }]"),
      ...opened(undefined, inside),
    ];
    assert.deepEqual([...new Set(found.map(({ level }) => level))], ["low"]);
  });
});

describe("contents that Cilium's manifest hides", () => {
  const secret = (name: string, data: Readonly<Record<string, string>>, kind = "Secret") => {
    const lines = Object.entries(data).map(([key, value]) => `  ${key}: "${value}"\n`);
    return `---\napiVersion: v1\nkind: ${kind}\nmetadata: { name: ${name}, namespace: kube-system }\ndata:\n${lines.join("")}`;
  };
  /** What it means that these documents become those. */
  const contents = (before: string, after: string) => {
    const rendered = (more: string, which: object) =>
      side(values(which), { edit: (text) => `${text.trimEnd()}\n${more}` });
    return between(rendered(before, { a: 1 }), rendered(after, { a: 2 }));
  };
  const cases: Readonly<
    Record<string, readonly [level: string, before: string, after: string, what: RegExp]>
  > = {
    "peers of the mesh that change": [
      "high",
      secret("cilium-clustermesh", { peer: "PLANTED" }),
      secret("cilium-clustermesh", { peer: "PLANTED2" }),
      /^Secret cilium-clustermesh: peer$/,
    ],
    "one more peer": [
      "high",
      secret("cilium-kvstoremesh", { peer: "PLANTED" }),
      secret("cilium-kvstoremesh", { peer: "PLANTED", evil: "PLANTED2" }),
      /^Secret cilium-kvstoremesh: evil$/,
    ],
    "a mesh that is new": ["high", "", secret("cilium-clustermesh", { peer: "PLANTED" }), /: peer$/],
    "an authority": [
      "high",
      secret("any", { "ca.crt": "PLANTED" }),
      secret("any", { "ca.crt": "PLANTED2" }),
      /^Secret any: ca\.crt$/,
    ],
    "a certificate that is new": [
      "high",
      "",
      secret("any", { "tls.crt": "PLANTED" }),
      /^Secret any: tls\.crt$/,
    ],
    "authorities in a ConfigMap": [
      "high",
      secret("roots", { "ca.crt": "x" }, "ConfigMap"),
      secret("roots", { "ca.crt": "y" }, "ConfigMap"),
      /^ConfigMap roots: ca\.crt$/,
    ],
    "any other content": [
      "medium",
      secret("any", { k: "PLANTED" }),
      secret("any", { k: "PLANTED2" }),
      /^Secret any: k$/,
    ],
    "a Secret that is new": ["medium", "", secret("any", { k: "PLANTED" }), /^Secret any: k$/],
  };

  for (const [name, [level, before, after, what]] of Object.entries(cases)) {
    it(`are compared and not shown: ${name}`, () => {
      const change = contents(before, after);
      assert.equal(change.level, level);
      assert.match(change.effects[0]?.what.text() ?? "", what);
      assert.equal(change.cilium?.objects.length, 1);
      assert.ok(!JSON.stringify(change).includes("PLANTED"));
    });
  }

  it("are none where they are the same", () => {
    const same = secret("cilium-clustermesh", { peer: "PLANTED" });
    assert.deepEqual(contents(same, same).effects, []);
  });

  it("are addresses of the mesh in the agents' pods too", () => {
    const aliases = (ip: string) =>
      side(values({ ip }), {
        edit: (text) =>
          text.replace(
            /^( +)hostNetwork: true$/m,
            `$1hostNetwork: true\n$1hostAliases: [{ ip: ${ip}, hostnames: [peer.mesh.cilium.io] }]`,
          ),
      });
    const change = between(aliases("10.0.0.1"), aliases("6.6.6.6"));
    assert.equal(change.level, "high");
    assert.match(change.headline.text(), /other clusters, addresses or certificates in the mesh/);
  });
});
