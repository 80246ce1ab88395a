import { type KubernetesObject, field, isMap, text } from "../kubernetes/object";
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
/** Places of passwords of BGP sessions. */
const bgpPassword = /^bgp\.instances\[\d+\]\.peers\[\d+\]\.password$/;

/** Places of what machines have in files: contents, and the passwords of kube-vip's sessions. */
const fileContent =
  /^(machines|controlPlane|workers\[\d+\]\.machines)\.secretFiles\[\d+\]\.secretContent$|^bgp\.endpoint\[\d+\]\.password$/;

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

/** What of one side is needed to see which login each BMC gets. */
interface LoginSide {
  readonly plan: ClusterPlan;
  readonly sealed: SealedValues;
}

/**
 * The rows about logins that reach an address for the first time, and that the author of the change need not know: the one of
 * the whole stack, one in a Secret of the management cluster, and one whose encrypted value the base had somewhere. Whatever
 * answers at the address can read it. An encrypted value that is new may be an old one of the repository's history, so that it
 * counts where its address is new too.
 */
export function loginEffects(before: LoginSide, after: LoginSide): readonly Effect[] {
  const old = loginsOf(before);
  const known = new Set(old.map(({ key }) => key));
  const addresses = new Set(old.map(({ address }) => address));
  const ciphertexts = new Set(before.sealed.values());
  const found = loginsOf(after).filter(
    ({ key, sealed, address }) =>
      !known.has(key) && (sealed === undefined || ciphertexts.has(sealed) || !addresses.has(address)),
  );
  return [...new Set(found.map(({ login }) => login))].map((login): Effect => {
    const reached = found.filter((each) => each.login === login);
    const hosts = [...new Set(reached.map(({ host }) => host))];
    const addresses = [...new Set(reached.map(({ address }) => address))];
    return {
      level: "high",
      area: "hosts",
      what: words`${named(hosts)}: ${plainWords("the login of the BMC")}`,
      effect: words`the login in ${login} is sent to ${named(addresses, addresses.length)} for the first time: whatever answers there can read it`,
    };
  });
}

interface Login {
  readonly host: string;
  readonly address: string;
  /** What holds it, as a reader finds it. */
  readonly login: string;
  /** The encrypted value, where that is what identifies the login. */
  readonly sealed?: string;
  /** Address and login, the same in both sides for the same ones. */
  readonly key: string;
}

/** The Secrets of a plan's hosts, by name: the login of each BMC, and the networks of its machine and its installer. */
export function hostSecrets(plan: ClusterPlan | undefined): ReadonlyMap<string, PlannedSecret> {
  return new Map((plan?.hosts.secrets ?? []).map((secret) => [secret.manifest.metadata.name, secret]));
}

/** Every login that a BMC gets; one from the stack file by its encrypted value, and that of the whole stack also by its place. */
function loginsOf({ plan, sealed }: LoginSide): readonly Login[] {
  const secrets = hostSecrets(plan);
  return plan.hosts.hosts.flatMap((object) => {
    const host = object.metadata.name;
    const address = text(object, "spec", "bmc", "address") ?? "";
    const planned = secrets.get(`${host}-bmc`);
    const copyOf = planned?.copyOf;
    const place = planned?.secret["password"];
    const value = place === undefined ? undefined : sealed.get(place);
    const found = [
      ...(copyOf === undefined ? [] : [{ login: `Secret ${copyOf}` }]),
      ...(place === "bmc.password" ? [{ login: place }] : []),
      ...(place === undefined || value === undefined ? [] : [{ login: place, sealed: value }]),
    ];
    return found.map((each) => ({
      ...each,
      host,
      address,
      key: JSON.stringify([address, each.sealed ?? each.login, each.sealed === undefined]),
    }));
  });
}

/**
 * The rows about encrypted values that another router gets as the password of its session: the owner of a router can try out which
 * password it is. Of the base they may be any secret; one that the base does not have may be an old one of the repository's
 * history, so that it counts where the router is new too.
 */
export function movedSecretEffects(before: LoginSide, after: LoginSide): readonly Effect[] {
  const places = new Map([...before.sealed].map(([place, value]) => [value, place]));
  const routers = new Set(
    before.plan.routers.flatMap(({ groups }) => groups.map((group) => group.routerAddress)),
  );
  return [...after.sealed].flatMap(([place, value]): readonly Effect[] => {
    const old = places.get(value);
    if (!bgpPassword.test(place)) return [];
    const reached = receiversOf(before, value);
    const fresh = [...receiversOf(after, value)].filter((address) => !reached.has(address));
    const isForeign = old !== undefined && !bgpPassword.test(old);
    const isNew = fresh.some((address) => !routers.has(address));
    if (old === undefined ? !isNew : fresh.length === 0 && !isForeign) return [];
    return [
      {
        level: isNew ? "high" : "medium",
        area: "bgp",
        what:
          old === undefined
            ? words`${place}: ${plainWords("an encrypted value that the base does not have")}`
            : words`${place}: the encrypted value that was at ${old}`,
        effect: words`the secret becomes the password of sessions${fresh.length === 0 ? plainWords("") : words` with ${named(fresh)}`}: who has that router can find out what it is`,
      },
    ];
  });
}

/** Addresses of routers whose sessions have an encrypted value as their password. */
function receiversOf({ plan, sealed }: LoginSide, value: string): ReadonlySet<string> {
  const groups = plan.routers.flatMap((router) => router.groups);
  return new Set(
    groups
      .filter(({ password }) => password !== undefined && sealed.get(password) === value)
      .map(({ routerAddress }) => routerAddress),
  );
}
