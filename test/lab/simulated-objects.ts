/** What a test cluster is made of. */
export interface TestCluster {
  readonly name: string;
  readonly namespace: string;
  readonly vip: string;
  /** First three bytes of the hosts' addresses, such as `10.250.250`. */
  readonly network: string;
  readonly controlPlanes: number;
  readonly workers: number;
  /** One rendered manifest. */
  readonly cilium: string;
  /** Addresses come from an IPPool through the data template, not from the hosts' own network data. */
  readonly pool?: boolean;
}

const VERSION = "v1.36.3";
const API = {
  cluster: "cluster.x-k8s.io",
  bootstrap: "bootstrap.cluster.x-k8s.io",
  infrastructure: "infrastructure.cluster.x-k8s.io",
  controlPlane: "controlplane.cluster.x-k8s.io",
} as const;

const kubeVip = (vip: string) => `apiVersion: v1
kind: Pod
metadata: {name: kube-vip, namespace: kube-system}
spec:
  hostNetwork: true
  hostAliases: [{hostnames: [kubernetes], ip: 127.0.0.1}]
  containers:
  - name: kube-vip
    image: ghcr.io/kube-vip/kube-vip:v1.0.1
    args: [manager]
    env:
    - {name: port, value: "6443"}
    - {name: vip_arp, value: "true"}
    - {name: vip_interface, value: eno1}
    - {name: cp_enable, value: "true"}
    - {name: address, value: ${vip}}
    securityContext: {capabilities: {add: [NET_ADMIN, NET_RAW]}}
    volumeMounts: [{mountPath: /etc/kubernetes/admin.conf, name: kubeconfig}]
  volumes: [{name: kubeconfig, hostPath: {path: /etc/kubernetes/admin.conf}}]
`;

const MANIFEST = "/etc/kubernetes/manifests/kube-vip.yaml";

