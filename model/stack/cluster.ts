import { z } from "zod";
import { absolutePath, filled, objectName, plainVersion, secretText, stringMap, whole } from "./primitives";
import { supportedVersions } from "./supported-versions";

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

/** A file on machines whose content is a secret. */
export const secretFile = z.strictObject({
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

/** Users with SSH keys on machines. */
export const users = (of: string) =>
  z
    .array(
      z.strictObject({
        name: filled("user name", "ops").describe("Login name."),
        sshAuthorizedKeys: z.array(z.string()).min(1).describe("Public SSH keys that may log in."),
        sudo: z.boolean().default(true).describe("Whether the user may become root without a password."),
      }),
    )
    .default([])
    .describe(`Users on ${of}, for the day when only a login helps.`);

/** What all machines, or those of one pool, get in addition to Kubernetes. */
export const settingsOfMachines = {
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

/** What machines get in addition to Kubernetes. */
export const machines = z.strictObject({
  ...settingsOfMachines,
  containerRuntime: z
    .enum(["containerd", "cri-o"])
    .default("containerd")
    .describe("The images' container runtime; its unit is enabled and started before kubeadm."),
  users: users("every machine"),
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
