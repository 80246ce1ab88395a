import type { Stack } from "../../stack/schema";

/** What kubeadm and systemd call the container runtime of an image. */
export interface ContainerRuntime {
  /** Name of its systemd unit. */
  readonly unit: string;
  /** The socket that kubeadm uses; undefined where kubeadm finds it by itself. */
  readonly socket?: string;
}

const runtimes: Readonly<Record<Stack["machines"]["containerRuntime"], ContainerRuntime>> = {
  containerd: { unit: "containerd" },
  "cri-o": { unit: "crio", socket: "unix:///var/run/crio/crio.sock" },
};

/** The container runtime of the stack's images. */
export function containerRuntimeOf({ machines }: Stack): ContainerRuntime {
  return runtimes[machines.containerRuntime];
}

/** Names and networks that machines reach without the proxy: the cluster's own, then the user's. */
export function withoutProxy(stack: Stack): readonly string[] {
  const { network, kubernetes, machines } = stack;
  return [
    "127.0.0.1",
    "localhost",
    network.nodes,
    ...(network.secondary === undefined ? [] : [network.secondary.nodes]),
    ...network.pods,
    ...network.services,
    kubernetes.endpoint.host,
    // The API server calls webhooks by the names of their services.
    ".svc",
    `.${network.serviceDomain}`,
    ...(machines.proxy?.noProxy ?? []),
  ];
}

/** The proxy as environment variables; empty without one. */
export function proxyEnvironment(stack: Stack): readonly (readonly [name: string, value: string])[] {
  const { proxy } = stack.machines;
  if (proxy === undefined) return [];
  return [
    ...(proxy.http === undefined ? [] : [["HTTP_PROXY", proxy.http] as const]),
    ...(proxy.https === undefined ? [] : [["HTTPS_PROXY", proxy.https] as const]),
    ["NO_PROXY", withoutProxy(stack).join(",")],
  ];
}

/**
 * Commands that make the runtime run with its proxy before kubeadm needs it, and again after a reboot: systemd reads a
 * drop-in on daemon-reload only, and a process its environment at its start. All commands of cloud-init's runcmd are one shell
 * script, kubeadm's among them, so what is exported here is in kubeadm's environment, and kubeadm hands it on to the
 * control plane's pods (kubeadm v1.36 app/util/env.go).
 */
export function startRuntime(stack: Stack): readonly string[] {
  const { unit } = containerRuntimeOf(stack);
  const environment = proxyEnvironment(stack);
  const enable = ["systemctl enable kubelet", `systemctl enable --now ${unit}`];
  if (environment.length === 0) return enable;
  return [
    ...environment.map(([name, value]) => `export ${name}=${shellWord(value)}`),
    "systemctl daemon-reload",
    ...enable,
    `systemctl restart ${unit}`,
  ];
}

function shellWord(text: string): string {
  return `'${text.replace(/'/g, `'\\''`)}'`;
}
