import { agent, objectOf, operator } from "./anatomy";
import { defineProof } from "./proof";

const needed = [
  { ...agent, key: "agent" },
  { ...operator, key: "operator.enabled" },
  { kind: "ConfigMap", name: "cilium-config", key: "agent" },
];

export const workloadsPresent = defineProof({
  id: "render/workloads-present",
  why: "no node ever becomes ready without the agent, its operator and their configuration",
  run: (render) =>
    needed
      .filter(({ kind, name }) => objectOf(render, kind, name) === undefined)
      .map(({ kind, name, key }) => ({
        key,
        problem: `the render has no ${kind} ${name}, so no node would ever become ready`,
        fix: "remove agent and operator.enabled from cilium.values",
      })),
});
