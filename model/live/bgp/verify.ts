import type {
  CiliumBGPAdvertisement,
  CiliumBGPNodeConfig,
  CiliumBGPPeerConfig,
} from "../../kubernetes/cilium";
import type { Node, Service } from "../../kubernetes/core";
import { defined, selects } from "../../kubernetes/object";
import type { Finding } from "../../findings/finding";
import type { BgpReadinessPlan, ExpectedPeer } from "../../plan/readiness";
import { type ExpectedRoutes, expectedRoutes } from "../../bgp/expected-routes";
import type { RouterPath, RouterState } from "./router-state";
import { sessionCause, internalAddress } from "./session-cause";

/** The objects of the workload cluster that say what must be announced, and what its agents report. */
export interface ClusterSide {
  readonly nodes: readonly Node[];
  readonly nodeConfigs: readonly CiliumBGPNodeConfig[];
  readonly peerConfigs: readonly CiliumBGPPeerConfig[];
  readonly advertisements: readonly CiliumBGPAdvertisement[];
  readonly services: readonly Service[];
}

/** One session that the plan wants, with everything that is known about its node. */
interface PlannedSession {
  readonly node: string;
  readonly address?: string;
  readonly localASN: number;
  readonly peer: ExpectedPeer;
  readonly state?: string;
  readonly advertised?: number;
  readonly routes: ExpectedRoutes;
}

/** What a comparison has looked at and what it found; no finding means that both ends are as planned. */
export interface Verification {
  readonly sessions: readonly PlannedSession[];
  readonly routersCompared: readonly string[];
  /** Routes on the routers that were looked at. */
  readonly routes: number;
  readonly findings: readonly Finding[];
}

/** Compares plan, cluster and, where their answers are given by name, routers. */
export function verifyBgp(
  plan: BgpReadinessPlan,
  cluster: ClusterSide,
  routers: ReadonlyMap<string, RouterState>,
): Verification {
  const sessions = plannedSessions(plan, cluster);
  const compared = [...routers].map(([name, state]) => {
    const own = sessions.filter(({ peer }) => peer.router === name);
    return routerFindings(name, state, own, new Set(plan.instances.map(({ localASN }) => localASN)));
  });
  return {
    sessions,
    routersCompared: [...routers.keys()],
    routes: compared.reduce((sum, { routes }) => sum + routes, 0),
    findings: [
      ...unselected(plan, cluster),
      ...sessions.flatMap((session) => clusterFindings(session, routers.get(session.peer.router))),
      ...compared.flatMap(({ findings }) => findings),
    ],
  };
}

/** Every session of every selected node. */
function plannedSessions(plan: BgpReadinessPlan, cluster: ClusterSide): readonly PlannedSession[] {
  return plan.instances.flatMap((instance) =>
    cluster.nodes
      .filter((node) => selects(instance.nodeSelector, node.metadata.labels))
      .flatMap((node) => {
        const config = cluster.nodeConfigs.find(({ metadata }) => metadata.name === node.metadata.name);
        const named = ({ name }: { readonly name: string }) => name === instance.instance;
        const status = config?.status?.bgpInstances?.find(named);
        const spec = config?.spec?.bgpInstances?.find(named);
        return instance.peers.map((peer): PlannedSession => {
          const found = status?.peers?.find(({ name }) => name === peer.name);
          const wanted = spec?.peers?.find(({ name }) => name === peer.name);
          const address = wanted?.localAddress ?? internalAddress(node, peer);
          const state = found?.peeringState;
          const counts = found?.routeCount?.find(({ afi }) => afi === peer.family);
          const advertised = counts?.advertised;
          return {
            node: node.metadata.name,
            ...(address === undefined ? {} : { address }),
            localASN: spec?.localASN ?? instance.localASN,
            peer,
            ...defined({ state, advertised }),
            routes: expectedRoutes(
              node,
              peer.family,
              cluster.peerConfigs.find(({ metadata }) => metadata.name === peer.peerConfig),
              cluster.advertisements,
              cluster.services,
            ),
          };
        });
      }),
  );
}

const error = (id: string, at: string, problem: string, fix: string): Finding => ({
  id,
  severity: "error",
  at,
  problem,
  fix,
});

function unselected(plan: BgpReadinessPlan, { nodes }: ClusterSide): readonly Finding[] {
  return plan.instances
    .filter(({ nodeSelector }) => !nodes.some((node) => selects(nodeSelector, node.metadata.labels)))
    .map(({ clusterConfig }) =>
      error(
        "bgp/nodes-selected",
        `CiliumBGPClusterConfig/${clusterConfig}`,
        `none of the ${nodes.length} nodes has the labels that it selects`,
        "correct nodes of the instance in the stack file, or the labels of its pools",
      ),
    );
}

