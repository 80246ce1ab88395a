import type { Stack } from "../../stack/schema";
import { type Check, defineCheck, duplicates } from "../check";

type Volume = Stack["kubernetes"]["apiServer"]["extraVolumes"][number];

/** A component of the control plane with its settings in the stack file. */
interface ComponentSettings {
  readonly name: "apiServer" | "controllerManager" | "scheduler" | "etcd";
  readonly extraArgs: Readonly<Record<string, string>>;
  readonly extraVolumes: readonly Volume[];
}

/** The components that take arguments, in the order of the stack file. */
export function componentsOf({ kubernetes }: Stack): readonly ComponentSettings[] {
  const { apiServer, controllerManager, scheduler, etcd } = kubernetes;
  return [
    { name: "apiServer", ...apiServer },
    { name: "controllerManager", ...controllerManager },
    { name: "scheduler", ...scheduler },
    { name: "etcd", extraVolumes: [], ...etcd },
  ];
}

/** Paths that kubeadm itself mounts into each component's container (kubeadm v1.36 phases/controlplane/volumes.go). */
const mountedByKubeadm: Readonly<Record<ComponentSettings["name"], readonly string[]>> = {
  apiServer: ["/etc/kubernetes/pki", "/etc/ssl/certs"],
  controllerManager: [
    "/etc/kubernetes/pki",
    "/etc/ssl/certs",
    "/etc/kubernetes/controller-manager.conf",
    "/usr/libexec/kubernetes/kubelet-plugins/volume/exec",
  ],
  scheduler: ["/etc/kubernetes/scheduler.conf"],
  etcd: ["/etc/kubernetes/pki/etcd", "/var/lib/etcd"],
};

const kubeadmSets = "kubeadm sets it for the files that it writes";

const podNetworks = "it follows network.pods and network.podPrefixPerNode";

/** Flags whose values the stack or kubeadm decides, with what to use instead. */
const reservedFlags: Readonly<
  Record<ComponentSettings["name"], readonly (readonly [flag: RegExp, why: string])[]>
> = {
  apiServer: [
    [/^advertise-address$/, "it is the node's own address"],
    [/^secure-port$/, "it is kubernetes.endpoint.port"],
    [/^service-cluster-ip-range$/, "it follows network.services"],
    [/^etcd-(servers|cafile|certfile|keyfile)$/, "each API server uses the etcd of its own machine"],
    [
      /^(client-ca-file|tls-cert-file|tls-private-key-file|kubelet-client-.*|proxy-client-.*-file|requestheader-.*)$/,
      kubeadmSets,
    ],
    [/^service-account-(key-file|signing-key-file)$/, kubeadmSets],
    [
      /^(allow-privileged|enable-bootstrap-token-auth)$/,
      "machines could not join, or run kube-vip, with another value",
    ],
  ],
  controllerManager: [
    [/^node-cidr-mask-size(-ipv[46])?$/, podNetworks],
    [/^(cluster-cidr|allocate-node-cidrs)$/, podNetworks],
    [/^service-cluster-ip-range$/, "it follows network.services"],
    [/^cluster-name$/, "it is the name of the stack"],
    [
      /^(kubeconfig|authentication-kubeconfig|authorization-kubeconfig|client-ca-file|root-ca-file|requestheader-client-ca-file|service-account-private-key-file|cluster-signing-(cert|key)-file)$/,
      kubeadmSets,
    ],
  ],
  scheduler: [[/^(kubeconfig|authentication-kubeconfig|authorization-kubeconfig)$/, kubeadmSets]],
  etcd: [
    [
      /^(name|data-dir|initial-cluster.*|initial-advertise-peer-urls)$/,
      "kubeadm uses it to make each machine a member",
    ],
    [/^(advertise-client-urls|listen-client-urls|listen-peer-urls)$/, "it is the node's own address"],
    [/^(cert-file|key-file|trusted-ca-file|client-cert-auth|peer-.*)$/, kubeadmSets],
  ],
};

/** Names of kubeadm's own volumes. */
const kubeadmVolumes = [
  "k8s-certs",
  "ca-certs",
  "etc-ca-certificates",
  "usr-share-ca-certificates",
  "usr-local-share-ca-certificates",
  "etc-pki-ca-trust",
  "etc-pki-tls-certs",
  "kubeconfig",
  "flexvolume-dir",
];

