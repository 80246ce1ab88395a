import type { Stack } from "../../config/schema";

type Volume = Stack["kubernetes"]["apiServer"]["extraVolumes"][number];

/** A component of the control plane with the user's settings of it. */
export interface ComponentSettings {
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

/** Paths below which every such container sees files without a volume of the user's (kubeadm v1.36 phases/controlplane/volumes.go). */
export const mountedByKubeadm: Readonly<Record<ComponentSettings["name"], readonly string[]>> = {
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
