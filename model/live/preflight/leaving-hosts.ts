import type { Stack } from "../../stack/schema";
import type { KubernetesObject } from "../../kubernetes/object";
import { poolLabel } from "../../kubernetes/labels";
import { holderOf } from "../readiness/host-claim";
import { type LiveCluster, isOwnedBy, liveMachines } from "../rollout/live-cluster";
import { isDetached, serverOf, serverText } from "../rollout/server";
import { type Judgement, type Objection, judged } from "./judgement";

/** Hosts of ours that the stack file no longer has: a free one is powered off, one in use must be free first. */
export function judgeLeavingHosts(stack: Stack, live: LiveCluster): Judgement {
  const planned = new Set(stack.hosts.map(({ name }) => name));
  const leaving = live.hosts.filter(
    ({ metadata }) => !planned.has(metadata.name) && metadata.deletionTimestamp === undefined,
  );
  const objections = leaving
    .filter((host) => isOwnedBy(host, stack.name))
    .map((host) =>
      holderOf(host, stack.name) === undefined ? released(stack, host, live) : inUse(stack, host, live),
    );
  return judged("no host leaves the inventory", objections);
}

function released(stack: Stack, host: KubernetesObject, { hardware }: LiveCluster): Objection {
  const server = serverText(serverOf(host, hardware.get(host.metadata.name)));
  const what = isDetached(host)
    ? "is forgotten as it is: it is detached, so it is neither powered off nor wiped"
    : "is powered off and forgotten; what its machine left on its disks is wiped already";
  return {
    severity: "warning",
    at: "hosts",
    problem: `${server} leaves the inventory and ${what}`,
    fix: stack.protect
      ? "the stack is protected, so Pulumi will refuse: write protect: false in an update before, or put the host back"
      : "nothing, if that is meant; else put the host back into the stack file",
  };
}

function inUse(stack: Stack, host: KubernetesObject, live: LiveCluster): Objection {
  const { name, labels } = host.metadata;
  const server = serverText(serverOf(host, live.hardware.get(name)));
  const machine = liveMachines(live, stack.name).find((each) => each.host?.metadata.name === name);
  const runs = machine === undefined ? (holderOf(host, stack.name) ?? "") : machine.name;
  const pool = labels?.[poolLabel] ?? "its pool";
  return {
    at: "hosts",
    problem: `${server} leaves the inventory while machine ${runs} runs on it: ${isDetached(host) ? "that machine would wait for it for ever" : "the server would be wiped under a live node"}`,
    fix:
      `keep the host, mark its machine (kubectl -n ${stack.management.namespace} annotate machine ${runs} cluster.x-k8s.io/delete-machine=), ` +
      `lower the replicas of ${pool} by one, and remove the host when that is done`,
  };
}
