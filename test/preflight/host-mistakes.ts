import { changeHost } from "../model/stacks";
import { type Mistake, claimed, claimedHost, host, inspected } from "./mistake";
import { putMetal3Machine } from "./running";
import { liveHost, namespace } from "./situation";

/** Mistakes with the servers. */
export const hostMistakes: Readonly<Record<string, Mistake>> = {
  "a host that another cluster has claimed": {
    check: "hosts/claimed-by-none",
    management: claimed("capi-9"),
    also: ["hosts/enough-can-serve"],
    finding: /capi-1-cp-1 is claimed by Metal3Machine capi-1\/capi-9-x1 of cluster "capi-9"/,
  },
  "a host of another cluster that only its machine names": {
    check: "hosts/claimed-by-none",
    management: (api, planned) => {
      host({ spec: { consumerRef: { kind: "Metal3Machine", name: "other-md-0-x", namespace } } })(
        api,
        planned,
      );
      putMetal3Machine(api, "other-md-0-x", "other");
    },
    also: ["hosts/enough-can-serve"],
    finding: /capi-1-cp-1 is claimed by Metal3Machine capi-1\/other-md-0-x of cluster "other"/,
  },
  "a host that serves outside of Cluster API": {
    check: "hosts/nothing-else-runs",
    management: host({
      spec: { externallyProvisioned: true },
      status: { provisioning: { state: "externally provisioned" } },
    }),
    also: ["hosts/enough-can-serve"],
    finding: /capi-1-cp-1 is externally provisioned: it runs a system/,
  },
  "a host that somebody provisioned by hand": {
    check: "hosts/nothing-else-runs",
    management: host({
      spec: { image: { url: "http://u:hunter2@images/x.raw" } },
      status: { provisioning: { state: "provisioned" } },
    }),
    also: ["hosts/enough-can-serve"],
    finding: /has the image http:\/\/\[secret\]@images\/x\.raw and no machine/,
  },
  "a BMC that is registered in another namespace": {
    check: "hosts/registered-once",
    management: (api, planned) =>
      api.put(
        liveHost(planned, 0, {
          metadata: { name: "old-1", namespace: "lab" },
          spec: {
            bmc: { address: "redfish+https://10.250.251.20/redfish/v1/Systems/1/" },
            bootMACAddress: "02:00:00:00:00:01",
          },
        }),
      ),
    finding:
      /"redfish-virtualmedia:\/\/10\.250\.251\.20\/redfish\/v1\/Systems\/1" is also the BMC of BareMetalHost lab\/old-1/,
  },
  "a MAC address of a host in another namespace": {
    check: "hosts/registered-once",
    management: (api, planned) =>
      api.put(
        liveHost(planned, 0, {
          metadata: { name: "old-1", namespace: "lab" },
          spec: { bmc: { address: "redfish://192.0.2.7/x" }, bootMACAddress: "52:54:00:0A:00:20" },
        }),
      ),
    finding: /"52:54:00:0a:00:20" is also the boot MAC address of BareMetalHost lab\/old-1/,
  },
  "a BMC that refuses the password": {
    check: "hosts/without-error",
    management: host({
      status: {
        provisioning: { state: "registering" },
        operationalStatus: "error",
        errorType: "registration error",
        errorMessage: "login admin:password=hunter2 refused",
        errorCount: 4,
      },
    }),
    severity: "warning",
    finding: /capi-1-cp-1 has a registration error \(4 times\): login admin:password=\[secret\] refused/,
  },
  "a host that is detached": {
    check: "hosts/selectable",
    management: host({ metadata: { annotations: { "baremetalhost.metal3.io/detached": "" } } }),
    also: ["hosts/enough-can-serve"],
    finding: /capi-1-cp-1 is detached/,
  },
  "a host that Metal3 has kept for another pool": {
    check: "hosts/selectable",
    management: host({
      metadata: {
        labels: {
          "metal.internal/stack": "capi-1",
          "infrastructure.cluster.x-k8s.io/node-reuse": "md-capi-1-gpu",
        },
      },
      spec: { consumerRef: { kind: "Cluster", name: "capi-1", namespace } },
    }),
    also: ["hosts/enough-can-serve"],
    finding:
      /capi-1-cp-1 is kept by Metal3 \(nodeReuse\) for the next machine of md-capi-1-gpu, which is not its pool/,
  },
  "a host that Metal3 keeps for a machine of another cluster": {
    check: "hosts/claimed-by-none",
    management: host({ spec: { consumerRef: { kind: "Cluster", name: "capi-9", namespace } } }),
    also: ["hosts/enough-can-serve"],
    finding: /capi-1-cp-1 is claimed by Cluster capi-1\/capi-9/,
  },
  "a host that is paused": {
    check: "hosts/selectable",
    management: host({ metadata: { annotations: { "baremetalhost.metal3.io/paused": "" } } }),
    also: ["hosts/enough-can-serve"],
    finding: /capi-1-cp-1 is paused/,
  },
  "a host that remediation gave up": {
    check: "hosts/selectable",
    management: host({ metadata: { annotations: { "capm3.metal3.io/unhealthy": "" } } }),
    also: ["hosts/enough-can-serve"],
    finding: /capi-1-cp-1 was marked unhealthy/,
  },
  "a host in maintenance, held off": {
    check: "hosts/selectable",
    management: host({ metadata: { annotations: { "reboot.metal3.io/ram-swap": "" } } }),
    also: ["hosts/enough-can-serve"],
    finding: /capi-1-cp-1 is held off by the annotation reboot\.metal3\.io\/ram-swap/,
  },
  "a serving host that is paused": {
    check: "hosts/selectable",
    management: claimed("capi-1", {
      metadata: { annotations: { "baremetalhost.metal3.io/paused": "metal3.io/capm3" } },
    }),
    severity: "warning",
    finding: /is paused because its Cluster is paused/,
  },
  "a spare host that cannot serve when a rollout needs it": {
    check: "hosts/enough-can-serve",
    stack: (raw) => (raw["controlPlane"] = { replicas: 1, rollout: { spareHost: true } }),
    management: (api, planned) => {
      const annotations = { "baremetalhost.metal3.io/detached": "" };
      for (const index of [0, 1]) claimedHost(api, planned, index, annotations);
      claimedHost(api, planned, 2, {}, "capi-1");
    },
    severity: "warning",
    also: ["hosts/selectable"],
    finding: /no host of control-plane is to spare while capi-1-cp-1, capi-1-cp-2 cannot serve/,
  },
  "a MAC address with two digits swapped": {
    check: "hosts/macs-found",
    management: inspected({ nics: [{ name: "eno1", mac: "52:54:00:0a:00:02" }] }),
    finding: /inspection of capi-1-cp-1 found no port with "52:54:00:0a:00:20"; it found 52:54:00:0a:00:02/,
  },
  "a port with the name of another": {
    check: "hosts/port-names-found",
    management: inspected({
      nics: [
        { name: "ens2", mac: "52:54:00:0a:00:20" },
        { name: "eno1", mac: "52:54:00:0a:00:99" },
      ],
    }),
    severity: "warning",
    finding:
      /"eno1" with 52:54:00:0a:00:20 is, by the inspection of capi-1-cp-1, the name of another port, 52:54:00:0a:00:99/,
  },
  "a root disk that was swapped": {
    check: "hosts/root-disk-found",
    management: inspected({ storage: [{ name: "/dev/sda", sizeBytes: 480e9, serialNumber: "OTHER" }] }),
    finding:
      /no disk of capi-1-cp-1 has serialNumber S4EMNX0R100020; it has \/dev\/sda \(480 GB, serial OTHER\)/,
  },
  "a control plane server that is too small": {
    check: "hosts/control-plane-sized",
    management: inspected({ ramMebibytes: 1024, cpu: { count: 1 } }),
    finding: /capi-1-cp-1 has 1024 MiB of memory and 1 processor/,
  },
  "an installer's network in a Secret that is not there": {
    check: "hosts/installer-network-present",
    stack: (raw) => changeHost(raw, 0, { preprovisioningNetworkDataName: "cp-1-boot" }),
    finding: /the Secret "cp-1-boot" does not exist in namespace "capi-1"/,
  },
  "an installer's network under another key": {
    check: "hosts/installer-network-present",
    stack: (raw) => changeHost(raw, 0, { preprovisioningNetworkDataName: "cp-1-boot" }),
    management: (api) =>
      api.put({
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "cp-1-boot", namespace },
        data: { nmstate: "e30=" },
      }),
    finding: /the Secret "cp-1-boot" has no networkData; it has nmstate/,
  },
  "a login Secret that nobody made": {
    check: "hosts/login-secrets-present",
    stack: (raw) => (raw["bmc"] = { existingSecret: "bmc-login" }),
    finding: /the Secret "bmc-login" does not exist in namespace "capi-1"/,
  },
  "a login Secret that a host of an earlier version owns": {
    check: "hosts/login-secrets-present",
    stack: (raw) => (raw["bmc"] = { existingSecret: "bmc-login" }),
    management: (api) =>
      api.put({
        apiVersion: "v1",
        kind: "Secret",
        metadata: {
          name: "bmc-login",
          namespace,
          ownerReferences: [
            { apiVersion: "metal3.io/v1alpha1", kind: "BareMetalHost", name: "capi-1-cp-1", uid: "u" },
          ],
        },
        data: { username: "aHVudGVyMg==", password: "aHVudGVyMg==" },
      }),
    severity: "warning",
    finding: /the Secret "bmc-login" is owned by capi-1-cp-1, and is deleted with the last of them/,
  },
  "a login Secret with other keys": {
    check: "hosts/login-secrets-present",
    stack: (raw) => (raw["bmc"] = { existingSecret: "bmc-login" }),
    management: (api) =>
      api.put({
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "bmc-login", namespace },
        data: { user: "aHVudGVyMg==", password: "aHVudGVyMg==" },
      }),
    finding: /the Secret "bmc-login" has no username; it has user, password/,
  },
};
