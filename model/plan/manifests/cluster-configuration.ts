import type { Stack } from "../../stack/schema";

type Component = Stack["kubernetes"]["apiServer"];

/** kubeadm's configuration of the control plane's components: what this program decides, then the user's arguments. */
export function clusterConfiguration(stack: Stack): Record<string, unknown> {
  const { endpoint, certificateNames, apiServer, controllerManager, scheduler, etcd } = stack.kubernetes;
  const ownSchedulerPart = component(scheduler, []);
  return {
    apiServer: {
      certSANs: [...new Set([endpoint.host, ...certificateNames])],
      ...component(apiServer, []),
    },
    controllerManager: component(controllerManager, nodeMasks(stack)),
    // v1beta2 refuses empty objects.
    ...(Object.keys(ownSchedulerPart).length === 0 ? {} : { scheduler: ownSchedulerPart }),
    ...(Object.keys(etcd.extraArgs).length === 0
      ? {}
      : { etcd: { local: { extraArgs: named(etcd.extraArgs) } } }),
  };
}

interface Argument {
  readonly name: string;
  readonly value: string;
}

function component({ extraArgs, extraVolumes }: Component, own: readonly Argument[]): object {
  const args = [...own, ...named(extraArgs)];
  return {
    ...(args.length === 0 ? {} : { extraArgs: args }),
    ...(extraVolumes.length === 0 ? {} : { extraVolumes }),
  };
}

function named(args: Readonly<Record<string, string>>): readonly Argument[] {
  return Object.entries(args).map(([name, value]) => ({ name, value }));
}

/** Flags that size each node's share of the pod networks; one flag per family, or the short one when there is one family. */
function nodeMasks(stack: Stack): readonly Argument[] {
  const { pods, podPrefixPerNode } = stack.network;
  return pods.map((cidr) => {
    const family = cidr.includes(":") ? "ipv6" : "ipv4";
    const name = pods.length === 1 ? "node-cidr-mask-size" : `node-cidr-mask-size-${family}`;
    return { name, value: String(podPrefixPerNode[family]) };
  });
}
