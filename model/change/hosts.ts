import { type KubernetesObject, field, text } from "../kubernetes/object";
import { poolLabel } from "../kubernetes/labels";
import type { ClusterPlan } from "../plan/plan";
import { type Effect, type FieldChange, type HostChange, type MachineChange, worst } from "./change";
import { fieldEffects, levelOf } from "./cluster-objects";
import { fieldChanges } from "./fields";
import { hostSecrets } from "./secrets";
import { objectChange, paired } from "./objects";
import { counted } from "../text/wording";
import { named, plainWords, words } from "./formatted-text";

/** Servers that come, go or change, with the network that each gets. */
export function hostChanges(
  before: ClusterPlan | undefined,
  after: ClusterPlan | undefined,
): readonly HostChange[] {
  const secretsOf = { before: hostSecrets(before), after: hostSecrets(after) };
  return paired(before?.hosts.hosts ?? [], after?.hosts.hosts ?? []).flatMap((pair): HostChange[] => {
    const host = pair.after ?? pair.before;
    if (host === undefined) return [];
    const found = objectChange(pair);
    const name = host.metadata.name;
    const isKept = found?.change !== "added" && found?.change !== "removed";
    const secrets = isKept ? [...networkChanges(secretsOf, name), ...loginChanges(secretsOf, name)] : [];
    const fields = [...(found?.fields ?? []), ...secrets];
    if (found === undefined && fields.length === 0) return [];
    const change = found?.change ?? "changed";
    const adopted = isAdopted(host) ? { adopted: true } : {};
    return [
      {
        host: name,
        pool: poolOf(host),
        change,
        ...adopted,
        fields,
        effects: effectsOf(change, fields, host),
      },
    ];
  });
}

const kind = "BareMetalHost";

/** What happens to a new host that is in service. */
const newHost = "registered, switched on and inspected";

/** The pool of a host, in service or not. */
function poolOf(host: KubernetesObject): string {
  return (
    text(host, "metadata", "labels", poolLabel) ?? text(host, "metadata", "annotations", poolLabel) ?? ""
  );
}

/** Whether a host runs a system that Metal3 leaves alone. */
function isAdopted(host: KubernetesObject): boolean {
  return field(host, "spec", "externallyProvisioned") === true;
}

type HostSecrets = ReturnType<typeof hostSecrets>;

interface BothSecrets {
  readonly before: HostSecrets;
  readonly after: HostSecrets;
}

/** What changes in the network configurations that a host's machine and its installer are given, Secrets with JSON. */
function networkChanges({ before, after }: BothSecrets, host: string): readonly FieldChange[] {
  return ["networkData", "installerNetworkData"].flatMap((what) => {
    const name = what === "networkData" ? `${host}-network` : `${host}-installer-network`;
    const of = (secrets: HostSecrets) => secrets.get(name)?.text["networkData"];
    return fieldChanges(of(before), of(after), `spec.${what}`);
  });
}

/** What changes in the login that a host's BMC is reached with, except for an encrypted value: only its place is known. */
function loginChanges({ before, after }: BothSecrets, host: string): readonly FieldChange[] {
  const of = (secrets: HostSecrets) => {
    const login = secrets.get(`${host}-bmc`);
    const place = login?.secret["password"];
    return {
      username: login?.text["username"],
      existingSecret: login?.copyOf,
      // A host's place in the list is no part of its login.
      passwordFrom: place?.replace(/^hosts\[\d+\]/, "the host"),
    };
  };
  return fieldChanges(of(before), of(after), "spec.bmc.login");
}

