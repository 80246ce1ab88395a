import { type RawStack, addWorkerHost, changeHost } from "../model/stacks";
import { type Mistake, named } from "./mistake";
import { notReady, ofOtherCluster, outdated, running } from "./running";

const fourHosts = (raw: RawStack) => raw["hosts"] as Record<string, unknown>[];
const kubernetes = (version: string) => (raw: RawStack) => {
  named(raw, "kubernetes")["version"] = version;
};
const image = (raw: RawStack) => {
  named(raw, "image")["url"] = "http://u:hunter2@10.250.250.2/images/next.qcow2";
};
const controlPlane = (replicas: number) => (raw: RawStack) => {
  raw["controlPlane"] = { replicas };
};
/** A second worker, and as many machines of the pool as told. */
const workers = (replicas: number) => (raw: RawStack) => addWorkerHost(raw, { replicas });

/** Changes of a cluster that runs. */
export const rolloutMistakes: Readonly<Record<string, Mistake>> = {
  "a new image, which wipes every machine": {
    check: "rollout/machines-kept",
    stack: image,
    management: running(),
    severity: "warning",
    finding:
      /3 machines of control-plane are reprovisioned \(image fedora-k8s-v1\.36\.3\.qcow2 -> next\.qcow2\); one after the other, each goes before its successor comes; wiped: capi-1-cp-1 \(serial CZ-capi-1-cp-1, disks \/dev\/sda serial S4EMNX0R100020 and \/dev\/sdb serial DATA\); capi-1-cp-2/,
  },
  "a new image, for the only worker": {
    check: "rollout/machines-kept",
    stack: image,
    management: running(),
    severity: "warning",
    finding:
      /1 machine of workers is reprovisioned .*, and workers serves nothing meanwhile; wiped: capi-1-w-1 \(/,
  },
  "a new Kubernetes version": {
    check: "rollout/machines-kept",
    stack: kubernetes("v1.36.4"),
    management: running(),
    severity: "warning",
    finding: /of workers is reprovisioned \(Kubernetes v1\.36\.3 -> v1\.36\.4\)/,
  },
  "a label that only a new installation sets": {
    check: "rollout/machines-kept",
    stack: (raw) => (raw["workers"] = [{ name: "workers", labels: { "example.com/disk": "ssd" } }]),
    management: running(),
    severity: "warning",
    finding:
      /1 machine of workers is reprovisioned \(bootstrap configuration: joinConfiguration\.nodeRegistration\.kubeletExtraArgs\)/,
  },
  "a taint that only a new installation sets": {
    check: "rollout/machines-kept",
    stack: (raw) =>
      (raw["workers"] = [{ name: "workers", taints: [{ key: "a.b/c", effect: "PreferNoSchedule" }] }]),
    management: running(),
    severity: "warning",
    finding:
      /of workers is reprovisioned \(bootstrap configuration: joinConfiguration\.nodeRegistration\.taints\)/,
  },
  "node reuse that comes with the rollout which needs it": {
    check: "rollout/machines-kept",
    stack: (raw) => {
      image(raw);
      raw["controlPlane"] = { replicas: 3, nodeReuse: true };
      raw["workers"] = [{ name: "workers", replicas: 1, nodeReuse: true }];
    },
    management: running(),
    severity: "warning",
    finding:
      /goes before its successor comes, and on any host of the pool: nodeReuse counts from the next rollout on/,
  },
  "a rollout that was interrupted": {
    check: "rollout/machines-kept",
    management: running({ machine: (host) => (host === "capi-1-cp-2" ? outdated : undefined) }),
    severity: "warning",
    finding:
      /1 machine of control-plane is reprovisioned \(a rollout that has begun goes on\).*wiped: capi-1-cp-2/,
  },
  "a pool that is made smaller, by whichever machine": {
    check: "rollout/machines-kept",
    stack: workers(1),
    management: running({ before: workers(2) }),
    severity: "warning",
    finding:
      /1 machine of workers is taken away, wiped and powered off: 1 of these, as Cluster API chooses: capi-1-w-1 .*; capi-1-w-2/,
  },
  "a pool that is made smaller, by a marked machine": {
    check: "rollout/machines-kept",
    stack: workers(1),
    management: running({
      before: workers(2),
      machine: (host) =>
        host === "capi-1-w-2"
          ? { metadata: { annotations: { "cluster.x-k8s.io/delete-machine": "" } } }
          : undefined,
    }),
    severity: "warning",
    finding: /wiped and powered off: capi-1-w-2 \(serial CZ-capi-1-w-2/,
  },
  "a pool that has left the stack file": {
    check: "rollout/machines-kept",
    stack: (raw) => {
      raw["workers"] = [{ name: "others", replicas: 0 }];
      raw["hosts"] = fourHosts(raw).slice(0, 3);
    },
    management: running(),
    severity: "warning",
    also: ["rollout/hosts-kept"],
    finding: /1 machine of workers is taken away, wiped and powered off: capi-1-w-1/,
  },
  "a rollout while etcd has lost its majority": {
    check: "rollout/quorum-kept",
    stack: (raw) => (named(raw, "network")["ntp"] = ["10.250.250.2"]),
    management: running({ machine: (host) => (/cp-[12]/.test(host) ? notReady : undefined) }),
    also: ["rollout/machines-kept"],
    finding:
      /1 of 3 control plane machines ready, 2 make the quorum; not ready: m-capi-1-cp-1, m-capi-1-cp-2/,
  },
  "a control plane that shrinks by more than one step": {
    check: "rollout/quorum-kept",
    stack: (raw) => {
      controlPlane(1)(raw);
      raw["hosts"] = fiveControlPlanes(raw);
    },
    management: running({
      before: (raw) => {
        controlPlane(5)(raw);
        raw["hosts"] = fiveControlPlanes(raw);
      },
    }),
    also: ["rollout/machines-kept"],
    finding: /the control plane would shrink from 5 to 1 at once/,
  },
  "a control plane that shrinks while a member is away": {
    check: "rollout/quorum-kept",
    stack: controlPlane(1),
    management: running({ machine: (host) => (host === "capi-1-cp-1" ? notReady : undefined) }),
    also: ["rollout/machines-kept"],
    finding: /the control plane would shrink to 1 while m-capi-1-cp-1 is not ready/,
  },
  "a control plane that shrinks to one machine": {
    check: "rollout/quorum-kept",
    stack: controlPlane(1),
    management: running(),
    severity: "warning",
    also: ["rollout/machines-kept"],
    finding: /one control plane machine is left: its loss is the loss of the cluster/,
  },
  "a rollout with a spare host where all are in use": {
    check: "rollout/spare-available",
    stack: (raw) => {
      image(raw);
      raw["workers"] = [{ name: "workers", rollout: { spareHost: true } }];
    },
    management: running(),
    also: ["rollout/machines-kept"],
    finding: /the rollout of workers needs one host more than the 1 in use, and none can serve/,
  },
  "a single control plane machine that is replaced without a spare": {
    check: "rollout/spare-available",
    stack: (raw) => {
      image(raw);
      controlPlane(1)(raw);
      raw["hosts"] = [fourHosts(raw)[0], fourHosts(raw)[3]];
    },
    management: running({
      before: (raw) => {
        controlPlane(1)(raw);
        raw["hosts"] = [fourHosts(raw)[0], fourHosts(raw)[3]];
      },
    }),
    also: ["rollout/machines-kept"],
    finding: /the rollout of control-plane needs one host more than the 1 in use/,
  },
  "a minor version that is skipped": {
    check: "rollout/version-one-minor",
    stack: kubernetes("v1.36.3"),
    management: running({ before: kubernetes("v1.34.9") }),
    also: ["rollout/machines-kept"],
    finding: /"v1\.36\.3" skips a minor version after v1\.34\.9, which runs/,
  },
  "a minor version back": {
    check: "rollout/version-one-minor",
    stack: kubernetes("v1.35.4"),
    management: running(),
    also: ["rollout/machines-kept"],
    finding: /"v1\.35\.4" is older than v1\.36\.3, which runs/,
  },
  "an upgrade before the last one is through": {
    check: "rollout/version-one-minor",
    stack: kubernetes("v1.36.3"),
    management: running({ before: kubernetes("v1.35.4") }),
    also: ["rollout/machines-kept"],
    finding: /"v1\.36\.3" comes before the last upgrade, to v1\.35\.4, has reached m-capi-1-cp-1/,
  },
  "another pod network": {
    check: "rollout/fixed-fields-kept",
    stack: (raw) => (named(raw, "network")["pods"] = ["10.245.0.0/16"]),
    management: running(),
    finding: /10\.245\.0\.0\/16 is 10\.244\.0\.0\/16 in the running cluster/,
  },
  "another service network": {
    check: "rollout/fixed-fields-kept",
    stack: (raw) => (named(raw, "network")["services"] = ["10.97.0.0/16"]),
    management: running(),
    finding: /10\.97\.0\.0\/16 is 10\.96\.0\.0\/12 in the running cluster/,
  },
  "another endpoint": {
    check: "rollout/fixed-fields-kept",
    stack: (raw) => (named(raw, "kubernetes")["endpoint"] = { host: "127.0.0.8", port: 9 }),
    management: running(),
    also: ["rollout/machines-kept"],
    finding: /"127\.0\.0\.8" is "127\.0\.0\.9" in the running cluster/,
  },
  "another boot MAC address": {
    check: "rollout/fixed-fields-kept",
    stack: (raw) => changeHost(raw, 0, { mac: "52:54:00:0a:00:99" }),
    management: running(),
    also: ["hosts/macs-found"],
    finding: /"52:54:00:0a:00:99" is "52:54:00:0a:00:20" for capi-1-cp-1 as registered/,
  },
  "another BMC of a host in use": {
    check: "rollout/fixed-fields-kept",
    stack: (raw) =>
      changeHost(raw, 0, { bmc: { address: "redfish-virtualmedia://10.250.251.99/redfish/v1/Systems/1" } }),
    management: running(),
    finding: /"redfish-virtualmedia:\/\/10\.250\.251\.99.*Metal3 changes it only while the host is detached/,
  },
  "another address of a running node": {
    check: "rollout/fixed-fields-kept",
    stack: (raw) => changeHost(raw, 0, { address: "10.250.250.40" }),
    management: running(),
    finding: /"10\.250\.250\.40" is 10\.250\.250\.20 on the running node of capi-1-cp-1/,
  },
  "another pool of a host in use": {
    check: "rollout/fixed-fields-kept",
    stack: (raw) => {
      raw["workers"] = [{ name: "others", replicas: 1 }];
      changeHost(raw, 3, { pool: "others" });
    },
    management: running(),
    also: ["rollout/machines-kept"],
    finding: /capi-1-w-1 serves workers; with "others" its machine would stay where it is/,
  },
  "another root disk of a host that another cluster has claimed": {
    check: "hosts/claimed-by-none",
    stack: (raw) => changeHost(raw, 3, { rootDeviceHints: { serialNumber: "DATA" } }),
    management: running({
      free: ["capi-1-w-1"],
      host: (host) => (host === "capi-1-w-1" ? ofOtherCluster : undefined),
    }),
    also: ["hosts/enough-can-serve"],
    finding: /capi-1-w-1 is claimed by Metal3Machine capi-1\/other-md-0-abcde of cluster "other"/,
  },
  "a link of a running node that would not change": {
    check: "rollout/fixed-fields-kept",
    stack: (raw) => changeHost(raw, 3, { links: [{ name: "eno1", mac: "52:54:00:0a:00:23", mtu: 9000 }] }),
    management: running(),
    severity: "warning",
    finding: /the change of its network reaches capi-1-w-1 only when its machine is next replaced/,
  },
  "another root disk of a running node": {
    check: "rollout/fixed-fields-kept",
    stack: (raw) => changeHost(raw, 3, { rootDeviceHints: { serialNumber: "DATA" } }),
    management: running(),
    severity: "warning",
    finding: /the change of rootDeviceHints reaches capi-1-w-1 only when its machine is next replaced/,
  },
};

function fiveControlPlanes(raw: RawStack): readonly Record<string, unknown>[] {
  const [first] = fourHosts(raw);
  const more = [4, 5].map((n) => ({
    ...first,
    name: `capi-1-cp-${n}`,
    mac: `52:54:00:0a:01:2${n}`,
    address: `10.250.250.3${n}`,
    bmc: {
      address: `redfish-virtualmedia://10.250.251.3${n}/redfish/v1/Systems/1`,
      verifyCertificate: false,
    },
    links: [{ name: "eno1", mac: `52:54:00:0a:01:2${n}` }],
    rootDeviceHints: { serialNumber: `S4EMNX0R10003${n}` },
  }));
  return [...fourHosts(raw).slice(0, 4), ...more];
}
