import { z } from "zod";
import {
  absolutePath,
  address,
  domainName,
  filled,
  imageReference,
  kubernetesVersion,
  objectName,
  secretText,
  stringMap,
  whole,
} from "./primitives";
import { defaultKubeVipImage } from "./supported-versions";

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

const patch = z.strictObject({
  target: z
    .enum(["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"])
    .describe("Which static pod."),
  type: z
    .enum(["strategic", "merge", "json"])
    .default("strategic")
    .describe("strategic: as kubectl patch does, lists are merged by name; merge: RFC 7386; json: RFC 6902."),
  patch: z
    .union([z.record(z.string(), z.unknown()), z.array(z.unknown())])
    .describe("The patch: a part of a Pod, or a list of JSON patch operations; no secrets."),
});

const encryption = z.strictObject({
  resources: z
    .array(filled("resource", "secrets"))
    .min(1)
    .default(["secrets"])
    .describe("What is encrypted, such as secrets, configmaps or widgets.example.com."),
  algorithm: z
    .enum(["secretbox", "aescbc"])
    .default("secretbox")
    .describe("secretbox (XSalsa20 and Poly1305) or aescbc; each key has 32 bytes."),
  keys: z
    .array(
      z.strictObject({
        name: objectName().describe("Name of the key; another key has another name."),
        secret: secretText().describe("The key: 32 bytes in base64 (head -c 32 /dev/urandom | base64)."),
      }),
    )
    .min(1)
    .describe("The first key encrypts, all of them decrypt (docs/operations.md explains the rotation)."),
  decryptOnly: z
    .boolean()
    .default(false)
    .describe(
      "true: the keys only read what is encrypted: the step before encryption begins, and before it ends.",
    ),
});

const authority = (of: string) =>
  z
    .strictObject({
      certificate: filled("certificate in PEM", "-----BEGIN CERTIFICATE-----").describe(
        "The authority's certificate in PEM; one that another one issued comes first, then its issuers.",
      ),
      privateKey: secretText().describe("Its private key in PEM, encrypted in the stack file."),
    })
    .describe(`The authority ${of}.`)
    .optional();

const certificates = z.strictObject({
  cluster: authority("of the API server and of all kubelets and users"),
  etcd: authority("of etcd's members and clients"),
  frontProxy: authority("of the front proxy, by which the API server identifies itself to aggregated APIs"),
  serviceAccount: z
    .strictObject({
      publicKey: filled("public key in PEM", "-----BEGIN PUBLIC KEY-----").describe(
        "The public key in PEM, with which tokens are verified.",
      ),
      privateKey: secretText().describe("The private key in PEM, encrypted in the stack file."),
    })
    .describe("The key pair that signs tokens of service accounts.")
    .optional(),
});

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
          "kube-vip: a static pod on each control plane machine, by ARP, or by BGP with bgp.endpoint; external: a load balancer of yours.",
        ),
      interface: z
        .string()
        .min(1)
        .describe("Interface on which kube-vip announces the address by ARP.")
        .optional(),
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
  patches: z
    .array(patch)
    .default([])
    .describe(
      "Patches of the static pods that kubeadm writes on control plane machines, for what arguments and volumes cannot express.",
    ),
  encryption: encryption
    .describe("Encryption at rest: what the API server writes into etcd; left out: nothing is encrypted.")
    .optional(),
  certificates: certificates
    .prefault({})
    .describe(
      "Certificate authorities of your own, which a cluster keeps for its whole life; Cluster API makes those that are left out.",
    ),
});
