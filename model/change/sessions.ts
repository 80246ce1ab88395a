import { type KubernetesObject, field } from "../kubernetes/object";
import type { ClusterPlan } from "../plan/plan";
import type { RouterGroup, RouterShare } from "../bgp/router/router-share";
import type { SessionChange } from "./change";
import { same } from "./fields";
import { type SecretChanged, writtenAgain } from "./secrets";
import { type Words, plainWords, words } from "./formatted-text";

/** Everything that a session of one host with one router consists of. */
interface SessionEnds {
  readonly host: string;
  readonly router: string;
  readonly name: string;
  readonly routerAddress: string;
  readonly nodeAddress: string | undefined;
  readonly routerASN: number;
  readonly nodeASN: number;
  readonly port: number;
  readonly instance: unknown;
  readonly localPort: unknown;
  readonly routerId: unknown;
  readonly password: string | undefined;
  readonly holdTimeSeconds: number;
  readonly keepAliveTimeSeconds: number;
  readonly gracefulRestart: unknown;
  readonly speaker: RouterGroup["speaker"];
}

/** BGP sessions that come, go or are reset. What the program changes without a reset (routes, retry times) is no session's. */
export function sessionChanges(
  before: ClusterPlan | undefined,
  after: ClusterPlan | undefined,
  secretChanged: SecretChanged,
): readonly SessionChange[] {
  const [old, fresh] = [sessionsOf(before), sessionsOf(after)];
  const keys = [...new Set([...fresh.keys(), ...old.keys()])];
  const changes = keys.flatMap((key): SessionChange[] => {
    const [left, right] = [old.get(key), fresh.get(key)];
    const ends = right ?? left;
    if (ends === undefined) return [];
    const why = left === undefined || right === undefined ? [] : resetCauses(left, right, secretChanged);
    if (left !== undefined && right !== undefined && why.length === 0) return [];
    return [
      {
        router: ends.router,
        address: ends.routerAddress,
        session: ends.name,
        change: left === undefined ? "added" : right === undefined ? "removed" : "reset",
        hosts: [ends.host],
        why: why.map(({ words: cause }) => cause),
        isSure: why.length === 0 || why.some(({ isSealed }) => isSealed !== true),
        needsRouter: left === undefined || why.some(({ bothEnds }) => bothEnds),
      },
    ];
  });
  return groupedByHost(changes);
}

function sessionsOf(plan: ClusterPlan | undefined): ReadonlyMap<string, SessionEnds> {
  const found = (plan?.routers ?? []).flatMap((router) =>
    router.groups.flatMap((group) => endsOf(plan, router, group)),
  );
  return new Map(found.map((ends) => [`${ends.host} ${ends.router} ${ends.name}`, ends]));
}

function endsOf(
  plan: ClusterPlan | undefined,
  router: RouterShare,
  group: RouterGroup,
): readonly SessionEnds[] {
  const family = group.family === "ipv4" ? "v4" : "v6";
  const objects = plan?.bgp?.objects ?? [];
  const peerConfig = objects.find(
    ({ kind, metadata }) => kind === "CiliumBGPPeerConfig" && metadata.name === `${group.peer}-${family}`,
  );
  return group.hosts.map(({ name: host, address }) => ({
    host,
    router: router.router,
    // Cilium's name of the session; where a router has several of them, the family tells them apart.
    name: `${group.peer} ${group.family}`,
    routerAddress: group.routerAddress,
    nodeAddress: address,
    routerASN: router.asn,
    nodeASN: group.remoteASN,
    port: router.port,
    ...(group.speaker === "cilium"
      ? nodeSettings(plan, host, objects, `${router.router}-${family}`)
      : { instance: undefined, localPort: undefined, routerId: undefined }),
    password: group.password,
    holdTimeSeconds: group.holdTimeSeconds,
    keepAliveTimeSeconds: group.keepAliveTimeSeconds,
    gracefulRestart: field(peerConfig, "spec", "gracefulRestart"),
    speaker: group.speaker,
  }));
}

