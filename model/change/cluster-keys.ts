import type { ClusterPlan } from "../plan/plan";
import type { Effect, Level } from "./change";
import { type Words, named, plainWords, words } from "./formatted-text";

/** Rows about what a running cluster cannot exchange at once: its authorities, and its encryption at rest. */
export function clusterKeyEffects(before: ClusterPlan, after: ClusterPlan): readonly Effect[] {
  return [...authorityEffects(before, after), ...encryptionEffects(before, after)];
}

function row(level: Level, what: Words, effect: string): Effect {
  return {
    level,
    area: "cluster",
    what,
    effect: plainWords(effect),
    headline: words`${what}: ${plainWords(effect)}`,
  };
}

/** The certificates that the plan has Secrets for, by the Secret's name. */
function authoritiesOf({ cluster }: ClusterPlan): ReadonlyMap<string, string> {
  return new Map(
    cluster.secrets.flatMap(({ manifest, text, retainOnDelete }) => {
      const certificate = text["tls.crt"];
      return retainOnDelete === true && certificate !== undefined
        ? [[manifest.metadata.name, certificate]]
        : [];
    }),
  );
}

function authorityEffects(before: ClusterPlan, after: ClusterPlan): readonly Effect[] {
  const [old, fresh] = [authoritiesOf(before), authoritiesOf(after)];
  const other = [...fresh]
    .filter(([name, certificate]) => old.get(name) !== certificate)
    .map(([name]) => name);
  const removed = [...old.keys()].filter((name) => !fresh.has(name));
  return [
    ...(other.length === 0
      ? []
      : [
          row(
            "high",
            words`authority in Secret ${named(other)}`,
            "a running cluster keeps the authorities that it began with: machines that are made from now on get another one, and neither they nor the others trust each other",
          ),
        ]),
    ...(removed.length === 0
      ? []
      : [
          row(
            "low",
            words`authority in Secret ${named(removed)} no longer in the stack file`,
            "the Secret stays, and the cluster keeps its authority",
          ),
        ]),
  ];
}

/** Encryption at rest changes machine by machine, while the machines before the change still serve the API. */
function encryptionEffects(before: ClusterPlan, after: ClusterPlan): readonly Effect[] {
  const [old, fresh] = [before.cluster.encryption, after.cluster.encryption];
  const what = plainWords("kubernetes.encryption");
  if (old === undefined) {
    return fresh === undefined || fresh.decryptOnly
      ? []
      : [
          row(
            "high",
            what,
            "machines that are not replaced yet cannot read what new ones encrypt; begin with decryptOnly: true, and remove it once all machines are replaced",
          ),
        ];
  }
  if (fresh === undefined) {
    return [
      row(
        old.decryptOnly ? "medium" : "high",
        words`${what} removed`,
        old.decryptOnly
          ? "what is still encrypted in etcd can no longer be read; every object must have been written again since decryptOnly: true"
          : "what is encrypted in etcd can no longer be read; first write decryptOnly: true, then every object again",
      ),
    ];
  }
  const names = (of: typeof old) => of.keys.map(({ name }) => name);
  const lostKeys = names(old).filter((name) => !names(fresh).includes(name));
  const lostResources = old.resources.filter((name) => !fresh.resources.includes(name));
  const writer = fresh.decryptOnly ? undefined : names(fresh)[0];
  const unread =
    "what is still encrypted with it can no longer be read: first let another key encrypt, and write every object again";
  return [
    ...(lostKeys.length === 0 ? [] : [row("high", words`encryption key ${named(lostKeys)} removed`, unread)]),
    ...(old.algorithm === fresh.algorithm
      ? []
      : [
          row(
            "high",
            words`encryption by ${fresh.algorithm} in place of ${old.algorithm}`,
            "what is encrypted with the former can no longer be read: first write decryptOnly: true, and every object again",
          ),
        ]),
    ...(lostResources.length === 0
      ? []
      : [
          row(
            "high",
            words`no encryption of ${named(lostResources)}`,
            "what of them is encrypted can no longer be read: first write decryptOnly: true, and every object again",
          ),
        ]),
    ...(writer === undefined || names(old).includes(writer)
      ? []
      : [
          row(
            "high",
            words`encryption key ${writer} is new and encrypts`,
            "machines that are not replaced yet cannot read what new ones encrypt with it; append it first, and move it to the front once all machines are replaced",
          ),
        ]),
  ];
}
