import { z } from "zod";
import {
  absolutePath,
  address,
  domainName,
  filled,
  imageReference,
  kubernetesVersion,
  objectName,
  plainVersion,
  secretText,
  stringMap,
  whole,
} from "./primitives";
import { defaultKubeVipImage, supportedVersions } from "./supported-versions";

/** The most machines of a pool, and of the control plane, whose etcd slows down with each member. */
export const mostMachines = { controlPlane: 9, pool: 5000 } as const;

/** The cluster that runs Cluster API and Metal3. */
export const management = z.strictObject({
  context: z
    .string()
    .min(1)
    .describe("Context of the kubeconfig; always named, so that nothing lands elsewhere."),
  kubeconfig: z
    .string()
    .describe("Path of the kubeconfig, relative to the project; $KUBECONFIG or ~/.kube/config when left out.")
    .optional(),
  namespace: objectName().describe("Namespace of all objects of this stack; must exist."),
  offlinePreview: z
    .boolean()
    .default(false)
    .describe(
      "Let a new stack's first preview pass, with a warning, while the management cluster cannot be reached; later ones need it.",
    ),
});

const argumentsOf = (what: string) =>
  stringMap()
    .default({})
    .describe(`Further flags of ${what}, without the dashes; what the stack decides is refused here.`);

const volume = z.strictObject({
  name: objectName().describe("Name of the volume in the pod."),
  hostPath: absolutePath().describe("Path on the machine, such as that of a file of machines.files."),
  mountPath: absolutePath().describe("Path inside the component's container."),
  readOnly: z
    .boolean()
    .default(true)
    .describe("false where the component writes there, such as an audit log."),
  pathType: z
    .enum(["File", "Directory", "FileOrCreate", "DirectoryOrCreate"])
    .describe("What must be at hostPath, or is made there; anything when left out.")
    .optional(),
});

const component = (what: string) =>
  z
    .strictObject({
      extraArgs: argumentsOf(what),
      extraVolumes: z
        .array(volume)
        .default([])
        .describe("Files and folders of the machine that the arguments name."),
    })
    .prefault({})
    .describe(`Arguments and volumes of ${what} on every control plane machine.`);

/** Kubernetes itself, and the address under which its API answers. */
export const kubernetes = z.strictObject({
  version: kubernetesVersion().describe("Kubernetes version of all machines; the image must hold the same."),
  endpoint: z
    .strictObject({
      host: address().describe(
        "Virtual address of the control plane; Cilium gets it, because it runs before the cluster's DNS.",
      ),
      name: domainName("api.example.com")
        .describe(
          "DNS name of that address, which kubelets and kubeconfigs use instead; it cannot change later. The nodes' name servers must know it.",
        )
        .optional(),
      port: whole(1, 65535)
        .default(6443)
        .describe("TCP port of the API server under that address; kube-vip's API servers listen on it."),
      provider: z
        .enum(["kube-vip", "external"])
        .default("kube-vip")
        .describe(
          "kube-vip: a static pod on each control plane machine; external: a load balancer of yours.",
        ),
      interface: z.string().min(1).describe("Interface on which kube-vip announces the address.").optional(),
      kubeVipImage: imageReference(defaultKubeVipImage)
        .default(defaultKubeVipImage)
        .describe("Image of kube-vip; name your mirror here where machines cannot reach ghcr.io."),
    })
    .describe("The control plane endpoint."),
  imageRepository: imageReference("registry.example.com/kubernetes")
    .describe("Where kubeadm takes the control plane's images from; registry.k8s.io when left out.")
    .optional(),
  featureGates: z
    .record(z.string(), z.boolean())
    .default({})
    .describe("Feature gates of kubeadm; those of a component are its argument feature-gates."),
  certificateNames: z
    .array(z.string())
    .default([])
    .describe("Further names in the API server's certificate, in addition to the endpoint's."),
  apiServer: component("the API server"),
  controllerManager: component("the controller manager"),
  scheduler: component("the scheduler"),
  etcd: z
    .strictObject({ extraArgs: argumentsOf("etcd") })
    .prefault({})
    .describe("Arguments of etcd on every control plane machine."),
});

/** The system image that is written to the disks. */
export const image = z.strictObject({
  url: z
    .string()
    .min(1)
    .describe("Where the provisioner fetches the image; docs/image.md lists what it must hold."),
  checksum: z.string().min(1).describe("The checksum, or the URL of a file with it."),
  checksumType: z.enum(["md5", "sha256", "sha512"]).default("sha256").describe("Algorithm of the checksum."),
  format: z.enum(["raw", "qcow2", "vdi", "vmdk"]).default("qcow2").describe("Disk format of the image."),
  cniBinaryPath: z
    .string()
    .default("/opt/cni/bin")
    .describe(
      "Where the image's container runtime looks for CNI binaries (bin_dir of its CNI section; docs/image.md).",
    ),
});

