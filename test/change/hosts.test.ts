import assert from "node:assert/strict";
import { ruleOf } from "../../model/change/field-rules";
import { replacesMachines } from "../../model/change/machines";
import { goodStack } from "../model/fixtures";
import { type RawStack, changeHost, stackWith } from "../model/stacks";
import { between, changeOf, side } from "./sides";

const hostEffects = (change: (raw: RawStack) => void) => {
  const found = changeOf(change);
  return {
    level: found.level,
    effects: found.hosts.flatMap(({ host, change: how, effects }) => [
      `${how} ${host}`,
      ...effects.map((each) => each.text()),
    ]),
  };
};

/** A field, what its change does, and how grave that is. */
const rules: readonly (readonly [kind: string, path: string, level: string, effect: RegExp])[] = [
  ["KubeadmControlPlane", "spec.replicas", "none", /come or go/],
  ["KubeadmControlPlane", "spec.rollout.before.certificatesExpiryDays", "medium", /replaced later/],
  ["KubeadmControlPlane", "spec.rollout.strategy.rollingUpdate.maxSurge", "low", /next replacement/],
  ["KubeadmControlPlane", "spec.machineTemplate.spec.deletion.nodeDrainTimeoutSeconds", "low", /copies it/],
  ["MachineDeployment", "spec.selector.matchLabels.x", "high", /^refused/],
  ["Metal3Cluster", "spec.controlPlaneEndpoint.host", "high", /does not move/],
  ["Cluster", "spec.clusterNetwork.pods.cidrBlocks[]", "high", /keeps its networks/],
  ["IPPool", "spec.namePrefix", "high", /^refused/],
  ["IPPool", "spec.pools[].end", "medium", /address in use/],
  ["IPPool", "spec.gateway", "medium", /from now on/],
  ["IPPool", "spec.dnsServers[]", "medium", /from now on/],
  ["ClusterResourceSet", "spec.strategy", "high", /^refused/],
  ["MachineHealthCheck", "spec.checks.nodeStartupTimeoutSeconds", "medium", /replaced at once/],
  ["Metal3RemediationTemplate", "spec.template.spec.strategy.retryLimit", "low", /next unhealthy/],
  ["BareMetalHost", "spec.bootMACAddress", "high", /^refused/],
  ["BareMetalHost", "spec.bmc.address", "high", /^refused while the host is in use/],
  ["BareMetalHost", "spec.bmc.credentialsName", "low", /registered again/],
  ["BareMetalHost", "spec.bmc.login.username", "medium", /another login/],
  ["BareMetalHost", "spec.bmc.disableCertificateVerification", "medium", /any machine that answers/],
  ["BareMetalHost", "spec.automatedCleaningMode", "medium", /tables of all its disks are erased/],
  ["BareMetalHost", "spec.rootDeviceHints.serialNumber", "medium", /next image/],
  ["BareMetalHost", 'metadata.labels["metal.internal/pool"]', "medium", /new pool/],
  ["BareMetalHost", "spec.bootMode", "medium", /next time/],
  ["BareMetalHost", "spec.networkData.services[].address", "medium", /another network/],
  ["BareMetalHost", "spec.installerNetworkData.networks[].routes[].gateway", "medium", /next time/],
  ["BareMetalHost", "spec.preprovisioningNetworkDataName", "medium", /another Secret/],
  ["BareMetalHost", "spec.raid.hardwareRAIDVolumes[].level", "medium", /what is on its disks is lost/],
  ["BareMetalHost", "spec.raid", "medium", /what is on its disks is lost/],
  [
    "MachineDeployment",
    'spec.template.metadata.labels["node-role.kubernetes.io/ingress"]',
    "medium",
    /another role/,
  ],
  [
    "KubeadmControlPlane",
    'spec.machineTemplate.metadata.labels["zone.node-restriction.kubernetes.io/a"]',
    "medium",
    /another role/,
  ],
  ["BareMetalHost", 'metadata.annotations["metal.internal/node-address"]', "low", /next time/],
];

/** Neighbours of those fields, or the same field of another kind: nothing restarts. */
const others: readonly (readonly [kind: string, path: string])[] = [
  ["Metal3Cluster", "spec.failureDomains[].name"],
  ["Cluster", "metadata.labels.x"],
  ["BareMetalHost", 'metadata.labels["example.com/rack"]'],
  ["ClusterResourceSet", "spec.resources"],
  ["MachineDeployment", "spec.remediation.maxInFlight"],
  ["MachineDeployment", "spec.template.metadata.labels.x"],
];

