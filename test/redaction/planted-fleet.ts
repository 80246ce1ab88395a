import path from "node:path";
import { stringify } from "yaml";
import type { KubernetesObject } from "../../model/kubernetes/object";
import { resources } from "../../model/kubernetes/resources";
import { planCluster } from "../../model/plan/plan-cluster";
import { plannedManagementObjects } from "../../ops/live/planned";
import { readStackFile } from "../../ops/stack/read-stack-file";
import { kubeconfigSecret } from "../ops/cluster-project";
import { projectWith } from "../ops/command-line";
import { rawStackFile } from "../model/stacks";
import { installedManagement } from "../preflight/installed";
import type { FakeClusters } from "../wait/fake-clusters";

/** A stack file with so many workers, and the objects of its management cluster. */
interface Fleet {
  readonly file: string;
  readonly objects: readonly KubernetesObject[];
}

/** By the number of workers: reading and planning hundreds of hosts takes longer than most commands. */
const fleets = new Map<number, Fleet>();

function fleetOf(workers: number): Fleet {
  const known = fleets.get(workers);
  if (known !== undefined) return known;
  const file = fleetFile(workers);
  const { stack } = readStackFile(projectWith({ "Pulumi.capi-1.yaml": file }), "capi-1");
  if (stack === undefined) throw new Error("the fleet's file is no stack");
  const fleet = { file, objects: plannedManagementObjects(planCluster(stack), undefined) };
  fleets.set(workers, fleet);
  return fleet;
}

/** capi-1 with as many workers as are wanted, each on a host `w-0`, `w-1`, …, and a management cluster in `kubeconfig`. */
function fleetFile(workers: number): string {
  const raw = rawStackFile(path.join(__dirname, "../../Pulumi.capi-1.yaml"));
  const hosts = Array.from({ length: workers }, (_, i) => {
    const mac = `52:54:00:0b:${hex(i >> 8)}:${hex(i & 255)}`;
    return {
      name: `w-${i}`,
      pool: "workers",
      mac,
      address: addressOf(i),
      bmc: {
        address: `redfish-virtualmedia://10.252.${i >> 8}.${i & 255}/redfish/v1/Systems/1`,
        verifyCertificate: false,
      },
      links: [{ name: "eno1", mac }],
      rootDeviceHints: { serialNumber: `DISK${i}` },
    };
  });
  const hostsOfExample = JSON.parse(
    JSON.stringify(raw["hosts"]).replaceAll("://10.250.251.", "://10.252.251."),
  ) as { pool: string }[];
  const planned = hostsOfExample.filter(({ pool }) => pool === "control-plane");
  const config = {
    ...raw,
    protect: false,
    // The texts are more than a /24 has hosts; the BMCs are in another network.
    network: { ...(raw["network"] as object), nodes: "10.250.250.0/23", pods: ["10.244.0.0/15"] },
    management: { context: "fake", kubeconfig: "kubeconfig", namespace: "capi-1" },
    hosts: [...planned, ...hosts],
    workers: [{ name: "workers", replicas: workers }],
  };
  return stringify({
    config: Object.fromEntries(Object.entries(config).map(([key, value]) => [`metal:${key}`, value])),
  });
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

function addressOf(worker: number): string {
  const host = 30 + worker;
  return `10.250.${250 + (host >> 8)}.${host & 255}`;
}

/**
 * A project with such a stack, and both of its clusters; whatever a BMC, a controller or a kubelet may write says one of the
 * texts, and each text stands at one host at least.
 */
export function plantedProject(clusters: FakeClusters, texts: readonly string[]): string {
  const { file, objects } = fleetOf(texts.length);
  const { management, workload } = clusters;
  const directory = projectWith({ "Pulumi.capi-1.yaml": file, kubeconfig: management.kubeconfig() });
  let next = 0;
  const text = () => texts[next++ % texts.length] ?? "";
  const conditions = () =>
    ["Ready", "Available", "InfrastructureReady"].map((type) => ({
      type,
      status: "False",
      reason: text(),
      message: text(),
      lastTransitionTime: "2026-11-26T08:00:00Z",
    }));
  management.put(
    ...installedManagement("capi-1"),
    ...objects.map((object) => {
      const { metadata } = object;
      const there = {
        ...object,
        metadata: { namespace: "capi-1", uid: `uid-${metadata.name}`, ...metadata },
      };
      const own = /^w-(\d+)$/.exec(metadata.name)?.[1];
      if (object.kind !== "BareMetalHost") return { ...there, status: { conditions: conditions() } };
      const said = own === undefined ? text() : (texts[Number(own)] ?? "");
      return { ...there, status: hostStatus(said, conditions()) };
    }),
    ...texts.map((message, i): KubernetesObject => ({
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: `e-${i}`, namespace: "capi-1" },
      involvedObject: { kind: "BareMetalHost", name: `w-${i}` },
      lastTimestamp: "2026-11-26T08:00:00Z",
      reason: message,
      message,
    })),
    kubeconfigSecret(workload.kubeconfig()),
  );
  workload.put(
    ...texts.map((message, i): KubernetesObject => ({
      apiVersion: resources.Node.apiVersion,
      kind: "Node",
      metadata: { name: `n-${i}`, uid: `uid-n-${i}` },
      spec: { podCIDRs: [`10.${244 + (i >> 8)}.${i & 255}.0/24`] },
      status: {
        conditions: [{ type: "Ready", status: "False", reason: message, message }],
        addresses: [{ type: "InternalIP", address: addressOf(i) }],
      },
    })),
    ...texts.map((message, i): KubernetesObject => ({
      apiVersion: resources.CiliumBGPNodeConfig.apiVersion,
      kind: "CiliumBGPNodeConfig",
      metadata: { name: `n-${i}` },
      spec: { bgpInstances: [{ name: "default", localASN: 65010, peers: [{ name: "frr-v4" }] }] },
      status: {
        bgpInstances: [
          {
            name: "default",
            localASN: 65010,
            peers: [{ name: "frr-v4", peerAddress: "192.168.254.1", peeringState: message }],
          },
        ],
        conditions: [{ type: "cilium.io/BGPReconcileError", status: "True", reason: message, message }],
      },
    })),
  );
  return directory;
}

function hostStatus(said: string, conditions: readonly object[]): object {
  return {
    provisioning: { state: "registering" },
    operationalStatus: "error",
    errorType: "registration error",
    errorMessage: said,
    errorCount: 3,
    conditions,
    hardware: {
      systemVendor: { serialNumber: said, manufacturer: said },
      storage: [{ name: "/dev/sda", serialNumber: said }],
    },
  };
}
