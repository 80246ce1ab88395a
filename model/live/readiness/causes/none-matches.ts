import { type KubernetesObject, field, selects } from "../../../kubernetes/object";
import { poolLabel } from "../../../kubernetes/labels";
import { type ClusterSituation, clusterRule } from "../cause";
import { conditions } from "../../../kubernetes/condition";
import { claimOf, isKeptFor, keptForOtherPool, unhealthyMarks } from "../host-claim";
import { allManaged, managed } from "../observation";

/** A machine waits for a host, and no host can ever become the one it waits for. */
export const noneMatches = clusterRule({
  id: "hosts/none-matches",
  why: "Neither an available host nor one on its way carries the labels that the machine asks for.",
  // Hosts and machines arrive through different watches, and a label may be written a moment after the host.
  graceSeconds: 30,
  find(situation) {
    const { observation, plan } = situation;
    if (observation.management.objects.hosts === undefined) return [];
    return allManaged(observation, "metal3Machines").flatMap((machine) => {
      const says = waitsForHost(machine);
      if (says === undefined || candidates(situation, machine).length > 0) return [];
      return [
        {
          object: `Metal3Machine/${machine.metadata.name}`,
          who: plan.cluster,
          problem: `no host can serve machine ${machine.metadata.name}`,
          evidence: `"${says}"; selector ${selectorText(machine)}; ${refusals(situation, machine)}`,
          fix: "add a host of that pool to the stack file, lower the replicas, or free a host",
        },
      ];
    });
  },
});

function waitsForHost(machine: KubernetesObject): string | undefined {
  if (machine.metadata.deletionTimestamp !== undefined) return undefined;
  const found = conditions(machine).find(
    (entry) => entry.status !== "True" && /no available host/i.test(`${entry.message} ${entry.reason}`),
  );
  return found?.message;
}

/** Hosts that are, or may become, free for that machine. One in error counts: it has rules of its own. */
function candidates(situation: ClusterSituation, machine: KubernetesObject): readonly KubernetesObject[] {
  return allManaged(situation.observation, "hosts").filter(
    (host) => refusal(situation, machine, host) === undefined,
  );
}

function refusal(
  situation: ClusterSituation,
  machine: KubernetesObject,
  host: KubernetesObject,
): string | undefined {
  if (!selects(field(machine, "spec", "hostSelector"), host.metadata.labels)) return "other labels";
  if (host.metadata.deletionTimestamp !== undefined) return "being deleted";
  if (isTaken(situation, machine, host)) return `taken by ${claimOf(host)?.name ?? "another"}`;
  if (unhealthyMarks(host).length > 0) return "marked unhealthy";
  const pool = host.metadata.labels?.[poolLabel];
  const kept = keptForOtherPool(host, situation.plan.cluster, pool ?? "");
  if (pool !== undefined && kept !== undefined) return `kept for ${kept}`;
  if (field(host, "spec", "externallyProvisioned") === true) return "externally provisioned";
  return undefined;
}

/** Taken for good: by something else than this machine, and not by one that is on its way out or not known to us. */
function isTaken(situation: ClusterSituation, machine: KubernetesObject, host: KubernetesObject): boolean {
  const claim = claimOf(host);
  if (claim === undefined || isKeptFor(host, situation.plan.cluster)) return false;
  if (claim.by !== "machine") return true;
  if (claim.name === machine.metadata.name) return false;
  return (
    managed(situation.observation, "metal3Machines", claim.name)?.metadata.deletionTimestamp === undefined
  );
}

function selectorText(machine: KubernetesObject): string {
  const labels = Object.entries((field(machine, "spec", "hostSelector", "matchLabels") ?? {}) as object);
  return labels.length === 0 ? "(any)" : labels.map(([key, value]) => `${key}=${String(value)}`).join(",");
}

function refusals(situation: ClusterSituation, machine: KubernetesObject): string {
  const hosts = allManaged(situation.observation, "hosts");
  if (hosts.length === 0) return "the namespace has no hosts";
  return hosts
    .map((host) => `${host.metadata.name}: ${refusal(situation, machine, host) ?? "possible"}`)
    .join(", ");
}
