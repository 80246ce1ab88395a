import { defineCheck } from "../check";
import { ofEachMachines } from "./each-machines";

/** What cloud-init, Cluster API and kubeadm write themselves; kubeadm's preflight refuses manifests that are there already. */
const kubeadms = [
  /^\/run\/(kubeadm|cluster-api)(\/|$)/,
  /^\/etc\/kubernetes\/manifests\/(kube-apiserver|kube-controller-manager|kube-scheduler|etcd)\.ya?ml$/,
  /^\/etc\/kubernetes\/[^/]+\.conf$/,
  /^\/var\/lib\/kubelet\/(config\.yaml|kubeadm-flags\.env)$/,
];

export const filesNotKubeadms = defineCheck({
  id: "machines/files-not-kubeadms",
  why: "kubeadm refuses to start where its files exist, or overwrites them",
  acceptable: false,
  run: ofEachMachines(({ machines }) =>
    machines.files.flatMap(({ path }, i) =>
      kubeadms.some((pattern) => pattern.test(path))
        ? [
            {
              at: `machines.files[${i}].path`,
              problem: `"${path}" is written by kubeadm or Cluster API`,
              fix: "remove it; kubelet flags go to machines.kubeletArguments",
            },
          ]
        : [],
    ),
  ),
});
