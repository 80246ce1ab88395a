import type { BareMetalHost } from "../../kubernetes/metal3";
import { poolLabel } from "../../kubernetes/labels";
import { claimantText, type Consumer, isKeptFor } from "../readiness/host-claim";
import { isOwnedBy, type LiveCluster, liveConsumer, liveMachines } from "../rollout/live-cluster";
import { fateOf, imageOf, isAdopted, serverOf, serverText } from "../rollout/server";
import type { Stack } from "../../stack/schema";
import { judged, type CheckResult, type Problem } from "./check-result";

/** Hosts of ours that the stack file no longer has: a free one is powered off, one in use must be free first. */
export function judgeLeavingHosts(stack: Stack, live: LiveCluster): CheckResult {
  const planned = new Set(stack.hosts.map(({ name }) => name));
  const leaving = live.hosts.filter(
    ({ metadata }) => !planned.has(metadata.name) && metadata.deletionTimestamp === undefined,
  );
  const problems = leaving
    .filter((host) => isOwnedBy(host, stack.name))
    .map((host) => {
      const consumer = liveConsumer(host, live, stack);
      switch (consumer?.is) {
        case "ours":
          return inUse(stack, host, live);
        case "foreign":
        case "unknown":
          return usedElsewhere(host, consumer, live);
        default:
          return runsAlone(stack, host) ? wiped(stack, host, live) : released(stack, host, live);
      }
    });
  return judged("no host leaves the inventory", problems);
}

/** Whether a host without a machine runs a system, or gets one, that Metal3 wipes when the host is deleted. */
function runsAlone({ name }: Stack, host: BareMetalHost): boolean {
  // Nothing is left to lose on a server that is being wiped, as one that is kept for reuse is first.
  if (host.status?.provisioning?.state === "deprovisioning" || isKeptFor(host, name)) return false;
  return fateOf(host, false) === "wiped and powered off";
}

/** By its claim, where one is left, or by the image that was set without a machine. */
function wiped(stack: Stack, host: BareMetalHost, { hardware }: LiveCluster): Problem {
  const { name } = host.metadata;
  const server = serverText(serverOf(host, hardware.get(name)));
  const [image, claimant] = [imageOf(host), claimantText(host)];
  const runs = image === undefined ? "is provisioned" : `has the image ${image}`;
  const machine = claimant === undefined ? "has no machine" : `${claimant}, which claims it, does not exist`;
  const end =
    claimant === undefined
      ? `remove its image (kubectl -n ${stack.management.namespace} edit baremetalhost ${name}: spec.image)`
      : `npm run metal -- recover host ${name} --stack ${stack.name}`;
  return {
    at: "hosts",
    problem: `${server} leaves the inventory and is wiped and powered off: it ${runs}, and ${machine}; what runs on it ends`,
    fix:
      `to keep that system: npm run metal -- detach ${name} --stack ${stack.name} before the host leaves the file (needs protect: false); ` +
      `to end it: keep the host, ${end}, and take it out once it is available`,
  };
}

/** A host that serves another cluster, or may: nothing of this stack is taken down for it. */
function usedElsewhere(
  host: BareMetalHost,
  consumer: Consumer & { readonly is: "foreign" | "unknown" },
  { hardware }: LiveCluster,
): Problem {
  const server = serverText(serverOf(host, hardware.get(host.metadata.name)));
  const leaves = `${server} leaves the inventory while it is claimed by`;
  if (consumer.is === "unknown") {
    return {
      at: "hosts",
      problem: `${leaves} ${claimantText(host) ?? ""}, and whose that is is not known: ${consumer.why}`,
      fix: `keep the host in the stack file until that can be read (list on metal3machines in namespace ${host.metadata.namespace ?? ""})`,
    };
  }
  const effect = {
    "wiped and powered off": "the server would be wiped under that cluster",
    "powered off": "the server would be powered off under that cluster",
    "left as it is": "that cluster would lose the host",
  }[fateOf(host, true)];
  return {
    at: "hosts",
    problem: `${leaves} ${claimantText(host, consumer.cluster) ?? ""}, which is not of this cluster: ${effect}`,
    fix: "keep the host in the stack file, or release it there first (scale that cluster down) and remove it once it is free",
  };
}

function released(stack: Stack, host: BareMetalHost, { hardware }: LiveCluster): Problem {
  const server = serverText(serverOf(host, hardware.get(host.metadata.name)));
  const fate = fateOf(host, false);
  const what =
    fate === "left as it is"
      ? "is forgotten as it is: it is detached, so it is neither powered off nor wiped"
      : isAdopted(host)
        ? `is powered off and forgotten, while its own system runs; its disks stay as they are (npm run metal -- detach ${host.metadata.name} leaves it running)`
        : fate === "wiped and powered off"
          ? "is powered off and forgotten once it is wiped, which has begun"
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

function inUse(stack: Stack, host: BareMetalHost, live: LiveCluster): Problem {
  const { name, labels } = host.metadata;
  const server = serverText(serverOf(host, live.hardware.get(name)));
  const machine = liveMachines(live, stack.name).find((each) => each.host?.metadata.name === name);
  const runs = machine?.name ?? host.spec?.consumerRef?.name ?? "";
  const pool = labels?.[poolLabel] ?? "its pool";
  return {
    at: "hosts",
    problem: `${server} leaves the inventory while machine ${runs} runs on it: ${fateOf(host, true) === "left as it is" ? "that machine would wait for it without end" : "the server would be wiped under a live node"}`,
    fix:
      `keep the host, mark its machine (kubectl -n ${stack.management.namespace} annotate machine ${runs} cluster.x-k8s.io/delete-machine=), ` +
      `lower the replicas of ${pool} by one, and remove the host when that is done`,
  };
}
