import assert from "node:assert/strict";
import type { Change } from "../../model/change/change";
import type { RawStack } from "../model/stacks";
import { changeHost, stackWith } from "../model/stacks";
import { between, changeOf, side } from "./sides";

const edit = (raw: RawStack, key: string, change: object) => {
  raw[key] = { ...(raw[key] as object), ...change };
};
const workers = (raw: RawStack, change: object) => {
  raw["workers"] = [{ ...(raw["workers"] as object[])[0], ...change }];
};
const replaced = ({ machines }: Change) =>
  machines.filter(({ what }) => what === "replaced").map(({ pool, machines: count }) => `${count} ${pool}`);
const causes = ({ machines }: Change) => [
  ...new Set(machines.flatMap((change) => change.causes.map((cause) => cause.text()))),
];
const effects = ({ objects }: Change) =>
  objects.flatMap((object) => object.effects.map((effect) => `${object.kind}: ${effect.text()}`));

const both = ["3 control-plane", "1 workers"];
const onlyWorkers = ["1 workers"];
const onlyControlPlane = ["3 control-plane"];

/** What replaces machines: the change, whose, and because of what. */
const replacing: Readonly<Record<string, readonly [(raw: RawStack) => void, readonly string[], RegExp]>> = {
  "another Kubernetes": [
    (raw) => edit(raw, "kubernetes", { version: "v1.36.4" }),
    both,
    /^Kubernetes v1.36.3 -> v1.36.4$/,
  ],
  "another image": [
    (raw) => edit(raw, "image", { url: "http://10.250.250.2/images/other.qcow2" }),
    both,
    /^image fedora-k8s-v1.36.3.qcow2 -> other.qcow2$/,
  ],
  "another checksum alone": [
    (raw) => edit(raw, "image", { checksumType: "sha512" }),
    both,
    /^machine template: image.checksumType$/,
  ],
  "another kubelet flag": [
    (raw) => edit(raw, "machines", { kubeletArguments: { "max-pods": "200" } }),
    both,
    /^bootstrap configuration: .*kubeletExtraArgs/,
  ],
  "another file": [
    (raw) => edit(raw, "machines", { files: [{ path: "/etc/motd", content: "hello" }] }),
    both,
    /^bootstrap configuration: files/,
  ],
  "another command before kubeadm": [
    (raw) => edit(raw, "machines", { preKubeadmCommands: ["true"] }),
    both,
    /^bootstrap configuration: preKubeadmCommands/,
  ],
  "another certificate name": [
    (raw) => edit(raw, "kubernetes", { certificateNames: ["api.example.com"] }),
    onlyControlPlane,
    /^bootstrap configuration: clusterConfiguration.apiServer.certSANs$/,
  ],
  "another label of the workers' nodes": [
    (raw) => workers(raw, { labels: { "example.com/disk": "ssd" } }),
    onlyWorkers,
    /^bootstrap configuration: .*kubeletExtraArgs/,
  ],
  "another taint of the workers": [
    (raw) => workers(raw, { taints: [{ key: "example.com/batch", value: "yes", effect: "NoSchedule" }] }),
    onlyWorkers,
    /^bootstrap configuration: joinConfiguration.nodeRegistration.taints/,
  ],
  "addresses from DHCP": [
    (raw) => changeHost(raw, 3, { address: undefined }),
    onlyWorkers,
    /^machine template: metadata$/,
  ],
};

/** What does not, though it stands in the same objects. */
const harmless: Readonly<Record<string, readonly [(raw: RawStack) => void, RegExp]>> = {
  "another time for draining": [
    (raw) => workers(raw, { drainTimeoutSeconds: 1200 }),
    /^MachineDeployment: in place: Cluster API copies it/,
  ],
  "a spare host for rollouts": [
    (raw) => workers(raw, { rollout: { spareHost: true } }),
    /^MachineDeployment: in place: holds from the next replacement/,
  ],
  "another health check": [
    (raw) => workers(raw, { healthCheck: { unhealthyAfterSeconds: 900 } }),
    /^MachineHealthCheck: in place: holds from the next unhealthy/,
  ],
  "another number of reboots": [
    (raw) => workers(raw, { healthCheck: { reboots: 3 } }),
    /^MachineHealthCheck: in place: holds from the next unhealthy/,
  ],
};

