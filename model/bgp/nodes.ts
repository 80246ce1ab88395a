import type { Bgp, BgpInstance, BgpRouter, Host, Stack } from "../stack/schema";
import { type Family, familyOf, isInNetwork } from "../net/addresses";
import { hostsOf, isInService, workerPool } from "../stack/addressing";
import { controlPlanePool, failureDomainLabel, poolLabel } from "../kubernetes/labels";
import { type LabelSelector, selects } from "../kubernetes/object";

/** The selector of a stack file without its empty parts, which the API would take for something else. */
export function compactSelector(selector: Required<LabelSelector>): LabelSelector {
  const { matchLabels, matchExpressions } = selector;
  return {
    ...(Object.keys(matchLabels).length === 0 ? {} : { matchLabels }),
    ...(matchExpressions.length === 0
      ? {}
      : {
          matchExpressions: matchExpressions.map(({ key, operator, values }) => ({
            key,
            operator,
            ...(values === undefined || values.length === 0 ? {} : { values }),
          })),
        }),
  };
}

/** Something of the stack file that is for the nodes which it selects. */
type NodeSelection = Pick<BgpInstance, "nodes">;

/** Which nodes are selected, by the labels that their pools and hosts give them. */
export function nodeSelectorOf({ nodes }: NodeSelection): LabelSelector {
  const anyOf = (key: string, values: readonly string[]) =>
    values.length === 0 ? [] : [{ key, operator: "In", values: [...values].sort() }];
  return compactSelector({
    matchLabels: nodes.labels,
    matchExpressions: [...anyOf(poolLabel, nodes.pools), ...anyOf(failureDomainLabel, nodes.failureDomains)],
  });
}

/** The labels that a host's node will have from us; others come from the kubelet and are not known before. */
function nodeLabelsOf(stack: Stack, host: Host, isNamed: boolean): Readonly<Record<string, string>> {
  const own =
    host.pool === controlPlanePool ? stack.controlPlane.labels : (workerPool(stack, host.pool)?.labels ?? {});
  return {
    ...own,
    [poolLabel]: host.pool,
    ...(isNamed && host.failureDomain !== undefined ? { [failureDomainLabel]: host.failureDomain } : {}),
  };
}

/** Nodes of a pool carry their host's failure domain when every host of it names one: they share one template. */
export function hasFailureDomains(stack: Stack, pool: string): boolean {
  const hosts = hostsOf(stack, pool);
  return hosts.length > 0 && hosts.every(({ failureDomain }) => failureDomain !== undefined);
}

type NodeOverride = Bgp["nodeOverrides"][number];

/**
 * From which address of its own a node opens a session: the one that names the router, else the one for all routers of its
 * family; of several the one that the router's listen ranges contain.
 */
export function localAddressOf(
  override: NodeOverride | undefined,
  router: BgpRouter,
  family: Family,
): string | undefined {
  const own = localAddressesOf(override).filter(({ address }) => familyOf(address) === family);
  const forAll = own.filter((entry) => entry.router === undefined);
  const near =
    forAll.length < 2
      ? forAll
      : forAll.filter(({ address }) => router.listenRanges.some((range) => isInNetwork(address, range)));
  // Two for one router are for none: a check refuses them.
  return (own.find((entry) => entry.router === router.name) ?? (near.length === 1 ? near[0] : undefined))
    ?.address;
}

/** All of them; one without a router is for every router. */
export function localAddressesOf(
  override: NodeOverride | undefined,
): readonly { readonly router?: string; readonly address: string }[] {
  return (override?.localAddresses ?? []).map((entry) =>
    typeof entry === "string" ? { address: entry } : entry,
  );
}

/** The hosts whose nodes are selected, in the stack file's order. */
export function selectedHosts(stack: Stack, instance: NodeSelection): readonly Host[] {
  const ofStack = selections.get(stack) ?? new Map<NodeSelection, readonly Host[]>();
  selections.set(stack, ofStack);
  const before = ofStack.get(instance);
  if (before !== undefined) return before;
  const selector = nodeSelectorOf(instance);
  const isNamed = new Map<string, boolean>();
  const selected = stack.hosts.filter(isInService).filter((host) => {
    const named = isNamed.get(host.pool) ?? hasFailureDomains(stack, host.pool);
    isNamed.set(host.pool, named);
    return selects(selector, nodeLabelsOf(stack, host, named));
  });
  ofStack.set(instance, selected);
  return selected;
}

/** Each session of an instance looks its hosts up, and a stack does not change. */
const selections = new WeakMap<Stack, Map<NodeSelection, readonly Host[]>>();