function effectsOf(change: HostChange["change"], fields: readonly FieldChange[], host: KubernetesObject) {
  const power = field(host, "spec", "online") === false ? "off" : "on";
  switch (change) {
    case "added":
      return [
        plainWords(
          isAdopted(host)
            ? `registered and switched ${power}; neither inspected nor wiped${power === "on" ? "" : ", but whatever runs on it ends"}`
            : power === "on"
              ? newHost
              : "registered, inspected and switched off; no machine gets it",
        ),
      ];
    case "removed":
      return [
        plainWords(
          isAdopted(host)
            ? "switched off, unless it is detached before; its disks stay as they are"
            : "cleaned and switched off; whatever runs on it ends",
        ),
      ];
    case "changed":
      return fieldEffects({ kind, fields, adopted: isAdopted(host) }).map(({ effect }) => plainWords(effect));
  }
}

/** The rows of the overview about hosts. */
export function hostEffects(
  changes: readonly HostChange[],
  machines: readonly MachineChange[],
  isProtected: boolean,
): readonly Effect[] {
  const having = (change: HostChange["change"]) => changes.filter((host) => host.change === change);
  const [added, removed, changed] = [having("added"), having("removed"), having("changed")];
  const taken = new Set(machines.filter(({ what }) => what === "added").flatMap(({ hosts }) => hosts));
  const waiting = added.filter(({ host }) => !taken.has(host));
  return [
    ...(removed.length === 0 ? [] : [removedEffect(removed, isProtected)]),
    ...grouped(waiting).map((group) => addedEffect(group)),
    ...changedEffects(changed),
  ];
}

/** Hosts of which all effects are the same. */
function grouped(changes: readonly HostChange[]): readonly (readonly HostChange[])[] {
  const groups = new Map<string, HostChange[]>();
  for (const change of changes) {
    const key = JSON.stringify(change.effects);
    groups.set(key, [...(groups.get(key) ?? []), change]);
  }
  return [...groups.values()];
}

/** The row of new hosts that are all registered in the same way. */
function addedEffect(added: readonly HostChange[]): Effect {
  const effect = added[0]?.effects[0]?.text() ?? "";
  const what = words`${plainWords(`+${counted(added.length, "host")}`)}: ${named(added.map(({ host }) => host))}`;
  const ends = added.some(({ adopted }) => adopted === true) && effect.includes("switched off");
  return {
    level: ends ? "high" : "low",
    area: "hosts",
    what,
    effect: plainWords(
      effect === newHost ? `${newHost}; nothing is written to disks until a machine takes them` : effect,
    ),
  };
}

function removedEffect(removed: readonly HostChange[], isProtected: boolean): Effect {
  const names = named(removed.map(({ host }) => host));
  if (removed.every(({ adopted }) => adopted === true)) {
    return {
      level: "high",
      area: "hosts",
      what: words`${plainWords(`−${counted(removed.length, "host")}`)}: ${names}`,
      effect: isProtected
        ? words`${names} would be switched off; Pulumi refuses while ${"metal:protect"} is true`
        : words`${names} ${plainWords(removed.length === 1 ? "is" : "are")} switched off unless detached before; what runs there ends, the disks stay as they are`,
    };
  }
  return {
    level: "high",
    area: "hosts",
    what: words`${plainWords(`−${counted(removed.length, "host")}`)}: ${names}`,
    effect: isProtected
      ? words`${names} would be cleaned and switched off; Pulumi refuses while ${"metal:protect"} is true`
      : words`${names} ${plainWords(removed.length === 1 ? "is" : "are")} cleaned and switched off; what runs there ends, what is on the disks is lost`,
  };
}

/** Hosts that change in the same way are one row. */
function changedEffects(changed: readonly HostChange[]): readonly Effect[] {
  return grouped(changed).map((group) => {
    const level = worst(group.map((host) => levelOf({ kind, ...host })));
    const worstField = group
      .flatMap((host) => fieldEffects({ kind, ...host }))
      .find((field) => field.level === level);
    return {
      level: worstField?.level ?? "low",
      area: "hosts",
      what: words`${named(group.map(({ host }) => host))}: ${worstField?.path ?? ""}`,
      effect: plainWords(worstField?.effect ?? ""),
    };
  });
}
