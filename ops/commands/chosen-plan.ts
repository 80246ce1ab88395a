import type { ClusterPlan } from "../../model/plan/plan";
import { planCluster } from "../../model/plan/plan-cluster";
import { findingLines } from "../router/finding-lines";
import { readStackFile } from "../stack/read-stack-file";
import { chosenStack } from "./stack-option";
import { Refusal, type Terminal } from "./terminal";

/** The plan of the stack that a command is about. Throws a {@link Refusal} where its file does not have the form of one. */
export function chosenPlan(
  terminal: Terminal,
  asked: string | undefined,
): { readonly name: string; readonly plan: ClusterPlan } {
  const name = chosenStack(terminal, asked);
  const { stack, findings } = readStackFile(terminal.directory, name);
  if (stack === undefined) {
    throw new Refusal(
      `stack ${name} cannot be read; npm run metal -- check --stack ${name}\n${findingLines(findings)}`,
    );
  }
  return { name, plan: planCluster(stack) };
}
