import { clusterNameLabel } from "../../kubernetes/labels";
import type { BareMetalHost } from "../../kubernetes/metal3";
import type { Explained, Finding } from "../../findings/finding";
import type { Stack } from "../../stack/schema";
import { condition } from "../../kubernetes/condition";
import { hostError } from "../readiness/host-state";
import { plainText } from "../../redaction/shown";

import { addressPoolName } from "../../plan/manifests/metal3";
import { type Consumer, claimantText } from "../readiness/host-claim";
import { type LiveCluster, isOwnedBy, liveConsumer, liveMachines } from "../rollout/live-cluster";
import { type Fate, type Server, fateOf, isDetached, serverOf } from "../rollout/server";

/** What must hold for a destroy that comes to its end by itself. */
export const destroyRules: readonly Explained[] = [
  {
    id: "destroy/protection-lifted",
    summary: "The cluster is no longer protected.",
    why: "the engine refuses to delete protected resources, and nothing else happens",
  },
  {
    id: "destroy/cluster-reconciled",
    summary: "Cluster API reconciles the Cluster.",
    why: "Cluster API does not delete objects of a paused Cluster, and the destroy waits until its timeout",
  },
  {
    id: "destroy/hosts-own",
    summary: "No host of the stack serves another cluster.",
    why: "a destroy deletes every host of the stack, and Metal3 then wipes the server under that cluster",
  },
  {
    id: "destroy/hosts-answer",
    summary: "The BMCs of all hosts answer.",
    why: "Metal3 does not release a host that it could not wipe, and the Cluster waits for its machines",
  },
  {
    id: "destroy/order-kept",
    summary: "Machines are deleted before their Cluster.",
    why: "Metal3 does not release a machine without its Cluster, so finalizers have to be removed by hand",
  },
  {
    id: "destroy/addresses-unclaimed",
    summary: "No other claim uses the address pools.",
    why: "Metal3 keeps an address pool while it has claims, and the destroy waits for the pool",
  },
  {
    id: "destroy/workload-answers",
    summary: "The workload cluster answers.",
    why: "the nodes are no longer drained; this does not block the destroy",
  },
];

/** What happens to one server when its stack is destroyed. */
interface ServerFate {
  readonly server: Server;
  readonly state: string;
  /** Of this cluster. */
  readonly machine?: string;
  /** What else claims the server, `Metal3Machine capi-1/other-md-0-x of cluster "other"`. */
  readonly claimedBy?: string;
  readonly fate: Fate;
}

/** What `pulumi destroy` would do, in its order, and what would hold it up. */
export interface DestroyPlan {
  readonly machines: number;
  readonly servers: readonly ServerFate[];
  /** `Kind name` of objects in the namespace that belong to others and stay. */
  readonly others: readonly string[];
  readonly findings: readonly Finding[];
}

/** Judges a stack that is about to be destroyed. */
export function destroyPlan(stack: Stack, live: LiveCluster): DestroyPlan {
  const machines = liveMachines(live, stack.name);
  const own = live.hosts.filter((host) => isOwnedBy(host, stack.name));
  const servers = own.map((host): ServerFate => {
    const name = host.metadata.name;
    const consumer = liveConsumer(host, live, stack);
    const machine = machines.find((each) => each.host?.metadata.name === name);
    return {
      server: serverOf(host, live.hardware.get(name)),
      state: host.status?.provisioning?.state ?? "",
      ...holder(host, consumer, machine?.name),
      fate: fateOf(host, mayServe(consumer)),
    };
  });
  const all = [...live.machineDeployments, ...live.hosts, ...live.clusters];
  return {
    machines: machines.length,
    servers,
    others: all
      .filter((object) => !isOwnedBy(object, stack.name))
      .map(({ kind, metadata }) => `${kind} ${metadata.name}`),
    findings: [
      ...protection(stack),
      ...order(live, machines.length),
      ...own.flatMap((host) => hanging(host, liveConsumer(host, live, stack))),
      ...foreignClaims(stack, live),
    ],
  };
}

function holder(
  host: BareMetalHost,
  consumer: Consumer | undefined,
  machine: string | undefined,
): Pick<ServerFate, "machine" | "claimedBy"> {
  if (consumer === undefined) return {};
  if (consumer.is === "ours") return { machine: machine ?? host.spec?.consumerRef?.name ?? "" };
  const claimant = claimantText(host, consumer.is === "foreign" ? consumer.cluster : undefined) ?? "";
  return { claimedBy: consumer.is === "absent" ? `${claimant}, which does not exist` : claimant };
}

/** Whether a host has a consumer that exists, or may exist. */
function mayServe(consumer: Consumer | undefined): boolean {
  return consumer !== undefined && consumer.is !== "absent";
}

