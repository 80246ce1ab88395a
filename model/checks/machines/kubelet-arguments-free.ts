import { defineCheck } from "../check";
import { ofEachMachines } from "./each-machines";

/** Flags that this program or kubeadm sets; a flag given again replaces theirs. */
const taken: Readonly<Record<string, string>> = {
  "node-labels": "Metal3 finds the node by a label in it; use labels of controlPlane and workers",
  "node-ip": "it differs on every machine; use hosts[].address or network.addressPool",
  "hostname-override": "the node is named after its machine",
  "provider-id": "Metal3 sets it, and a machine that brings its own is never ready",
  "register-with-taints": "use taints of workers",
  "register-node": "a machine that does not register is never ready",
  "cloud-provider": "nobody would take the taint away that it brings",
  kubeconfig: "kubeadm sets it",
  "bootstrap-kubeconfig": "kubeadm sets it",
  config: "kubeadm sets it",
  "config-dir": "kubeadm's configuration would no longer be the kubelet's",
  "pod-manifest-path": "kubeadm puts the control plane there",
};

export const kubeletArgumentsFree = defineCheck({
  id: "machines/kubelet-arguments-free",
  why: "the flag would replace the one that lets Cluster API find the node, and no machine becomes ready",
  acceptable: false,
  run: ofEachMachines(({ machines }) =>
    Object.keys(machines.kubeletArguments).flatMap((name) => {
      const reason = taken[name];
      if (reason === undefined) return [];
      return [
        {
          at: `machines.kubeletArguments.${name}`,
          problem: `"${name}" is not free: ${reason}`,
          fix: "remove it",
        },
      ];
    }),
  ),
});
