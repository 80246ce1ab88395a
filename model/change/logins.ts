import { text } from "../kubernetes/object";
import type { ClusterPlan, PlannedSecret } from "../plan/plan";
import type { Effect } from "./change";
import { named, plainWords, words } from "./formatted-text";
import { type SealedValues, bgpPassword } from "./secrets";

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
 * The rows about encrypted values of the base that another router gets as the password of its session: the owner of a router can
 * try out which password it is.
 */
export function movedSecretEffects(before: LoginSide, after: LoginSide): readonly Effect[] {
  const places = new Map([...before.sealed].map(([place, value]) => [value, place]));
  const routers = new Set(
    before.plan.routers.flatMap(({ groups }) => groups.map((group) => group.routerAddress)),
  );
  return [...after.sealed].flatMap(([place, value]): readonly Effect[] => {
    const old = places.get(value);
    if (old === undefined || !bgpPassword.test(place)) return [];
    const reached = receiversOf(before, value);
    const fresh = [...receiversOf(after, value)].filter((address) => !reached.has(address));
    const isForeign = !bgpPassword.test(old);
    if (fresh.length === 0 && !isForeign) return [];
    const isNew = fresh.some((address) => !routers.has(address));
    return [
      {
        level: isNew ? "high" : "medium",
        area: "bgp",
        what: words`${place}: the encrypted value that was at ${old}`,
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