/** Another image for one pool; what is left out is as in `image`. */
const poolImage = z.strictObject({
  url: z.string().min(1).describe("Where the provisioner fetches the pool's image."),
  checksum: z.string().min(1).describe("The checksum of the pool's image, or the URL of a file with it."),
  checksumType: z
    .enum(["md5", "sha256", "sha512"])
    .describe("Algorithm; as image.checksumType when left out.")
    .optional(),
  format: z
    .enum(["raw", "qcow2", "vdi", "vmdk"])
    .describe("Disk format; as image.format when left out.")
    .optional(),
});

const healthCheck = z.strictObject({
  enabled: z.boolean().default(true).describe("Replace, or reboot, machines that stay unhealthy."),
  nodeStartupTimeoutSeconds: whole(0, 86_400)
    .default(7200)
    .describe("Seconds that a machine may take to become a node; far above a real provision (0: no limit)."),
  unhealthyAfterSeconds: whole(60, 86_400).default(600).describe("Seconds that a node may be not ready."),
  maxUnhealthy: z
    .string()
    .default("40%")
    .describe(
      "No remediation when more machines than this are unhealthy; a share of less than one machine is one.",
    ),
  reboots: whole(0, 10)
    .describe(
      "0: Cluster API replaces an unhealthy machine; 2 or more: Metal3 reboots it so often and replaces nothing. 0 when left out, 2 for a single control plane machine.",
    )
    .optional(),
  rebootTimeoutSeconds: whole(100, 86_400)
    .default(1800)
    .describe("Seconds that a reboot may take, from the power-off until the node is ready."),
});

const rollout = z.strictObject({
  spareHost: z
    .boolean()
    .default(false)
    .describe(
      "true: a free host takes the new machine first; false: one machine goes first (needs no spare).",
    ),
});

const taint = z.strictObject({
  key: filled("taint key", "example.com/dedicated").describe("Key of the taint."),
  value: z.string().describe("Value of the taint.").optional(),
  effect: z
    .enum(["NoSchedule", "PreferNoSchedule", "NoExecute"])
    .describe("What it does to pods that do not tolerate it."),
});

const poolFields = {
  labels: stringMap()
    .default({})
    .describe(
      "Labels of the nodes; those that Cluster API keeps change in place (docs/operations.md), any other replaces the machines.",
    ),
  healthCheck: healthCheck
    .prefault({})
    .describe("When a machine counts as broken, and what is done about it."),
  rollout: rollout.prefault({}).describe("How machines are replaced when their template changes."),
  nodeReuse: z
    .boolean()
    .default(false)
    .describe("Upgrades keep each machine on its own host (needs no-spare rollout)."),
  drainTimeoutSeconds: whole(0, 86_400)
    .default(900)
    .describe("Seconds that draining a node may take before it is removed anyway (0: no limit)."),
};

const fileOnDisk = z.strictObject({
  path: absolutePath().describe("Where the file lies on the machine."),
  content: z.string().describe("The whole content; no secrets, it is readable in the management cluster."),
  permissions: z
    .string()
    .meta({ noun: "mode in octal digits and quotes", examples: ['"0644"'] })
    .default("0644")
    .describe("Mode in octal digits, quoted."),
  owner: filled("user and group", "root:root")
    .default("root:root")
    .describe("User and group that own the file."),
});

const secretFile = z.strictObject({
  path: absolutePath().describe("Where the file lies on the machine."),
  secretContent: secretText().describe(
    "The whole content, encrypted in the stack file, such as a registry's login.",
  ),
  permissions: z
    .string()
    .meta({ noun: "mode in octal digits and quotes", examples: ['"0600"'] })
    .default("0600")
    .describe("Mode in octal digits, quoted."),
  owner: filled("user and group", "root:root")
    .default("root:root")
    .describe("User and group that own the file."),
});

const settingsOfMachines = {
  secretFiles: z
    .array(secretFile)
    .default([])
    .describe(
      "Files with secrets, kept in Secrets of the management cluster; a change holds for machines that are made after it.",
    ),
  files: z.array(fileOnDisk).default([]).describe("Files that are written before kubeadm runs."),
  preKubeadmCommands: z.array(z.string()).default([]).describe("Commands that run before kubeadm, in order."),
  postKubeadmCommands: z.array(z.string()).default([]).describe("Commands that run after kubeadm, in order."),
  kubeletArguments: stringMap().default({}).describe("Further kubelet flags, without the dashes."),
  kubeletConfiguration: z
    .record(z.string(), z.unknown())
    .default({})
    .describe(
      "Fields of KubeletConfiguration (kubelet.config.k8s.io/v1beta1), such as evictionHard: kubeadm merges them into the kubelet's own.",
    ),
};

