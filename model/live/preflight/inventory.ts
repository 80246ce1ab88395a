import type { BareMetalHost } from "../../kubernetes/metal3";
import type { Host, Stack } from "../../stack/schema";
import { claimOf, claimantText, holderOf, keptForOtherPool } from "../readiness/host-claim";
import { type LiveCluster, isOwnedBy, liveConsumer } from "../rollout/live-cluster";
import { imageOf, isAdopted } from "../rollout/server";
import { hostError } from "../readiness/host-state";
import { plainText } from "../../redaction/shown";
import { hostsInService, isInService } from "../../stack/addressing";
import { shownBmcAddress } from "../../stack/bmc";
import { Systems } from "../../plan/bmc-systems";
import { poolMachines, poolText } from "../../plan/machines";
import { clusterNameLabel, poolLabel } from "../../kubernetes/labels";
import { counted } from "../../text/wording";
import { type CheckResult, type Problem, judged, named } from "./check-result";

/** BareMetalHosts of the stack's namespace, by name. */
export type LiveHosts = ReadonlyMap<string, BareMetalHost>;

/** No host of ours serves another cluster. */
export function judgeClaims(stack: Stack, cluster: LiveCluster): CheckResult {
  const live: LiveHosts = new Map(cluster.hosts.map((host) => [host.metadata.name, host]));
  const unknowns: string[] = [];
  const problems = stack.hosts.flatMap((host, i): Problem[] => {
    const consumer = liveConsumer(live.get(host.name), cluster, stack);
    const claimed = (of?: string) =>
      `${host.name} is claimed by ${claimantText(live.get(host.name), of) ?? ""}`;
    if (consumer?.is === "unknown")
      unknowns.push(`${claimed()}, and whose that is cannot be read: ${consumer.why}`);
    if (consumer?.is !== "foreign") return [];
    return [
      {
        at: `hosts[${i}].name`,
        problem: claimed(consumer.cluster),
        fix: "take another server, or release this one there first (scale that cluster down)",
      },
    ];
  });
  return judged(existing(stack, live, "claimed by no other cluster"), problems, unknowns);
}

/** No host of ours runs a system that Cluster API has not installed; new ones are said to be wiped. */
export function judgeWiping(stack: Stack, live: LiveHosts): CheckResult {
  const problems = stack.hosts.flatMap(({ name, externallyProvisioned }, i): Problem[] => {
    const host = live.get(name);
    const runs = externallyProvisioned ? undefined : systemOf(host);
    if (runs === undefined) return [];
    if (entersService(stack, host)) {
      return [
        {
          severity: "warning",
          at: `hosts[${i}].externallyProvisioned`,
          problem: `${name} enters service: the system that runs on it ends, and what is on its disks is lost before a machine gets it`,
          fix: "nothing, if that is meant; else write externallyProvisioned: true again",
        },
      ];
    }
    return [
      {
        at: `hosts[${i}].name`,
        problem: `${name} ${runs}, which this stack would wipe or wait for in vain`,
        fix: "take another server, or write externallyProvisioned: true to leave its disks alone, or deprovision it first (kubectl edit: remove spec.image and externallyProvisioned)",
      },
    ];
  });
  const fresh = stack.hosts
    .filter(({ name, externallyProvisioned }) => !live.has(name) && !externallyProvisioned)
    .map(({ name }) => name);
  const wiped =
    fresh.length === 0 ? "" : `; new to Metal3, whatever their disks hold is wiped: ${named(fresh)}`;
  return judged(`${existing(stack, live, "running no other cluster's machine")}${wiped}`, problems);
}

/** Whether this stack adopted a host as it was, and now puts it into service: its machines did not select it so far. */
function entersService(stack: Stack, host: BareMetalHost | undefined): boolean {
  return (
    host !== undefined &&
    isAdopted(host) &&
    isOwnedBy(host, stack.name) &&
    host.metadata.labels?.[poolLabel] === undefined
  );
}