function clusterFindings(session: PlannedSession, router: RouterState | undefined): readonly Finding[] {
  const { node, peer, address, localASN, state, advertised, routes } = session;
  const at = `${node} to ${peer.name} (${peer.address})`;
  const cause = sessionCause({
    peer,
    localASN,
    ...defined({ nodeAddress: address, state, advertised, router }),
  });
  if (cause !== undefined) {
    return [error(cause.id, at, `${cause.problem} (${cause.certainty}: ${cause.evidence})`, cause.fix)];
  }
  if (!peer.countFollows) return [];
  const [least, most] = [routes.must.size, routes.must.size + routes.may.size];
  const count = advertised ?? 0;
  if (count >= least && count <= most + peer.endOfRibCounted) return [];
  const wanted = least === most ? `${least}` : `${least} to ${most}`;
  return [
    error(
      "bgp/routes-advertised",
      at,
      `the node announces ${count} ${peer.family} routes, ${wanted} expected: ${[...routes.must].join(", ")}`,
      "look at CiliumBGPAdvertisement and at the services; the agent's BGPReconcileError names what it could not do",
    ),
  ];
}

function routerFindings(
  name: string,
  state: RouterState,
  sessions: readonly PlannedSession[],
  localASNs: ReadonlySet<number>,
): { readonly routes: number; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  let routes = 0;
  for (const session of sessions) {
    const table = state.routes?.[session.peer.family];
    if (session.address === undefined) {
      findings.push(
        error(
          "bgp/node-address-known",
          `${session.node} to ${session.peer.name}`,
          `the node has no ${session.peer.family} InternalIP, so its routes on ${name} cannot be determined`,
          "give the node an address of that family, or a local address in nodeOverrides",
        ),
      );
    } else if (session.state === "established" && table !== undefined) {
      const own = table.filter(({ from }) => from === session.address);
      routes += own.length;
      for (const each of nodeRoutes(name, session, session.address, own)) findings.push(each);
    }
  }
  return { routes, findings: [...findings, ...strangers(name, state, sessions, localASNs)] };
}

/** Exactly the node's own prefixes, each through the node itself. */
function nodeRoutes(
  router: string,
  { node, peer, routes, advertised }: PlannedSession,
  address: string,
  paths: readonly RouterPath[],
): readonly Finding[] {
  const at = `${router} from ${node} (${address})`;
  const has = new Set(paths.map(({ prefix }) => prefix));
  return [
    ...[...routes.must]
      .filter((prefix) => !has.has(prefix))
      .map((prefix) =>
        error(
          "bgp/routes-received",
          at,
          `${prefix} is missing: the node announces ${advertised ?? 0} routes, the router took ${paths.length}; it was filtered or not announced`,
          `compare the router's filters: npm run metal -- router --router ${router} --against ssh://...`,
        ),
      ),
    ...paths
      .filter(({ prefix }) => !routes.must.has(prefix) && !routes.may.has(prefix))
      .map(({ prefix }) =>
        error(
          "bgp/routes-expected",
          at,
          `${prefix} is not of this node`,
          "find who announces it; the filters of npm run metal -- router keep it out",
        ),
      ),
    ...paths
      .filter(({ valid }) => !valid)
      .map(({ prefix }) =>
        error("bgp/routes-valid", at, `${prefix} is not valid`, `see that ${router} reaches its next hop`),
      ),
    ...paths
      .filter(({ nextHops }) => !nextHops.includes(address))
      .map(({ prefix, nextHops }) =>
        error(
          "bgp/next-hop-own",
          at,
          `${prefix} goes through ${nextHops.join(", ")}, not through the node's ${peer.family} address`,
          "load the router's configuration again: it sets the next hop to the announcing node",
        ),
      ),
  ];
}

/** Prefixes of this cluster that others announce. */
function strangers(
  router: string,
  state: RouterState,
  sessions: readonly PlannedSession[],
  localASNs: ReadonlySet<number>,
): readonly Finding[] {
  const known = new Set(sessions.map(({ address }) => address));
  const ours = new Set(sessions.flatMap(({ routes }) => [...routes.must, ...routes.may]));
  return Object.values(state.routes ?? {})
    .flat()
    .filter(
      ({ prefix, from, asPath }) =>
        ours.has(prefix) && !known.has(from) && !isOfOtherNodes(asPath, localASNs),
    )
    .map(({ prefix, from }) =>
      error(
        "bgp/routes-expected",
        `${router} from ${from === "" ? "itself" : from}`,
        `${prefix} belongs to this cluster and comes from elsewhere`,
        "remove the static route or the other announcement",
      ),
    );
}

/** Whether a route comes from nodes of the cluster behind another router, such as those of another rack. */
function isOfOtherNodes(asPath: string, localASNs: ReadonlySet<number>): boolean {
  const path = asPath.split(" ");
  return path.length > 1 && localASNs.has(Number(path.at(-1)));
}
