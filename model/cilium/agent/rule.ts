import type { AgentConfiguration } from "./configuration";

/** One thing that makes the agent end at its start, or keeps its datapath from being loaded. */
export interface AgentRule {
  /** The key of cilium-config that a finding points at. */
  readonly setting: string;
  /** Minors whose agent refuses it; all that are supported when left out. */
  readonly minors?: readonly string[];
  /** What is wrong, with the values found; undefined when nothing is. */
  readonly problem: (agent: AgentConfiguration) => string | undefined;
  /** What to write instead. */
  readonly fix: string;
}

/** Rules of one subject, which share an id. */
export interface AgentSubject {
  /** Of the check on the stack file; a render is judged under `render/agent-starts`. */
  readonly id: string;
  /** What the check on the stack file checks. */
  readonly summary: string;
  readonly rules: readonly AgentRule[];
}

/** What a rule found. */
export interface Refusal {
  /** Below `cilium.values`. */
  readonly key: string;
  readonly problem: string;
  readonly fix: string;
}

/** All that an agent with this configuration refuses, of some rules. */
export function refusals(agent: AgentConfiguration, rules: readonly AgentRule[]): readonly Refusal[] {
  return rules.flatMap(({ setting, minors, problem, fix }) => {
    if (minors !== undefined && !minors.includes(agent.minor)) return [];
    const found = problem(agent);
    return found === undefined ? [] : [{ key: agent.keyOf(setting), problem: found, fix }];
  });
}

/** A setting that has one of a few values, in lower case where the agent ignores the case. */
export function oneOf(
  setting: string,
  values: readonly string[],
  more: Pick<AgentRule, "minors"> & { readonly ignoresCase?: boolean } = {},
): AgentRule {
  const { ignoresCase = false, ...rest } = more;
  return {
    setting,
    ...rest,
    problem: (agent) => {
      const text = agent.text(setting) ?? "";
      const value = ignoresCase ? text.toLowerCase() : text;
      return when(text !== "" && !values.includes(value), `the agent does not accept "${text}"`);
    },
    fix: `write ${values.slice(0, -1).join(", ")} or ${values.at(-1) ?? ""}`,
  };
}

/** A problem, if a condition holds. */
export function when(condition: boolean, problem: string): string | undefined {
  return condition ? problem : undefined;
}