describe("machines in a change", () => {
  for (const [what, [change, pools, cause]] of Object.entries(replacing)) {
    it(`are replaced for ${what}`, () => {
      const found = changeOf(change);
      assert.deepEqual(replaced(found), pools);
      assert.match(causes(found).join("\n"), new RegExp(cause.source, "m"));
      assert.equal(found.level, "high");
      assert.match(found.headline.text(), /re-imaged.*what is on their disks is lost|re-imaged/);
    });
  }

  for (const [what, [change, effect]] of Object.entries(harmless)) {
    it(`are not replaced for ${what}`, () => {
      const found = changeOf(change);
      assert.deepEqual(found.machines, []);
      assert.ok(
        effects(found).some((each) => effect.test(each)),
        effects(found).join("\n"),
      );
      assert.equal(found.level, "low");
    });
  }

  it("are not replaced because of hosts, Cilium's values, BGP or time limits", () => {
    const found = changeOf((raw) => {
      changeHost(raw, 0, { cleaning: "disabled" });
      edit(raw, "timeouts", { ready: 200 });
      edit(raw, "cilium", { values: { debug: { enabled: true } } });
      edit(raw, "bgp", { loadBalancerPools: [{ name: "default", blocks: ["10.250.248.0/24"] }] });
    });
    assert.deepEqual(found.machines, []);
  });

  it("need a free host only where a new one is made first", () => {
    const version = (raw: RawStack) => edit(raw, "kubernetes", { version: "v1.36.4" });
    const spare = (raw: RawStack) => workers(raw, { rollout: { spareHost: true } });
    const without = changeOf(version);
    assert.deepEqual(without.todo, []);
    assert.match(without.machines[0]?.order?.text() ?? "", /gives back; no free host is needed/);
    const found = between(
      side(stackWith(spare)),
      side(
        stackWith((raw) => {
          spare(raw);
          version(raw);
        }),
      ),
    );
    assert.deepEqual(
      found.todo.map(({ when, what }) => `${when}: ${what.text()}`),
      ["before: pool workers needs a free host while it is replaced"],
    );
  });

  it("name their hosts, the disks that get the image, and whether all disks are cleaned", () => {
    const found = changeOf((raw) => {
      edit(raw, "kubernetes", { version: "v1.36.4" });
      changeHost(raw, 3, {
        cleaning: "disabled",
        rootDeviceHints: { wwn: "0x5000c500a0b1c2d3", minSizeGigabytes: 400 },
      });
    });
    const disks = found.machines.flatMap((change) => change.disks);
    assert.deepEqual(
      disks.map(({ host, disk, allDisks }) => `${host}: ${disk.text()}${allDisks ? ", all" : ""}`),
      [
        "capi-1-cp-1: the disk with serial S4EMNX0R100020, all",
        "capi-1-cp-2: the disk with serial S4EMNX0R100021, all",
        "capi-1-cp-3: the disk with serial S4EMNX0R100022, all",
        "capi-1-w-1: the disk with WWN 0x5000c500a0b1c2d3, at least GB 400",
      ],
    );
  });

  it("come on the hosts that are new, or on any free one", () => {
    const host = (raw: RawStack, name: string, last: number) => {
      const hosts = raw["hosts"] as Record<string, unknown>[];
      hosts.push({
        ...hosts[3],
        name,
        mac: `52:54:00:0a:00:${last}`,
        address: `10.250.250.${last}`,
        links: [],
      });
    };
    const added = (change: Change) =>
      change.machines.map(({ what, machines, hosts }) => [what, machines, hosts]);
    const fresh = changeOf((raw) => {
      host(raw, "capi-1-w-2", 24);
      workers(raw, { replicas: 2 });
    });
    assert.deepEqual(added(fresh), [["added", 1, ["capi-1-w-2"]]]);
    assert.equal(fresh.level, "medium");
    const withSpare = stackWith((raw) => host(raw, "capi-1-w-2", 24));
    const free = between(
      side(withSpare),
      side(
        stackWith((raw) => {
          host(raw, "capi-1-w-2", 24);
          workers(raw, { replicas: 2 });
        }),
      ),
    );
    assert.deepEqual(added(free), [["added", 1, ["capi-1-w-1", "capi-1-w-2"]]]);
    assert.match(free.effects[0]?.effect.text() ?? "", /^1 of capi-1-w-1, capi-1-w-2 becomes/);
  });

  it("that go are the gravest", () => {
    const found = changeOf((raw) => {
      raw["workers"] = [];
      raw["controlPlane"] = { ...(raw["controlPlane"] as object), schedulable: false };
    });
    assert.deepEqual(
      found.machines.map(({ what, machines, hosts }) => [what, machines, hosts]),
      [["removed", 1, ["capi-1-w-1"]]],
    );
    assert.equal(found.level, "high");
    assert.match(found.headline.text(), /1 machine of pool workers goes: capi-1-w-1 is cleaned/);
  });
});
