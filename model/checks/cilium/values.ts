import { plannedConfiguration } from "../../cilium/agent/configuration";
import { refusals } from "../../cilium/agent/rule";
import { agentSubjects } from "../../cilium/agent/subjects";
import { judgeValues } from "../../cilium/keys/judge-values";
import { ciliumValues } from "../../plan/cilium-values";
import type { Stack } from "../../stack/schema";
import { field } from "../../kubernetes/object";
import { type Check, defineCheck } from "../check";
import { minorVersion } from "../../kubernetes/version";

/** The value in cilium.values at a path such as `hubble.tls.auto.method`; undefined when there is none. */
export function userValue(stack: Stack, path: string): unknown {
  return field(stack.cilium.values, ...path.split("."));
}

/** The value for the chart at a path: from cilium.values, else from the plan; undefined is the chart's default. */
export function value(stack: Stack, path: string): unknown {
  return field(ciliumValues(stack), ...path.split("."));
}

/** Whether a value is on; the chart accepts booleans as texts too. */
export function isOn(setting: unknown): boolean {
  return setting === true || setting === "true";
}

/** A value as a message quotes it. */
export function quoted(setting: unknown): string {
  return JSON.stringify(setting) ?? "nothing";
}

/** Helm values with a key of their own in the stack file, which other checks and the routers' configuration use. */
const ownKeys: Readonly<Record<string, string>> = {
  routingMode: "cilium.routingMode",
  tunnelProtocol: "cilium.tunnelProtocol",
  autoDirectNodeRoutes: "cilium.autoDirectNodeRoutes",
  upgradeCompatibility: "cilium.installedVersion",
  "cni.binPath": "image.cniBinaryPath",
};

/** Helm values that restart pods when their settings change, and which pods these are. */
const switches: Readonly<Record<string, string>> = {
  rollOutCiliumPods: "the agents",
  "operator.rollOutPods": "the operator",
  "envoy.rollOutPods": "Envoy",
};

/** What is wrong with the Helm values of a stack that is checked: three checks ask for the same. */
const judged = new WeakMap<object, ReturnType<typeof judgeValues>>();

function judgementsOf(cilium: Stack["cilium"]): ReturnType<typeof judgeValues> {
  const known = judged.get(cilium) ?? judgeValues(cilium.values, cilium.version);
  judged.set(cilium, known);
  return known;
}

/** Keys and types of Helm values: one check for each fault of {@link judgeValues}. */
const keyChecks = [
  {
    id: "cilium/values-alive",
    fault: "dead",
    summary: "Helm values use no key that the chart has removed.",
    why: "older guides still show removed keys: the chart ignores them or fails to render",
  },
  {
    id: "cilium/values-known",
    fault: "unknown",
    summary: "Helm values use only keys of the chart.",
    why: "the chart ignores an unknown key without an error",
  },
  {
    id: "cilium/values-typed",
    fault: "type",
    summary: "Helm values have the types that the chart expects.",
    why: "the chart refuses a value of another type, long after the stack was checked",
  },
].map(({ fault: wanted, ...check }) =>
  defineCheck({
    ...check,
    run: ({ cilium }) =>
      judgementsOf(cilium)
        .filter(({ fault }) => fault === wanted)
        .map(({ key, problem, fix }) => ({ at: `cilium.values.${key}`, problem, fix })),
  }),
);

/** One check for each subject of model/cilium/agent: values with which the agents exit at their start. */
const agentChecks = agentSubjects.map(({ id, summary, rules }) =>
  defineCheck({
    id,
    summary,
    why: "the agent exits at its start with an error, never loads its datapath, or drops traffic that it should carry, on every node",
    acceptable: false,
    run: (stack) => {
      const { version } = stack.cilium;
      const configuration = plannedConfiguration(
        ciliumValues(stack),
        minorVersion(version),
        stack.network.nodes,
      );
      return refusals(configuration, rules).map(({ key, problem, fix }) => ({
        at: `cilium.values.${key}`,
        problem,
        fix,
      }));
    },
  }),
);

/** Checks of single Helm values: their keys and types, and what the stack sets itself. */
export const valueChecks: readonly Check[] = [
  ...keyChecks,
  ...agentChecks,
  defineCheck({
    id: "cilium/settings-said-once",
    summary: "Settings with a key in the stack file are not set as Helm values too.",
    why: "of two places with different values only one applies, and readers of the stack file rely on the other",
    run: (stack) =>
      Object.entries(ownKeys).flatMap(([path, own]) => {
        const set = userValue(stack, path);
        if (set === undefined) return [];
        return {
          at: `cilium.values.${path}`,
          problem: `${quoted(set)} bypasses ${own}`,
          fix: `remove it, and set ${own}`,
        };
      }),
  }),
  defineCheck({
    id: "cilium/settings-roll-out",
    summary: "Changed settings restart Cilium's pods.",
    why: "Cilium reads its settings once, so a change has no effect until the pods restart",
    severity: "warning",
    run: (stack) =>
      Object.entries(switches).flatMap(([path, who]) =>
        userValue(stack, path) !== false
          ? []
          : {
              at: `cilium.values.${path}`,
              problem: `with false the pods of ${who} keep their old settings after a change`,
              fix: "remove it",
            },
      ),
  }),
  defineCheck({
    id: "cilium/cluster-identity",
    summary: "The cluster's name and ID are valid in a cluster mesh.",
    why: "the chart refuses the name, or two clusters of a mesh treat each other's pods as their own",
    run: (stack) => {
      const id = value(stack, "cluster.id");
      const name = value(stack, "cluster.name");
      const most = Number(value(stack, "clustermesh.maxConnectedClusters") ?? 255);
      const wellformed = typeof name === "string" && /^([a-z0-9][-a-z0-9]*)?[a-z0-9]$/.test(name);
      return [
        typeof id === "number" && Number.isInteger(id) && id >= 0 && id <= most
          ? []
          : {
              at: "cilium.values.cluster.id",
              problem: `${quoted(id)} is not a valid cluster ID`,
              fix: `write one from 1 to ${most} that no other cluster of the mesh has, or remove it`,
            },
        // cilium/cluster-name-short reports the stack's own name.
        (wellformed && name.length <= 32) || name === stack.name
          ? []
          : {
              at: "cilium.values.cluster.name",
              problem: `${quoted(name)} is not a valid cluster name`,
              fix: `remove it; the name is ${stack.name}`,
            },
        name === "default" && id !== 0
          ? {
              at: "cilium.values.cluster.id",
              problem: `a cluster named "default" cannot have the ID ${quoted(id)}`,
              fix: "name the cluster (metal:name), or remove cluster.id",
            }
          : [],
      ];
    },
  }),
  defineCheck({
    id: "cilium/cluster-name-short",
    summary: "The stack's name has at most 32 characters.",
    why: "Cilium refuses longer cluster names",
    run: ({ name }) =>
      name.length <= 32
        ? []
        : [{ at: "name", problem: `"${name}" has ${name.length} characters`, fix: "shorten it to 32" }],
  }),
];