describe("fields of management objects", () => {
  for (const [kind, path, level, effect] of rules) {
    it(`${kind} ${path}: ${effect.source}`, () => {
      const rule = ruleOf(kind, path);
      assert.equal(rule?.level, level);
      assert.match(rule?.effect ?? "", effect);
    });
  }

  for (const [kind, path] of others) {
    it(`${kind} ${path} is edited in place`, () => {
      assert.deepEqual(ruleOf(kind, path), { level: "low", effect: "in place: nothing restarts" });
    });
  }

  it("replace machines in KubeadmControlPlane and MachineDeployment only where Cluster API compares machines", () => {
    const yes = [
      ["KubeadmControlPlane", "spec.version"],
      ["KubeadmControlPlane", "spec.machineTemplate.spec.infrastructureRef.name"],
      ["KubeadmControlPlane", "spec.kubeadmConfigSpec.files[/etc/x].content"],
      ["MachineDeployment", "spec.template.spec.version"],
      ["MachineDeployment", "spec.template.spec.bootstrap.configRef.name"],
      ["Metal3MachineTemplate", "spec.template.spec.image.url"],
    ] as const;
    const no = [
      ["KubeadmControlPlane", "spec.versions"],
      ["KubeadmControlPlane", "spec.machineTemplate.metadata.labels.x"],
      ["MachineDeployment", "spec.version"],
      ["MachineDeployment", "spec.template.spec.deletion.nodeDrainTimeoutSeconds"],
      ["MachineHealthCheck", "spec.version"],
    ] as const;
    assert.ok(yes.every(([kind, path]) => replacesMachines(kind, path) && ruleOf(kind, path) === undefined));
    assert.ok(no.every(([kind, path]) => !replacesMachines(kind, path)));
  });
});

describe("a row about a field", () => {
  it("names the field, and not the rule that it fits", () => {
    const { effects } = changeOf((raw) => {
      raw["workers"] = [{ ...(raw["workers"] as object[])[0], healthCheck: { unhealthyAfterSeconds: 300 } }];
    });
    assert.match(
      effects[0]?.what.text() ?? "",
      /^MachineHealthCheck capi-1-workers: spec\.checks\.unhealthyNodeConditions\[\]\.timeoutSeconds$/,
    );
  });
});