/** The control plane machines. */
export const controlPlane = z.strictObject({
  secretFiles: z
    .array(secretFile)
    .default([])
    .describe("Files with secrets on control plane machines only, such as an encryption configuration."),
  renewCertificatesBeforeDays: whole(7, 364)
    .describe(
      "Days before its certificates end in which Cluster API replaces a control plane machine; left out: never.",
    )
    .optional(),
  replicas: whole(1, mostMachines.controlPlane)
    .default(3)
    .describe("Number of control plane machines; odd, for etcd."),
  schedulable: z
    .boolean()
    .describe(
      "Whether ordinary pods may run on the control plane; true when left out and there are no worker pools. A change replaces its machines.",
    )
    .optional(),
  ...poolFields,
});

/** One pool of workers. */
export const workerPool = z.strictObject({
  name: objectName().describe("Name of the pool; hosts name it in their `pool`."),
  replicas: whole(0, mostMachines.pool).default(1).describe("Number of machines."),
  taints: z.array(taint).default([]).describe("Taints that every node of the pool keeps."),
  image: poolImage.describe("Image of the pool's machines, where it is not the stack's.").optional(),
  machines: z
    .strictObject(settingsOfMachines)
    .describe("What this pool's machines get after what all machines get; a file or flag given again wins.")
    .optional(),
  ...poolFields,
});

/** What machines get in addition to Kubernetes. */
export const machines = z.strictObject({
  ...settingsOfMachines,
  containerRuntime: z
    .enum(["containerd", "cri-o"])
    .default("containerd")
    .describe("The images' container runtime; its unit is enabled and started before kubeadm."),
  users: z
    .array(
      z.strictObject({
        name: filled("user name", "ops").describe("Login name."),
        sshAuthorizedKeys: z.array(z.string()).min(1).describe("Public SSH keys that may log in."),
        sudo: z.boolean().default(true).describe("Whether the user may become root without a password."),
      }),
    )
    .default([])
    .describe("Users on every machine, for the day when only a login helps."),
  registryMirrors: z
    .record(z.string(), z.array(z.string().min(1)).min(1))
    .default({})
    .describe("Registry name to mirror URLs, in order, such as quay.io: [https://mirror.example.com]."),
  proxy: z
    .strictObject({
      http: z.string().describe("Proxy URL for http.").optional(),
      https: z.string().describe("Proxy URL for https.").optional(),
      noProxy: z
        .array(z.string())
        .default([])
        .describe("Names and networks that are reached without it; the cluster's own are added."),
    })
    .describe("Proxy of the container runtime, of kubeadm, and of the control plane that it starts.")
    .optional(),
});

/** How long the program waits, in minutes. */
export const timeouts = z
  .strictObject({
    ready: whole(1, 1440)
      .meta({ unit: "minutes" })
      .default(120)
      .describe("Minutes from the first host to a ready cluster."),
    rollout: whole(1, 1440)
      .meta({ unit: "minutes" })
      .default(30)
      .describe("Minutes until Cilium is rolled out again after a change."),
    bgp: whole(1, 1440)
      .meta({ unit: "minutes" })
      .default(10)
      .describe("Minutes until all BGP sessions are established."),
    delete: whole(1, 1440)
      .meta({ unit: "minutes" })
      .default(90)
      .describe("Minutes until the cluster is gone and its hosts are released."),
  })
  .describe("How long each step may take.");

const releases = new Set([supportedVersions.cilium.default, ...supportedVersions.cilium.recorded]);

/** Cilium: version, datapath, and who owns it later. */
export const cilium = z.strictObject({
  version: plainVersion(...releases)
    .default(supportedVersions.cilium.default)
    .describe("Version of Cilium, without a v."),
  installedVersion: plainVersion(...new Set(["1.18.4", ...releases]))
    .describe(
      "Version that the cluster was first installed with, where that was an older minor: its defaults stay (Helm's upgradeCompatibility).",
    )
    .optional(),
  chartDirectory: z
    .string()
    .describe(
      "Unpacked chart to render instead of the one in the Cilium CLI: a folder of its own in the project, such as charts/cilium.",
    )
    .optional(),
  routingMode: z
    .enum(["native", "tunnel"])
    .default("native")
    .describe("native: the network routes pod addresses; tunnel: nodes wrap them."),
  tunnelProtocol: z
    .enum(["vxlan", "geneve"])
    .default("vxlan")
    .describe(
      "What packets are wrapped in: all between pods when routingMode is tunnel; with native routing those of the egress gateway and of direct server return by geneve.",
    ),
  autoDirectNodeRoutes: z
    .boolean()
    .default(true)
    .describe("Native routing: nodes of one L2 network install routes to each other's pods."),
  values: z.record(z.string(), z.unknown()).default({}).describe("Further Helm values; they win over ours."),
  lifecycle: z
    .enum(["bootstrap-only", "pulumi", "resource-set", "gitops"])
    .default("pulumi")
    .describe(
      "Who owns Cilium once the cluster is ready: none (bootstrap-only), this stack, the resource set, or Argo CD or Flux.",
    ),
});
