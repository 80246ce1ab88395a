import { renderedConfiguration } from "../agent/configuration";
import { refusals } from "../agent/rule";
import { agentSubjects } from "../agent/subjects";
import { minorOf } from "../keys/known-keys";
import { configOf } from "./anatomy";
import { defineProof } from "./proof";

export const agentStarts = defineProof({
  id: "render/agent-starts",
  why: "the agent ends at its start with a message, never loads its datapath, or drops what it should carry, on every node",
  run: (render, { version, network, values }) => {
    const config = configOf(render);
    if (config === undefined) return [];
    const agent = renderedConfiguration(config, { minor: minorOf(version), nodes: network.nodes, values });
    return agentSubjects.flatMap(({ rules }) => refusals(agent, rules));
  },
});
