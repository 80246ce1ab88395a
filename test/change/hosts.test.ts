import assert from "node:assert/strict";
import { ruleOf } from "../../model/change/field-rules";
import { replacesMachines } from "../../model/change/rollouts";
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
  ["KubeadmControlPlane", "spec.rollout.before.certificatesExpiryDays", "medium", /replaced at once/],
  ["KubeadmControlPlane", "spec.rollout.strategy.rollingUpdate.maxSurge", "low", /next replacement/],
  ["KubeadmControlPlane", "spec.machineTemplate.spec.deletion.nodeDrainTimeoutSeconds", "low", /copies it/],
  ["MachineDeployment", "spec.selector.matchLabels.x", "high", /^refused/],
  ["Metal3Cluster", "spec.controlPlaneEndpoint.host", "high", /does not move/],
  ["Cluster", "spec.clusterNetwork.pods.cidrBlocks[]", "high", /keeps its networks/],
  ["IPPool", "spec.namePrefix", "high", /^refused/],
  ["IPPool", "spec.pools[].end", "medium", /address in use/],
  ["IPPool", "spec.gateway", "low", /from now on/],
  ["ClusterResourceSet", "spec.strategy", "high", /^refused/],
  ["MachineHealthCheck", "spec.checks.nodeStartupTimeoutSeconds", "low", /next unhealthy/],
  ["BareMetalHost", "spec.bootMACAddress", "high", /^refused/],
  ["BareMetalHost", "spec.bmc.address", "high", /^refused while the host is in use/],
  ["BareMetalHost", "spec.bmc.credentialsName", "low", /registered again/],
  ["BareMetalHost", "spec.bmc.login.username", "medium", /another login/],
  ["BareMetalHost", "spec.bmc.disableCertificateVerification", "medium", /any machine that answers/],
  ["BareMetalHost", "spec.automatedCleaningMode", "low", /given back/],
  ["BareMetalHost", "spec.rootDeviceHints.serialNumber", "medium", /next image/],
  ["BareMetalHost", 'metadata.labels["metal.internal/pool"]', "medium", /new pool/],
  ["BareMetalHost", "spec.bootMode", "low", /next time/],
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
    "a Secret of the namespace": { existingSecret: "other-login" },
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
    assert.equal(between(side(stackWith()), side(named("a"))).level, "medium");
    assert.equal(between(side(named("a")), side(named("b"))).level, "medium");
    assert.equal(between(side(named("a")), side(stackWith())).level, "medium");
    const user = changeOf((raw) => (raw["bmc"] = { ...(raw["bmc"] as object), username: "other" }));
    assert.equal(user.level, "medium");
  });

  it("keep their running machine when their network changes", () => {
    const found = hostEffects((raw) =>
      changeHost(raw, 3, { links: [{ name: "eno2", mac: "52:54:00:0a:00:23" }] }),
    );
    assert.deepEqual(found.level, "low");
    assert.match(found.effects.join("\n"), /changed capi-1-w-1\nholds from the next time/);
  });
});
