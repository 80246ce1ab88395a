import { plannedConfiguration } from "../../cilium/agent/configuration";
import { refusals } from "../../cilium/agent/rule";
import { agentSubjects } from "../../cilium/agent/subjects";
import { minorOf } from "../../cilium/keys/known-keys";
import { ciliumValues } from "../../cilium/values";
import type { Stack } from "../../config/schema";
import { type Check, defineCheck } from "../check";

/** One check for each subject of model/cilium/agent: values with which agents end at their start. */
export const agentRefusals: readonly Check[] = agentSubjects.map(({ id, rules }) =>
  defineCheck({
    id,
    why: "the agent ends at its start with a message, never loads its datapath, or drops what it should carry, on every node",
    acceptable: false,
    run: (stack) =>
      refusals(configurationOf(stack), rules).map(({ key, problem, fix }) => ({
        at: `cilium.values.${key}`,
        problem,
        fix,
      })),
  }),
);

function configurationOf(stack: Stack) {
  const { cilium, network } = stack;
  return plannedConfiguration(ciliumValues(stack), minorOf(cilium.version), network.nodes);
}