function systemOf(host: BareMetalHost | undefined): string | undefined {
  const state = host?.status?.provisioning?.state;
  if (host !== undefined && isAdopted(host)) {
    return "is externally provisioned: it runs a system that Metal3 has not installed";
  }
  if (claimOf(host) !== undefined) return undefined;
  const image = host === undefined ? undefined : imageOf(host);
  if (image !== undefined) return `has the image ${image} and no machine of Cluster API`;
  if (host?.spec?.customDeploy?.method !== undefined) return "has a custom deployment";
  return state === "provisioned" || state === "provisioning" ? `is ${state} without a machine` : undefined;
}

/** No server of ours is registered a second time: by the same BMC or MAC under another name or in another namespace. */
export function judgeRegisteredOnce(stack: Stack, everywhere: readonly BareMetalHost[]): CheckResult {
  const { namespace } = stack.management;
  const systems = new Systems<BareMetalHost>();
  for (const other of everywhere) systems.add(other.spec?.bmc?.address ?? "", other);
  const problems = stack.hosts.flatMap((host, i) => {
    const sameBmc = new Set(systems.at(host.bmc.address));
    return everywhere
      .filter(({ metadata }) => metadata.name !== host.name || metadata.namespace !== namespace)
      .flatMap((other): Problem[] => {
        const place = `BareMetalHost ${other.metadata.namespace ?? ""}/${other.metadata.name}`;
        const fix =
          "correct the value, or remove that host there (detach it first: deleting it wipes the server)";
        if (sameBmc.has(other)) {
          const theirs = plainText(shownBmcAddress(other.spec?.bmc?.address ?? ""));
          const spelt = theirs === host.bmc.address ? "" : `, written "${theirs}" there`;
          return [
            {
              at: `hosts[${i}].bmc.address`,
              problem: `"${shownBmcAddress(host.bmc.address)}" is also the BMC of ${place}${spelt}`,
              fix,
            },
          ];
        }
        const mac = other.spec?.bootMACAddress?.toLowerCase();
        if (mac === undefined || mac !== host.mac.toLowerCase()) return [];
        return [
          { at: `hosts[${i}].mac`, problem: `"${host.mac}" is also the boot MAC address of ${place}`, fix },
        ];
      });
  });
  return judged(
    `BMC and MAC addresses against ${counted(everywhere.length, "host")} of all namespaces`,
    problems,
  );
}

/**
 * Metal3 reports no error on the hosts. Warnings only: an error may be what this very run fixes (a corrected password),
 * and one broken worker must not stop every other change.
 */
export function judgeErrors(stack: Stack, live: LiveHosts): CheckResult {
  const problems = stack.hosts.flatMap(({ name }, i): Problem[] => {
    const host = live.get(name);
    const error = hostError(host);
    const status = host?.status?.operationalStatus ?? "";
    if (error === undefined && status !== "error" && status !== "delayed") return [];
    const what =
      error === undefined
        ? `has the operational status "${status}"`
        : `has a ${error.type} (${counted(error.count, "time")}): ${plainText(error.message)}`;
    return [
      {
        severity: "warning",
        at: `hosts[${i}]`,
        problem: `${name} ${what}`,
        fix: "fix what it names; Metal3 retries on its own, also after a corrected login",
      },
    ];
  });
  return judged(existing(stack, live, "without errors"), problems);
}

/** Nothing keeps a host from Cluster API: paused, detached, marked unhealthy, held off, being deleted. */
export function judgeSelectable(stack: Stack, live: LiveHosts): CheckResult {
  const problems = stack.hosts.flatMap((planned, i): Problem[] => {
    const { name, pool } = planned;
    const host = live.get(name);
    if (!isInService(planned)) return [];
    return hindrancesOf(stack, host, pool).map(({ what, fix }) => ({
      // A host that already serves goes on serving; a free one is never chosen.
      severity: holderOf(host, stack.name) === undefined ? "error" : "warning",
      at: `hosts[${i}]`,
      problem: `${name} ${what}`,
      fix,
    }));
  });
  return judged(existing(stack, live, "neither paused, detached, unhealthy nor being deleted"), problems);
}