describe("hosts in a change", () => {
  it("that are added are switched on; nothing is lost", () => {
    const found = hostEffects((raw) => {
      const hosts = raw["hosts"] as Record<string, unknown>[];
      hosts.push({
        ...hosts[3],
        name: "capi-1-w-2",
        mac: "52:54:00:0a:00:24",
        address: "10.250.250.24",
        links: [],
      });
    });
    assert.deepEqual(found.effects, ["added capi-1-w-2", "registered, switched on and inspected"]);
  });

  it("that are removed are cleaned, which Pulumi refuses while they are protected", () => {
    const remove = (raw: RawStack) => (raw["hosts"] as unknown[]).pop();
    const found = changeOf(remove);
    assert.equal(found.level, "high");
    assert.match(found.headline.text(), /capi-1-w-1 would be cleaned.*Pulumi refuses/);
    assert.match(found.todo[0]?.what.text() ?? "", /metal:protect: false/);
    const open = (raw: RawStack) => (raw["protect"] = false);
    const unprotected = between(
      side(stackWith(open)),
      side(
        stackWith((raw) => {
          open(raw);
          remove(raw);
        }),
      ),
    );
    assert.match(unprotected.headline.text(), /capi-1-w-1 is cleaned and switched off/);
    assert.ok(!unprotected.todo.some(({ what }) => what.text().includes("protect")));
  });

  it("that are renamed are one removed and one added", () => {
    const { effects, level } = hostEffects((raw) => changeHost(raw, 3, { name: "capi-1-w-9" }));
    assert.equal(level, "high");
    assert.ok(effects.includes("removed capi-1-w-1") && effects.includes("added capi-1-w-9"));
  });

  it("that only stand elsewhere in the list are none", () => {
    assert.deepEqual(hostEffects((raw) => (raw["hosts"] as unknown[]).reverse()).effects, []);
  });

  for (const [name, bmc] of Object.entries({
    "another username": { username: "other", password: "v1:own" },
    "another verification of certificates": { verifyCertificate: true },
  })) {
    it(`that get ${name} for their BMC are of medium risk at least`, () => {
      const change = changeOf((raw) => {
        const host = (raw["hosts"] as { bmc: object }[])[3];
        changeHost(raw, 3, { bmc: { ...host?.bmc, ...bmc } });
      });
      assert.equal(change.level, "medium");
      assert.deepEqual(
        change.hosts.map(({ host }) => host),
        ["capi-1-w-1"],
      );
    });
  }

  it("get another login where that of all hosts changes, or moves from one Secret to another", () => {
    const named = (existingSecret: string) => stackWith((raw) => (raw["bmc"] = { existingSecret }));
    const logins = (before: ReturnType<typeof side>, after: ReturnType<typeof side>) => {
      const { level, effects } = between(before, after);
      return [
        level,
        effects
          .find(({ area }) => area === "hosts")
          ?.effect.text()
          .slice(0, 28),
      ];
    };
    const example = side(stackWith());
    assert.deepEqual(logins(example, side(named("a"))), ["high", "the login in Secret a is sen"]);
    assert.deepEqual(logins(side(named("a")), side(named("b"))), ["high", "the login in Secret b is sen"]);
    assert.deepEqual(logins(side(named("a")), example), ["high", "the login in bmc.password is"]);
    const user = changeOf((raw) => (raw["bmc"] = { ...(raw["bmc"] as object), username: "other" }));
    assert.equal(user.level, "medium");
  });

  const networks: Readonly<Record<string, object>> = {
    gateway: { gateway: "10.250.250.66" },
    dns: { dns: ["10.250.250.66"] },
    routes: { routes: [{ to: "192.0.2.0/24", via: "10.250.250.66" }] },
  };
  for (const [key, change] of Object.entries(networks)) {
    it(`are of medium risk where later images get other ${key}`, () => {
      const found = changeOf((raw) => (raw["network"] = { ...(raw["network"] as object), ...change }));
      assert.equal(found.level, "medium");
      assert.match(
        found.effects.map(({ effect }) => effect.text()).join("\n"),
        /another network, gateway or DNS/,
      );
    });
  }

  it("keep their running machine when their network changes", () => {
    const found = hostEffects((raw) =>
      changeHost(raw, 3, { links: [{ name: "eno2", mac: "52:54:00:0a:00:23" }] }),
    );
    assert.deepEqual(found.level, "medium");
    assert.match(found.effects.join("\n"), /changed capi-1-w-1\nholds from the next time.*\nanother network/);
  });
});

describe("Secure Boot in a change", () => {
  const boot = (before: string, after: string) =>
    between(
      side(stackWith((raw) => changeHost(raw, 3, { bootMode: before }))),
      side(stackWith((raw) => changeHost(raw, 3, { bootMode: after }))),
    ).level;

  it("is of high risk where it is switched off, and medium where it is switched on", () => {
    assert.equal(boot("UEFISecureBoot", "UEFI"), "high");
    assert.equal(boot("UEFISecureBoot", "legacy"), "high");
    assert.equal(boot("UEFI", "UEFISecureBoot"), "medium");
  });
});

describe("the cleaning of hosts in a change", () => {
  const cleaning = (before: string, after: string) =>
    between(
      side(stackWith((raw) => changeHost(raw, 3, { cleaning: before }))),
      side(stackWith((raw) => changeHost(raw, 3, { cleaning: after }))),
    ).level;

  it("is of medium risk where it is switched on: all disks are erased the next time", () => {
    assert.equal(cleaning("disabled", "metadata"), "medium");
    assert.equal(cleaning("metadata", "disabled"), "low");
  });
});