/** Checks of the arguments and volumes of the control plane's components. */
export const componentChecks: readonly Check[] = [
  defineCheck({
    id: "kubernetes/arguments-spelt",
    summary: "Control plane arguments are bare flag names.",
    why: "the component exits at a flag that it cannot parse, and the control plane never starts",
    run: (stack) =>
      componentsOf(stack).flatMap(({ name: component, extraArgs }) =>
        Object.keys(extraArgs)
          .filter((flag) => !/^[a-z0-9]+([-.][a-z0-9]+)*$/.test(flag))
          .map((flag) => ({
            at: `kubernetes.${component}.extraArgs.${flag}`,
            problem: `"${flag}" is not the bare name of a flag`,
            fix: `write ${flag.replace(/=.*$/, "").replace(/^-+/, "").replace(/_/g, "-").toLowerCase()}`,
          })),
      ),
  }),
  defineCheck({
    id: "kubernetes/arguments-free",
    summary: "No argument overrides a flag that the stack or kubeadm sets.",
    why: "the flag would replace the one that the rest of the stack relies on: machines do not join, or pods get other addresses than Cilium and the routers expect",
    acceptable: false,
    run: (stack) =>
      componentsOf(stack).flatMap(({ name: component, extraArgs }) =>
        Object.keys(extraArgs).flatMap((flag) => {
          const reason = reservedFlags[component].find(([form]) => form.test(flag))?.[1];
          if (reason === undefined) return [];
          return {
            at: `kubernetes.${component}.extraArgs.${flag}`,
            problem: `"${flag}" is reserved: ${reason}`,
            fix: "remove it",
          };
        }),
      ),
  }),
  defineCheck({
    id: "kubernetes/argument-files-mounted",
    summary: "Files named by control plane arguments are mounted into the component's container.",
    why: "a component sees only mounted paths: a file that it reads is missing there, and the control plane never starts; a log that it writes is lost with the container",
    severity: "warning",
    run: (stack) =>
      componentsOf(stack).flatMap(({ name: component, extraArgs, extraVolumes }) =>
        Object.entries(extraArgs).flatMap(([flag, value]) => {
          const seen = [...mountedByKubeadm[component], ...extraVolumes.map(({ mountPath }) => mountPath)];
          if (!/^\/[^,\s]+$/.test(value) || seen.some((path) => isBelow(value, path))) return [];
          return {
            at: `kubernetes.${component}.extraArgs.${flag}`,
            problem: `"${value}" is not mounted into the container of ${component}`,
            fix:
              component === "etcd"
                ? "choose a path below /var/lib/etcd"
                : `add it, or its folder, to kubernetes.${component}.extraVolumes${/log-path$/.test(flag) ? ", with readOnly: false" : ""}`,
          };
        }),
      ),
  }),
  defineCheck({
    id: "kubernetes/volumes-unique",
    summary: "Control plane volumes have distinct names and mount paths, different from kubeadm's own.",
    why: "the kubelet refuses a pod with a duplicate volume name or mount path, and the component never starts",
    run: (stack) =>
      componentsOf(stack).flatMap(({ name: component, extraVolumes }) => {
        const volumes = extraVolumes.map((volume, i) => ({
          ...volume,
          at: `kubernetes.${component}.extraVolumes[${i}]`,
        }));
        return [
          ...(["name", "mountPath"] as const).flatMap((key) =>
            duplicates(
              volumes.map((volume) => ({ at: `${volume.at}.${key}`, text: volume[key] })),
              "give each volume its own name and mount path",
            ),
          ),
          ...volumes
            .filter(
              ({ name, mountPath }) =>
                kubeadmVolumes.includes(name) || mountedByKubeadm[component].includes(mountPath),
            )
            .map(({ at, name, mountPath }) => ({
              at,
              problem: `${name} at ${mountPath} is one of kubeadm's own volumes`,
              fix: "choose another name and mount path",
            })),
        ];
      }),
  }),
];

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder.replace(/\/+$/, "")}/`);
}
