import { type KubernetesObject, field, isMap } from "../kubernetes/object";
import type { ClusterPlan, PlannedSecret } from "../plan/plan";
import type { Effect } from "./change";
import { same } from "./fields";
import { paired } from "./objects";
import { named, plainWords, words } from "./formatted-text";

/** Encrypted values by their place, as the stack file holds them; compared and never shown. */
export type SealedValues = ReadonlyMap<string, string>;

/** Whether an encrypted value was written again; paths are of the old and of the new stack file. */
export type SecretChanged = (before: string | undefined, after: string | undefined) => boolean;

/** The description of an encrypted value that differs. */
export const writtenAgain = "written again: changed, or only encrypted again";

/** Whether an encrypted value differs. One that was encrypted again counts, because only decrypting would show the difference. */
export function secretComparison(before: SealedValues, after: SealedValues): SecretChanged {
  return (old, fresh) => old !== undefined && fresh !== undefined && before.get(old) !== after.get(fresh);
}

/**
 * Encrypted values that differ, by the place in the new stack file. Hosts may have moved in the list, so their secrets are
 * found by the object that they are for; all others by their place.
 */
export function changedSecrets(
  before: ClusterPlan | undefined,
  after: ClusterPlan | undefined,
  changed: SecretChanged,
  others: readonly string[],
): readonly string[] {
  const old = new Map(secretsOf(before).map((secret) => [secret.manifest.metadata.name, secret.secret]));
  const planned = secretsOf(after).flatMap(({ manifest, secret }) =>
    Object.entries(secret).map(([key, path]) => ({ path, old: old.get(manifest.metadata.name)?.[key] })),
  );
  const places = new Set(planned.map(({ path }) => path));
  const found = [
    ...planned.filter((secret) => changed(secret.old, secret.path)).map(({ path }) => path),
    ...others.filter((path) => !places.has(path) && changed(path, path)),
  ];
  return [...new Set(found)];
}

function secretsOf(plan: ClusterPlan | undefined): readonly PlannedSecret[] {
  return [...(plan?.hosts.secrets ?? []), ...(plan?.cluster.secrets ?? []), ...(plan?.bgp?.secrets ?? [])];
}

const bmcPassword = /^(hosts\[\d+\]\.)?bmc\.password$/;
const bgpPassword = /^bgp\.instances\[\d+\]\.peers\[\d+\]\.password$/;

const fileContent = /^(machines|controlPlane|workers\[\d+\]\.machines)\.secretFiles\[\d+\]\.secretContent$/;

/**
 * The rows about encrypted values: those written again, and those that are new. Sessions that a password resets are listed
 * with BGP, logins that reach another BMC with the hosts; what any other value does cannot be known without decrypting it.
 */
export function secretEffects(
  writtenPaths: readonly string[],
  newPaths: readonly string[],
): readonly Effect[] {
  const isOther = (path: string) => ![bmcPassword, bgpPassword, fileContent].some((form) => form.test(path));
  const bmc = writtenPaths.filter((path) => bmcPassword.test(path));
  const row = (
    level: "low" | "high",
    area: Effect["area"],
    paths: readonly string[],
    how: string,
    then: string,
  ) =>
    paths.length === 0
      ? []
      : [
          {
            level,
            area,
            what: words`${named(paths)} ${plainWords(how)}`,
            effect: plainWords(then),
            headline: words`${named(paths)} ${plainWords(how.replace(/:.*/, ""))}: ${plainWords(then)}`,
          },
        ];
  const unknown = "no comparison shows what the value does; the worst is assumed";
  return [
    ...row(
      "low",
      "hosts",
      bmc,
      writtenAgain,
      "if it changed, hosts are registered again with the new login; their machines run on",
    ),
    ...row(
      "high",
      "machines",
      writtenPaths.filter((path) => fileContent.test(path)),
      writtenAgain,
      "if it changed, machines that are made from now on get a file that no comparison shows; running machines keep the old one",
    ),
    ...row(
      "high",
      "machines",
      newPaths.filter((path) => fileContent.test(path)),
      "encrypted",
      "machines get a file that no comparison shows",
    ),
    ...row("high", "program", writtenPaths.filter(isOther), writtenAgain, unknown),
    ...row("high", "program", newPaths.filter(isOther), "encrypted", unknown),
  ];
}

/** Secrets that hold the addresses and certificates of the clusters that Cilium connects to. */
const peers = /^cilium-(clustermesh|kvstoremesh)$/;
const certificate = /\.(crt|pem)$/;
const hostAliases = "spec.template.spec.hostAliases";

/**
 * The rows about contents of rendered Secrets, which the details do not show, and about certificates in ConfigMaps. The chart
 * writes the addresses of other clusters into the host aliases of the agents' pods.
 */
export function contentEffects(
  before: readonly KubernetesObject[],
  after: readonly KubernetesObject[],
): readonly Effect[] {
  return paired(before, after).flatMap((pair): readonly Effect[] => {
    const { kind = "", metadata: { name } = { name: "" } } = pair.after ?? pair.before ?? {};
    const [old, fresh] = [contentsOf(pair.before), contentsOf(pair.after)];
    const keys = Object.keys({ ...old, ...fresh }).filter((key) => !same(old[key], fresh[key]));
    const isPeers = keys.includes(hostAliases) || (kind === "Secret" && peers.test(name));
    const isCertificate = keys.some((key) => certificate.test(key));
    if (keys.length === 0 || !(kind === "Secret" || isPeers || isCertificate)) return [];
    const effect = isPeers
      ? "other clusters, addresses or certificates in the mesh: what these clusters announce is trusted"
      : isCertificate
        ? "Cilium trusts another certificate, or presents another one"
        : "contents differ, which are never shown: what reads them gets the new ones";
    return [
      {
        level: isPeers || isCertificate ? "high" : "medium",
        area: "cilium",
        what: words`${`${kind} ${name}`}: ${named(keys, 4)}`,
        effect: plainWords(effect),
        headline: words`${`${kind} ${name}`}: ${plainWords(effect)}`,
      },
    ];
  });
}

function contentsOf(object: KubernetesObject | undefined): Readonly<Record<string, unknown>> {
  const parts = ["data", "stringData", "binaryData"].map((key) => field(object, key));
  const aliases = field(object, ...hostAliases.split("."));
  return Object.assign(
    {},
    ...parts.filter(isMap),
    aliases === undefined ? {} : { [hostAliases]: aliases },
  ) as Readonly<Record<string, unknown>>;
}