/** The node's own side of an instance: a change restarts the whole instance. */
function nodeSettings(
  plan: ClusterPlan | undefined,
  host: string,
  objects: readonly KubernetesObject[],
  session: string,
): Pick<SessionEnds, "instance" | "localPort" | "routerId"> {
  const instance = objects
    .filter(({ kind }) => kind === "CiliumBGPClusterConfig")
    .flatMap((object) => (field(object, "spec", "bgpInstances") as readonly unknown[] | undefined) ?? [])
    .find((each) =>
      ((field(each, "peers") as readonly unknown[] | undefined) ?? []).some(
        (peer) => field(peer, "name") === session,
      ),
    );
  const overrides = plan?.bgp?.nodeOverrides.find((override) => override.host === host)?.manifest.spec;
  const override = ((field(overrides, "bgpInstances") as readonly unknown[] | undefined) ?? []).find(
    (each) => field(each, "name") === field(instance, "name"),
  );
  return {
    instance: field(instance, "name"),
    localPort: field(override, "localPort") ?? field(instance, "localPort"),
    routerId: field(override, "routerID"),
  };
}

interface Cause {
  readonly words: Words;
  /** Whether the session stays down until both ends agree again. */
  readonly bothEnds: boolean;
  /** An encrypted value was written again, and may be the same. */
  readonly isSealed?: true;
}

/**
 * Why a session is reset. Cilium recreates a peer when its name, address or ASN changes, an instance when its own ASN, port
 * router id or name does, and resets a session for what is agreed upon when it opens: timers, graceful restart, password, port.
 */
function resetCauses(
  before: SessionEnds,
  after: SessionEnds,
  secretChanged: SecretChanged,
): readonly Cause[] {
  const differing = (key: keyof SessionEnds, what: string, bothEnds: boolean): readonly Cause[] =>
    same(before[key], after[key])
      ? []
      : [{ words: words`${plainWords(what)} ${shown(before[key])} → ${shown(after[key])}`, bothEnds }];
  return [
    ...differing("routerASN", "the router's ASN", true),
    ...differing("nodeASN", "the nodes' ASN", true),
    ...differing("routerAddress", "the router's address", true),
    ...differing("nodeAddress", "the node's address", true),
    ...differing("port", "the router's port", true),
    ...differing("localPort", "the node's port", true),
    // kube-vip reads its password from a file, which machines have from their beginning: no session of theirs is reset.
    ...passwordCause(
      before.password,
      after.password,
      after.speaker === "kube-vip" ? () => false : secretChanged,
    ),
    ...differing("routerId", "the node's router id", false),
    ...differing("instance", "the BGP instance", false),
    ...differing("holdTimeSeconds", "hold time", false),
    ...differing("keepAliveTimeSeconds", "keepalive time", false),
    ...(same(before.gracefulRestart, after.gracefulRestart)
      ? []
      : [{ words: plainWords("graceful restart"), bothEnds: false }]),
  ];
}

function passwordCause(
  before: string | undefined,
  after: string | undefined,
  secretChanged: SecretChanged,
): readonly Cause[] {
  if ((before === undefined) !== (after === undefined)) {
    return [
      { words: plainWords(after === undefined ? "no password any more" : "a password"), bothEnds: true },
    ];
  }
  return secretChanged(before, after)
    ? [{ words: plainWords(`password ${writtenAgain}`), bothEnds: true, isSealed: true }]
    : [];
}

function shown(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "none";
}

function groupedByHost(changes: readonly SessionChange[]): readonly SessionChange[] {
  const groups = new Map<string, SessionChange>();
  for (const change of changes) {
    const key = JSON.stringify([change.router, change.address, change.session, change.change, change.why]);
    const first = groups.get(key);
    groups.set(key, first === undefined ? change : { ...first, hosts: [...first.hosts, ...change.hosts] });
  }
  return [...groups.values()];
}