/** Namespace, hosts, payload, templates and the Cluster itself, in the order in which they are created. */
export function testObjects(cluster: TestCluster): unknown[] {
  const { name, namespace } = cluster;
  const meta = (object: string, labels: Record<string, string> = {}) => ({ name: object, namespace, labels });
  const role = (value: string) => ({ "lab.test/role": value, "lab.test/cluster": name });
  const mac = (at: number) => `02:00:00:00:${cluster.name.length.toString(16).padStart(2, "0")}:0${at}`;
  const hosts = [
    ...Array.from({ length: cluster.controlPlanes }, (_, index) => ["cp", index] as const),
    ...Array.from({ length: cluster.workers }, (_, index) => ["worker", index] as const),
  ].flatMap(([kind, index], at) => host(`${name}-${kind}-${index}`, kind, at));

  function host(object: string, kind: string, at: number): unknown[] {
    const networkData = {
      links: [{ id: "eno1", type: "phy", ethernet_mac_address: mac(at) }],
      networks: [
        {
          id: "n",
          type: "ipv4",
          link: "eno1",
          ip_address: `${cluster.network}.${20 + at}`,
          netmask: "255.255.255.0",
          routes: [],
        },
      ],
      services: [],
    };
    return [
      {
        apiVersion: "v1",
        kind: "Secret",
        metadata: meta(`${object}-bmc`),
        stringData: { username: "admin", password: "x" },
      },
      {
        apiVersion: "v1",
        kind: "Secret",
        metadata: meta(`${object}-network`),
        stringData: { networkData: JSON.stringify(networkData) },
      },
      {
        apiVersion: "metal3.io/v1alpha1",
        kind: "BareMetalHost",
        metadata: meta(object, role(kind)),
        spec: {
          online: true,
          bootMACAddress: mac(at),
          bmc: {
            address: `redfish://192.0.2.${at + 1}/redfish/v1/Systems/1`,
            credentialsName: `${object}-bmc`,
          },
          ...(cluster.pool === true ? {} : { networkData: { name: `${object}-network`, namespace } }),
        },
      },
    ];
  }

  const reference = (apiGroup: string, kind: string, object: string) => ({ apiGroup, kind, name: object });
  const nodeRegistration = {
    name: "{{ ds.meta_data.name }}",
    kubeletExtraArgs: [{ name: "node-labels", value: "metal3.io/uuid={{ ds.meta_data.uuid }}" }],
  };
  const machineTemplate = (kind: string) => ({
    apiVersion: `${API.infrastructure}/v1beta2`,
    kind: "Metal3MachineTemplate",
    metadata: meta(`${name}-${kind}`),
    spec: {
      template: {
        spec: {
          image: {
            url: "http://images.lab/a.qcow2",
            checksum: "http://images.lab/a.sum",
            checksumType: "sha256",
            diskFormat: "qcow2",
          },
          dataTemplate: { name: `${name}-data` },
          hostSelector: { matchLabels: role(kind) },
        },
      },
    },
  });
  const replace = (from: string, to: string) =>
    `if [ -f /run/kubeadm/kubeadm.yaml ]; then sed -i 's#path: /etc/kubernetes/${from}#path: /etc/kubernetes/${to}#' ${MANIFEST}; fi`;
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    ...hosts,
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: meta(`${name}-cilium`),
      data: { "00-cilium.yaml": cluster.cilium },
    },
    {
      apiVersion: "addons.cluster.x-k8s.io/v1beta2",
      kind: "ClusterResourceSet",
      metadata: meta(`${name}-cilium`),
      spec: {
        strategy: "ApplyOnce",
        clusterSelector: { matchLabels: { "lab.test/cluster": name } },
        resources: [{ kind: "ConfigMap", name: `${name}-cilium` }],
      },
    },
    machineTemplate("cp"),
    machineTemplate("worker"),
    ...(cluster.pool === true ? [addressPool(cluster)] : []),
    {
      apiVersion: `${API.infrastructure}/v1beta2`,
      kind: "Metal3DataTemplate",
      metadata: meta(`${name}-data`),
      spec: {
        clusterName: name,
        metaData: {
          objectNames: ["name", "local-hostname", "local_hostname"].map((key) => ({
            key,
            object: "machine",
          })),
        },
        ...(cluster.pool === true ? { networkData: poolNetwork(`${name}-pool`) } : {}),
      },
    },
    {
      apiVersion: `${API.bootstrap}/v1beta2`,
      kind: "KubeadmConfigTemplate",
      metadata: meta(`${name}-worker`),
      spec: { template: { spec: { joinConfiguration: { nodeRegistration } } } },
    },
    {
      apiVersion: `${API.infrastructure}/v1beta2`,
      kind: "Metal3Cluster",
      metadata: meta(name),
      spec: { controlPlaneEndpoint: { host: cluster.vip, port: 6443 }, cloudProviderEnabled: false },
    },
    {
      apiVersion: `${API.controlPlane}/v1beta2`,
      kind: "KubeadmControlPlane",
      metadata: meta(name),
      spec: {
        replicas: cluster.controlPlanes,
        version: VERSION,
        machineTemplate: {
          spec: {
            infrastructureRef: reference(API.infrastructure, "Metal3MachineTemplate", `${name}-cp`),
            deletion: { nodeDrainTimeoutSeconds: 10 },
          },
        },
        kubeadmConfigSpec: {
          initConfiguration: { skipPhases: ["addon/kube-proxy"], nodeRegistration },
          joinConfiguration: { nodeRegistration },
          files: [{ path: MANIFEST, owner: "root:root", permissions: "0644", content: kubeVip(cluster.vip) }],
          preKubeadmCommands: [replace("admin.conf", "super-admin.conf")],
        },
      },
    },
    {
      apiVersion: `${API.cluster}/v1beta2`,
      kind: "MachineDeployment",
      metadata: meta(`${name}-worker`, { "cluster.x-k8s.io/cluster-name": name }),
      spec: {
        clusterName: name,
        replicas: cluster.workers,
        selector: { matchLabels: { "lab.test/pool": name } },
        template: {
          metadata: { labels: { "lab.test/pool": name } },
          spec: {
            clusterName: name,
            version: VERSION,
            deletion: { nodeDrainTimeoutSeconds: 10 },
            bootstrap: { configRef: reference(API.bootstrap, "KubeadmConfigTemplate", `${name}-worker`) },
            infrastructureRef: reference(API.infrastructure, "Metal3MachineTemplate", `${name}-worker`),
          },
        },
      },
    },
    {
      apiVersion: `${API.cluster}/v1beta2`,
      kind: "Cluster",
      metadata: meta(name, { "lab.test/cluster": name }),
      spec: {
        clusterNetwork: {
          pods: { cidrBlocks: ["10.244.0.0/16"] },
          services: { cidrBlocks: ["10.96.0.0/12"] },
          serviceDomain: "cluster.local",
        },
        infrastructureRef: reference(API.infrastructure, "Metal3Cluster", name),
        controlPlaneRef: reference(API.controlPlane, "KubeadmControlPlane", name),
      },
    },
  ];
}

function addressPool({ name, namespace, network }: TestCluster): unknown {
  return {
    apiVersion: "ipam.metal3.io/v1alpha1",
    kind: "IPPool",
    metadata: { name: `${name}-pool`, namespace },
    spec: {
      clusterName: name,
      namePrefix: name,
      prefix: 24,
      gateway: `${network}.1`,
      pools: [{ start: `${network}.40`, end: `${network}.49` }],
      preAllocations: { [`${name}-cp-0-${name}-pool`]: `${network}.47` },
    },
  };
}

function poolNetwork(pool: string): unknown {
  return {
    links: { ethernets: [{ id: "eno1", type: "phy", macAddress: { fromHostInterface: "eno1" } }] },
    networks: {
      ipv4: [
        {
          id: "nodes",
          link: "eno1",
          ipAddressFromIPPool: pool,
          routes: [{ network: "0.0.0.0", prefix: 0, gateway: { fromIPPool: pool } }],
        },
      ],
    },
  };
}