function hindrancesOf(
  stack: Stack,
  host: BareMetalHost | undefined,
  pool: string,
): readonly { what: string; fix: string }[] {
  if (host === undefined) return [];
  const { annotations = {}, name, namespace = "", deletionTimestamp } = host.metadata;
  const remove = (annotation: string) =>
    `kubectl -n ${namespace} annotate baremetalhost ${name} ${annotation}-`;
  const marks = Object.keys(annotations).flatMap((annotation) => {
    const what = markOf(annotation, annotations[annotation] ?? "");
    return what === undefined ? [] : [{ what, fix: remove(annotation) }];
  });
  const kept = keptForOtherPool(host, stack.name, pool);
  return [
    ...marks,
    ...(kept === undefined
      ? []
      : [
          {
            what: `is kept by Metal3 (nodeReuse) for the next machine of ${kept}, which is not its pool`,
            fix: `npm run metal -- recover host ${name} --stack ${stack.name}`,
          },
        ]),
    ...(deletionTimestamp === undefined
      ? []
      : [{ what: "is being deleted", fix: "wait until it is gone, then run again" }]),
  ];
}

function markOf(annotation: string, value: string): string | undefined {
  switch (annotation) {
    case "baremetalhost.metal3.io/paused":
      return value === "metal3.io/capm3" ? "is paused because its Cluster is paused" : "is paused";
    case "baremetalhost.metal3.io/detached":
      return "is detached: Metal3 leaves it alone";
    case "capm3.metal3.io/unhealthy":
    case "capi.metal3.io/unhealthy":
      return "was marked unhealthy after reboots did not help, and only a person takes that mark away";
    default:
      return annotation.startsWith("reboot.metal3.io/") && !annotation.includes("metal3-remediation-")
        ? `is held off by the annotation ${annotation}`
        : undefined;
  }
}

/** Each role has as many hosts that can serve as it has machines, and one to spare where a rollout needs it. */
export function judgeEnough(stack: Stack, live: LiveHosts): CheckResult {
  const counts: string[] = [];
  const problems = poolMachines(stack).flatMap((machines): Problem[] => {
    const { pool, at, countAt, least, replicas, surge, failureDomain } = machines;
    const name = poolText(pool, failureDomain);
    const hosts = hostsInService(stack, pool, failureDomain);
    const usable = hosts.filter((host) => canServe(stack, live.get(host.name), pool));
    counts.push(`${name} ${usable.length} for ${replicas}`);
    const away = hosts.filter((host) => !usable.includes(host)).map(({ name: host }) => host);
    if (usable.length < replicas) {
      const problem = tooFew(name, countAt, replicas, usable, away);
      // More than the least are a matter of load: the other machines serve.
      return [usable.length < least ? problem : { ...problem, severity: "warning" }];
    }
    if (surge === 0 || away.length === 0 || usable.length > replicas) return [];
    return [
      {
        severity: "warning",
        at: `${at}.rollout.spareHost`,
        problem: `no host of ${name} is to spare while ${named(away)} cannot serve, so a rollout would wait`,
        fix: "make one of them available again, or add a host",
      },
    ];
  });
  return judged(`hosts that can serve: ${counts.join(", ")}`, problems);
}

function tooFew(
  pool: string,
  at: string,
  replicas: number,
  usable: readonly Host[],
  away: readonly string[],
): Problem {
  return {
    at,
    problem: `${counted(replicas, "machine")} of ${pool} need as many hosts, ${usable.length} can serve; not ${named(away)}`,
    fix: "see what holds these hosts, or add others",
  };
}

/** A host that another cluster holds, or that Metal3 would not choose, counts out; a new one and one kept for us count in. */
export function canServe(stack: Stack, host: BareMetalHost | undefined, pool: string): boolean {
  if (host === undefined) return true;
  if (holderOf(host, stack.name) !== undefined) {
    return host.metadata.labels?.[clusterNameLabel] === stack.name;
  }
  const isFree = systemOf(host) === undefined || entersService(stack, host);
  return isFree && hindrancesOf(stack, host, pool).length === 0;
}

function existing(stack: Stack, live: LiveHosts, statement: string): string {
  const known = stack.hosts.filter(({ name }) => live.has(name)).length;
  return `${known} of ${counted(stack.hosts.length, "host")} known to Metal3, ${statement}`;
}