/** A server that another cluster runs on would be wiped under it, as the destroy of this stack deletes the host. */
function foreign(host: BareMetalHost, cluster: string | undefined): Finding {
  const { name } = host.metadata;
  const claimed = `${name} is claimed by ${claimantText(host, cluster) ?? ""}`;
  const outcome = {
    "wiped and powered off": "a destroy would wipe that server and power it off",
    "powered off": "a destroy would power that server off",
    "left as it is": "a destroy would delete the host that it needs",
  }[fateOf(host, true)];
  return {
    id: "destroy/hosts-own",
    severity: "error",
    at: "",
    problem: `${claimed}, which is not of this cluster: ${outcome}`,
    fix: "release it there first (scale that cluster down), and destroy this stack once the host is free",
  };
}

function protection({ protect }: Stack): readonly Finding[] {
  if (!protect) return [];
  return [
    {
      id: "destroy/protection-lifted",
      severity: "error",
      at: "protect",
      problem: "the stack is protected: pulumi destroy refuses the Cluster and every host",
      fix: "write protect: false, run pulumi up, then pulumi destroy",
    },
  ];
}

/** Claims of this stack's pool that go with none of its machines. */
function foreignClaims(stack: Stack, { addressClaims }: LiveCluster): readonly Finding[] {
  return addressClaims
    .filter((claim) => claim.spec?.pool?.name === addressPoolName(stack))
    .filter(({ metadata }) => metadata.labels?.[clusterNameLabel] !== stack.name)
    .map(({ metadata }) => ({
      id: "destroy/addresses-unclaimed",
      severity: "error" as const,
      at: "network.addressPool",
      problem: `IPClaim ${metadata.name} is no machine's of this stack and holds an address of its pool, so the destroy waits for it`,
      fix: `remove it where it was made, or: kubectl -n ${stack.management.namespace} delete ipclaim ${metadata.name}`,
    }));
}

function order(live: LiveCluster, machines: number): readonly Finding[] {
  const { cluster } = live;
  if (cluster === undefined && machines > 0) {
    return [
      {
        id: "destroy/order-kept",
        severity: "error",
        at: "",
        problem: `the Cluster is gone and ${machines} of its machines are left: Metal3 never lets them go without it`,
        fix: "detach their hosts (npm run metal -- detach --all), then remove the finalizers of the Metal3Machines by hand",
      },
    ];
  }
  if (cluster === undefined) return [];
  const paused: Finding = {
    id: "destroy/cluster-reconciled",
    severity: "error",
    at: "",
    problem: "the Cluster is paused, and Cluster API deletes nothing of a paused Cluster",
    fix: "end the pause: kubectl patch cluster, spec.paused: false",
  };
  const probe = condition(cluster, "RemoteConnectionProbe");
  const silent: Finding = {
    id: "destroy/workload-answers",
    severity: "warning",
    at: "",
    problem: `the cluster's own API does not answer (${plainText(probe?.message ?? "")}); that holds nothing up: what is inside goes with it`,
    fix: "nothing; if a provider still stops at it, PULUMI_K8S_DELETE_UNREACHABLE=true pulumi destroy forgets what is inside",
  };
  return [...(cluster.spec?.paused === true ? [paused] : []), ...(probe?.status === "False" ? [silent] : [])];
}

/** Metal3 retries indefinitely for a host that it cannot reach or must not touch; the Cluster waits for that. */
function hanging(host: BareMetalHost, consumer: Consumer | undefined): readonly Finding[] {
  if (consumer?.is === "foreign") return [foreign(host, consumer.cluster)];
  const { name, annotations = {} } = host.metadata;
  const about = { id: "destroy/hosts-answer", severity: "error" as const, at: "" };
  const wayOut = `or give it up as it is: npm run metal -- detach ${name} (its disks stay as they are, and its power as well)`;
  if (annotations["baremetalhost.metal3.io/paused"] !== undefined) {
    const fix = `kubectl annotate baremetalhost ${name} baremetalhost.metal3.io/paused-`;
    return [{ ...about, problem: `${name} is paused, so it is neither wiped nor deleted`, fix }];
  }
  if (consumer?.is === "unknown") {
    const problem = `whether ${name} serves this cluster is not known: ${consumer.why}`;
    const fix = `grant list on metal3machines in namespace ${host.metadata.namespace ?? ""}, then run this again`;
    return [{ ...about, id: "destroy/hosts-own", problem, fix }];
  }
  if (isDetached(host) && consumer?.is === "ours") {
    const problem = `${name} is detached while a machine holds it; that machine waits for a wipe that never comes`;
    return [{ ...about, problem, fix: "npm run metal -- detach --all takes such hosts away first" }];
  }
  const error = hostError(host);
  if (fateOf(host, mayServe(consumer)) !== "wiped and powered off") return [];
  if (error === undefined && host.status?.provisioning?.state === "deprovisioning") {
    const since = host.status.operationHistory?.deprovision?.start ?? "a moment that is not said";
    const problem = `${name} is being wiped, since ${since}; the destroy waits for it, without end if its BMC hangs`;
    return [{ ...about, severity: "warning", problem, fix: `wait, reset the BMC if it hangs, ${wayOut}` }];
  }
  if (error === undefined) return [];
  const problem = `${name} has a ${error.type} (${plainText(error.message)}); while its BMC does not answer, the destroy waits for it`;
  return [{ ...about, problem, fix: `repair the BMC or its login, ${wayOut}` }];
}
