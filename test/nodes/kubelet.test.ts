import assert from "node:assert/strict";
import { folderOfImage } from "../../lab/nodes/image";
import { notStarted, podStatus, type ContainerReport } from "../../lab/nodes/pod-status";
import { environmentOf, expanded } from "../../lab/nodes/volumes";
import { machineNetwork } from "../../lab/simulated/boot/network";
import type { Store } from "../../lab/simulated/store";
import { list, text, type KubernetesObject } from "../../model/kubernetes/object";

const pod: KubernetesObject = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "cilium-1", namespace: "kube-system", uid: "1" },
  spec: {
    nodeName: "cp-1",
    initContainers: [{ name: "config", image: "quay.io/cilium/cilium:v1.19.5" }],
    containers: [{ name: "cilium-agent", image: "quay.io/cilium/cilium:v1.19.5" }],
  },
};

const completed: ContainerReport = {
  state: { terminated: { exitCode: 0, reason: "Completed" } },
  ready: true,
  started: false,
  restarts: 0,
};
const running: ContainerReport = { state: { running: {} }, ready: true, started: true, restarts: 0 };

function reported(config: ContainerReport, agent: ContainerReport) {
  const containers = new Map([
    ["config", config],
    ["cilium-agent", agent],
  ]);
  const status = podStatus(pod, { containers, hostAddresses: ["10.0.0.1"], podAddresses: ["10.0.0.1"] });
  const conditions = list({ status }, "status", "conditions").map(
    (entry) => `${text(entry, "type") ?? ""}=${text(entry, "status") ?? ""}`,
  );
  return { phase: status["phase"], conditions };
}

describe("the lab's kubelet", () => {
  it("reports a pod as pending until its init containers have ended well", () => {
    assert.deepEqual(reported(notStarted, notStarted), {
      phase: "Pending",
      conditions: ["Initialized=False", "Ready=False", "ContainersReady=False"],
    });
  });

  it("reports a pod as running and ready with its containers", () => {
    assert.deepEqual(reported(completed, running), {
      phase: "Running",
      conditions: ["Initialized=True", "Ready=True", "ContainersReady=True"],
    });
  });

  it("reports a pod whose container ends again and again as running and not ready", () => {
    const looping = { ...notStarted, state: { waiting: { reason: "CrashLoopBackOff" } }, restarts: 2 };
    assert.deepEqual(reported(completed, looping), {
      phase: "Running",
      conditions: ["Initialized=True", "Ready=False", "ContainersReady=False"],
    });
  });

  it("resolves the environment of a container as kubelets do", async () => {
    const objects: Record<string, unknown> = {
      "Service/kubernetes": { spec: { clusterIP: "10.96.0.1", ports: [{ port: 443 }] } },
      "ConfigMap/cilium-config": { data: { debug: "true" } },
    };
    const api = {
      get: (type: { kind: string }, name: string) => Promise.resolve(objects[`${type.kind}/${name}`]),
    };
    const fromConfig = (key: string, optional: boolean) => ({
      valueFrom: { configMapKeyRef: { name: "cilium-config", key, optional } },
    });
    const container = {
      env: [
        { name: "NODE", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
        { name: "DEBUG", ...fromConfig("debug", false) },
        { name: "ABSENT", ...fromConfig("absent", true) },
        { name: "BOTH", value: "$(NODE) $(DEBUG) $(UNKNOWN)" },
      ],
    };
    assert.deepEqual(await environmentOf(container, pod, { api } as unknown as Store), {
      KUBERNETES_SERVICE_HOST: "10.96.0.1",
      KUBERNETES_SERVICE_PORT: "443",
      NODE: "cp-1",
      DEBUG: "true",
      BOTH: "cp-1 true $(UNKNOWN)",
    });
    assert.equal(expanded("--debug=$(DEBUG)", { DEBUG: "false" }), "--debug=false");
  });

  it("knows the images of recorded versions, and no others", () => {
    assert.equal(folderOfImage("quay.io/cilium/cilium:v1.19.5@sha256:00"), "cilium-1.19.5");
    assert.equal(folderOfImage("docker.io/cilium/operator-generic:v1.18.4"), "cilium-1.18.4");
    for (const image of [
      "quay.io/cilium/cilium:v9.9.9",
      "quay.io/cilium/cilium-envoy:v1.19.5",
      "coredns:v1",
      "mirror.example/cilium/cilium:v1.19.5",
      "quay.io/cilium.example/cilium/cilium:v1.19.5",
      "quay.io/cilium/cilium:v1.19.5@other",
    ])
      assert.equal(folderOfImage(image), undefined, image);
  });
});

describe("the interfaces of a machine", () => {
  it("have the addresses, routes and MTU of its network data, on the link that carries them", () => {
    const data = {
      links: [
        { id: "eno1", type: "phy", name: "eno1", ethernet_mac_address: "52:54:00:00:00:01" },
        { id: "storage", type: "vlan", vlan_link: "eno1", vlan_id: 20, mtu: 9000 },
      ],
      networks: [
        {
          link: "eno1",
          type: "ipv4",
          ip_address: "10.0.0.20",
          netmask: "255.255.255.0",
          routes: [{ network: "0.0.0.0", netmask: "0.0.0.0", gateway: "10.0.0.1" }],
        },
        {
          link: "eno1",
          type: "ipv6",
          ip_address: "fd00::20",
          netmask: 64,
          routes: [{ network: "::", netmask: 0, gateway: "fd00::1" }],
        },
        { link: "eno1", type: "ipv6", ip_address: "fd01::20", netmask: "ffff:ffff:ffff:ffff::" },
        { link: "storage", type: "ipv4", ip_address: "10.1.0.20/16" },
      ],
    };
    assert.deepEqual(machineNetwork(JSON.stringify(data), []).interfaces, [
      {
        name: "eno1",
        addresses: ["10.0.0.20/24", "fd00::20/64", "fd01::20/64"],
        routes: [
          { to: "0.0.0.0/0", via: "10.0.0.1" },
          { to: "::/0", via: "fd00::1" },
        ],
      },
      { name: "eno1.20", mtu: 9000, addresses: ["10.1.0.20/16"], routes: [] },
    ]);
  });
});