describe("logins of BMCs in a change", () => {
  const evil = "redfish-virtualmedia://bmc.evil.example/redfish/v1/Systems/1";
  /** A fifth host at another address, with these fields of a login. */
  const add = (login: object) => (raw: RawStack) => {
    const hosts = raw["hosts"] as { bmc: object }[];
    hosts.push({
      ...hosts[3],
      bmc: { ...hosts[3]?.bmc, address: evil, ...login },
      ...{ name: "capi-1-w-2", mac: "52:54:00:0a:00:24", address: "10.250.250.24", links: [] },
    });
  };
  const ownOf = (index: number) => `hosts[${index}].bmc.password`;
  const own = { username: "metal", password: "throw-away" };
  const sentTo = ({ level, effects }: ReturnType<typeof changeOf>) =>
    effects
      .filter(({ effect }) => / is sent to /.test(effect.text()))
      .map((row) => [level, row.effect.text()]);
  const sent = (login: string, address = evil) => [
    [
      "high",
      `the login in ${login} is sent to ${address} for the first time: whatever answers there can read it`,
    ],
  ];

  it("are of high risk where a new host gets that of all hosts, or a Secret's, with the address", () => {
    assert.deepEqual(sentTo(changeOf(add({}))), sent("bmc.password"));
    assert.deepEqual(sentTo(changeOf(add({ existingSecret: "other" }))), sent("Secret other"));
  });

  it("are where a new host at a new address brings one that may be an old one of the history", () => {
    const sealed = { [ownOf(4)]: "v1:own" };
    const change = between(side(stackWith()), side(stackWith(add(own)), { sealed }));
    assert.deepEqual(sentTo(change), sent(ownOf(4)));
  });

  it("are not where a host gets a new one of its own at its address", () => {
    const withOwn = stackWith((raw) => {
      const { bmc } = (raw["hosts"] as { bmc: object }[])[3] ?? {};
      changeHost(raw, 3, { bmc: { ...bmc, ...own } });
    });
    const change = between(side(stackWith()), side(withOwn, { sealed: { [ownOf(3)]: "v1:own" } }));
    assert.deepEqual([change.level === "high", sentTo(change)], [false, []]);
  });

  it("are where the encrypted value of its own is one that the base has elsewhere", () => {
    const sealed = { "bmc.password": "v1:new", [ownOf(4)]: "v1:a" };
    const change = between(side(stackWith()), side(stackWith(add(own)), { sealed }));
    assert.deepEqual(sentTo(change), sent(ownOf(4)));
  });

  it("are where a host that had its own gets that of all hosts, or another one's", () => {
    const address = "redfish-virtualmedia://10.250.251.23/redfish/v1/Systems/1";
    const withOwn = stackWith((raw) => {
      const { bmc } = (raw["hosts"] as { bmc: object }[])[3] ?? {};
      changeHost(raw, 3, { bmc: { ...bmc, ...own } });
    });
    const before = side(withOwn, { sealed: { [ownOf(3)]: "v1:own" } });
    assert.deepEqual(sentTo(between(before, side(stackWith()))), sent("bmc.password", address));
    const swapped = side(withOwn, { sealed: { "bmc.password": "v1:new", [ownOf(3)]: "v1:a" } });
    assert.deepEqual(sentTo(between(before, swapped)), sent(ownOf(3), address));
    const renewed = side(withOwn, { sealed: { "bmc.password": "v1:new", [ownOf(3)]: "v1:newer" } });
    assert.deepEqual(sentTo(between(before, renewed)), []);
  });

  it("are where the password of all hosts becomes that of one", () => {
    const change = between(
      side(stackWith(), { sealed: { "bgp.instances[0].peers[0].password": "v1:other" } }),
      side(stackWith(), { sealed: { "bmc.password": "v1:other" } }),
    );
    assert.equal(change.level, "high");
  });
});

describe("the additional networks of hosts", () => {
  const storage = (raw: RawStack, vlan = 41) => {
    (raw["network"] as RawStack)["additional"] = [
      { name: "storage", link: "eno1", vlan, cidrs: ["10.95.0.0/24"], routes: [] },
    ];
    changeHost(raw, 3, { networks: [{ name: "storage", addresses: ["10.95.0.23"] }] });
  };

  it("with fixed addresses hold from the next image, and replace no machine", () => {
    const { level, machines, hosts } = between(
      side(stackWith(storage)),
      side(stackWith((raw) => storage(raw, 42))),
    );
    assert.equal(level, "medium");
    assert.deepEqual(machines, []);
    assert.deepEqual(
      hosts.map(({ host, effects }) => [host, ...effects.map((effect) => effect.text())]),
      [
        [
          "capi-1-w-1",
          "holds from the next time that the host gets an image; its running machine keeps what it has",
          "another network, gateway or DNS from the next time that the host gets an image; its running machine keeps what it has",
        ],
      ],
    );
  });

  it("with pooled addresses are part of the template, and replace the machines of the pool", () => {
    const before = goodStack("pooled-networks");
    const [network, ...others] = before.network.additional;
    assert.ok(network);
    const after = {
      ...before,
      network: { ...before.network, additional: [{ ...network, vlan: 42 }, ...others] },
    };
    const { level, machines } = between(side(before), side(after));
    assert.equal(level, "high");
    assert.deepEqual(
      machines.map(({ what, pool, machines: count }) => `${what} ${count} ${pool}`),
      ["replaced 3 control-plane"],
    );
  });
});
