import { parse } from "yaml";
import { readStack } from "../../model/stack/read-stack";
import { type SecretPath, separateSecrets } from "../../model/stack/secrets";
import { field } from "../../model/kubernetes/object";
import type { ClusterPlan } from "../../model/plan/plan";
import { planCluster } from "../../model/plan/plan-cluster";
import { routerConfigurations } from "../../model/bgp/router/frr";
import type { RouterGroup, RouterShare } from "../../model/bgp/router/router-share";
import { hostCidr } from "../../model/net/addresses";
import type { RouterOrder } from "../router";

/** A stack to be planned, and the throw-away values of its secrets by their place in the stack file. */
export interface StackSource {
  readonly stackName: string;
  readonly stack: { readonly text: string };
  readonly secrets: ReadonlyMap<string, string>;
}

/** What the program will make of a stack file, for what the lab must have before the program runs. */
export interface Planned {
  readonly plan: ClusterPlan;
  /** The secrets by their place in the model. */
  readonly values: ReadonlyMap<SecretPath, string>;
}

/** Plans a stack as the program will; undefined for one that the program refuses: the program itself reports the reason. */
export function planOf({ stack: { text }, stackName, secrets }: StackSource): Planned | undefined {
  const { raw, values } = separateSecrets(rawConfiguration(text, secrets));
  const { stack } = readStack(raw, stackName);
  return stack === undefined ? undefined : { plan: planCluster(stack), values };
}

/** The plans of these stacks by cluster, and their routers: one that several name has one configuration for all. */
export function plannedRouters(sources: readonly StackSource[]): {
  readonly plans: ReadonlyMap<string, ClusterPlan>;
  readonly orders: readonly RouterOrder[];
} {
  const planned = sources.flatMap((source) => planOf(source) ?? []);
  const shares = planned.flatMap(({ plan }) => plan.routers);
  const values = new Map(planned.map(({ plan, values: own }) => [plan.name, own]));
  const passwordOf = ({ stack, password = "" }: RouterGroup) => values.get(stack)?.get(password) ?? "";
  const configurations = routerConfigurations(shares, passwordOf);
  const orders = Object.entries(configurations).map(([name, configuration]) =>
    order(
      shares.filter(({ router }) => router === name),
      configuration,
      passwordOf,
    ),
  );
  return { plans: new Map(planned.map(({ plan }) => [plan.name, plan])), orders };
}

function order(
  shares: readonly RouterShare[],
  configuration: string,
  passwordOf: (group: RouterGroup) => string,
): RouterOrder {
  const [first] = shares;
  if (first === undefined) throw new Error("a router that no stack names");
  return {
    name: first.router,
    addresses: first.addresses,
    port: first.port,
    clusters: shares.map(({ stack }) => stack),
    configuration,
    sessions: shares
      .flatMap(({ groups }) => groups)
      .map((group) => ({
        localASN: first.asn,
        clusterASN: group.remoteASN,
        nodes: [...group.listenRanges, ...group.neighbours.map(({ address }) => hostCidr(address))],
        ...(group.password === undefined ? {} : { password: passwordOf(group) }),
        families: [group.family],
      })),
  };
}

/** The program's configuration as Pulumi will hand it over, with the throw-away secrets of this rehearsal. */
export function rawConfiguration(
  stackText: string,
  secrets: ReadonlyMap<string, string>,
): Record<string, unknown> {
  const config = (field(parse(stackText), "config") ?? {}) as Record<string, unknown>;
  for (const [place, value] of secrets) setAt(config, place, value);
  return Object.fromEntries(
    Object.entries(config).flatMap(([key, value]) =>
      key.startsWith("metal:") ? [[key.slice("metal:".length), value]] : [],
    ),
  );
}

/** Sets the value at a place such as `metal:hosts[0].bmc.password`; what is in between is made. */
function setAt(config: Record<string, unknown>, place: string, value: string): void {
  const steps = place.split(/[.[\]]+/).filter((step) => step !== "");
  const last = steps.pop() ?? "";
  const holder = steps.reduce<Record<string, unknown>>((here, step) => {
    here[step] ??= {};
    return here[step] as Record<string, unknown>;
  }, config);
  holder[last] = value;
}
