import { z } from "zod";
import { absolutePath, address, kubernetesVersion, objectName, stringMap, whole } from "./primitives";

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
    .describe("Let a preview go on, with a warning, when the management cluster cannot be reached."),
});

/** Kubernetes itself, and the address under which its API answers. */
export const kubernetes = z.strictObject({
  version: kubernetesVersion().describe("Kubernetes version of all machines; the image must hold the same."),
  endpoint: z.strictObject({
    host: address().describe("Virtual address of the control plane."),
    port: whole(1, 65535).default(6443),
    provider: z
      .enum(["kube-vip", "external"])
      .default("kube-vip")
      .describe("kube-vip: a static pod on each control plane machine; external: a load balancer of yours."),
    interface: z.string().min(1).describe("Interface on which kube-vip announces the address.").optional(),
    kubeVipImage: z.string().default("ghcr.io/kube-vip/kube-vip:v1.0.1"),
  }),
  certificateNames: z
    .array(z.string())
    .default([])
    .describe("Further names in the API server's certificate."),
});

/** The system image that is written to the disks. */
export const image = z.strictObject({
  url: z.string().min(1).describe("Where the provisioner fetches the image."),
  checksum: z.string().min(1).describe("The checksum, or the URL of a file with it."),
  checksumType: z.enum(["md5", "sha256", "sha512"]).default("sha256"),
  format: z.enum(["raw", "qcow2", "vdi", "vmdk"]).default("qcow2"),
  cniBinaryPath: z
    .string()
    .default("/opt/cni/bin")
    .describe("Where the image's container runtime looks for CNI binaries; Fedora images: /var/lib/cni/bin."),
});

const healthCheck = z.strictObject({
  enabled: z.boolean().default(true),
  nodeStartupTimeoutSeconds: whole(0, 86_400)
    .default(7200)
    .describe("How long a machine may take to become a node; far above a real provision (0: for ever)."),
  unhealthyAfterSeconds: whole(60, 86_400).default(600).describe("How long a node may be not ready."),
  maxUnhealthy: z
    .string()
    .default("40%")
    .describe("No remediation when more machines than this are unhealthy."),
  reboots: whole(0, 10).default(1).describe("Reboots before a machine is replaced."),
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
  key: z.string().min(1),
  value: z.string().optional(),
  effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]),
});

const poolFields = {
  labels: stringMap().default({}).describe("Labels of the nodes."),
  healthCheck: healthCheck.prefault({}),
  rollout: rollout.prefault({}),
  nodeReuse: z
    .boolean()
    .default(false)
    .describe("Upgrades keep each machine on its own host (needs no-spare rollout)."),
  drainTimeoutSeconds: whole(0, 86_400).default(900),
};

/** The control plane machines. */
export const controlPlane = z.strictObject({
  replicas: whole(1, 9).default(3),
  ...poolFields,
});

/** One pool of workers. */
export const workerPool = z.strictObject({
  name: objectName(),
  replicas: whole(0, 5000).default(1),
  taints: z.array(taint).default([]),
  ...poolFields,
});

const fileOnDisk = z.strictObject({
  path: absolutePath(),
  content: z.string(),
  permissions: z.string().default("0644"),
  owner: z.string().default("root:root"),
});

/** What goes onto the machines beside Kubernetes. */
export const machines = z.strictObject({
  files: z.array(fileOnDisk).default([]),
  preKubeadmCommands: z.array(z.string()).default([]),
  postKubeadmCommands: z.array(z.string()).default([]),
  kubeletArguments: stringMap().default({}).describe("Further kubelet flags, without the dashes."),
  users: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        sshAuthorizedKeys: z.array(z.string()).min(1),
        sudo: z.boolean().default(true),
      }),
    )
    .default([]),
  registryMirrors: z
    .record(z.string(), z.array(z.string().min(1)).min(1))
    .default({})
    .describe("Registry name to mirror URLs, in order, such as quay.io: [https://mirror.example.com]."),
  proxy: z
    .strictObject({
      http: z.string().optional(),
      https: z.string().optional(),
      noProxy: z.array(z.string()).default([]),
    })
    .optional(),
});

/** How long the program waits, in minutes. */
export const timeouts = z
  .strictObject({
    ready: whole(1, 1440).default(120).describe("From the first host to a ready cluster."),
    rollout: whole(1, 1440).default(30).describe("Cilium rolled out again after a change."),
    bgp: whole(1, 1440).default(10).describe("All BGP sessions established."),
    delete: whole(1, 1440).default(90).describe("The cluster gone and its hosts released."),
  })
  .describe("Minutes.");
