import { defineCheck } from "../check";
import { type ComponentSettings, componentsOf } from "./components";

const kubeadmSets = "kubeadm sets it for the files that it writes";
const podNetworks = "it follows network.pods and network.podPrefixPerNode";

/** Flags whose values the stack or kubeadm decides, with what to use instead. */
const taken: Readonly<Record<ComponentSettings["name"], readonly (readonly [flag: RegExp, why: string])[]>> =
  {
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
        "machines could not join, or run kube-vip, without it",
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
        "kubeadm makes each machine a member by it",
      ],
      [/^(advertise-client-urls|listen-client-urls|listen-peer-urls)$/, "it is the node's own address"],
      [/^(cert-file|key-file|trusted-ca-file|client-cert-auth|peer-.*)$/, kubeadmSets],
    ],
  };

export const argumentsFree = defineCheck({
  id: "kubernetes/arguments-free",
  why: "the flag would replace the one that the rest of the stack relies on: machines do not join, or pods get other addresses than Cilium and the routers expect",
  acceptable: false,
  run: (stack) =>
    componentsOf(stack).flatMap(({ name: component, extraArgs }) =>
      Object.keys(extraArgs).flatMap((flag) => {
        const reason = taken[component].find(([form]) => form.test(flag))?.[1];
        if (reason === undefined) return [];
        return [
          {
            at: `kubernetes.${component}.extraArgs.${flag}`,
            problem: `"${flag}" is not free: ${reason}`,
            fix: "remove it",
          },
        ];
      }),
    ),
});
