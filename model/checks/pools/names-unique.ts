import { defineCheck, pairs } from "../check";

export const namesUnique = defineCheck({
  id: "pools/names-unique",
  why: "two pools of one name are one MachineDeployment, and each change of the one undoes the other",
  acceptable: false,
  run: ({ workers }) =>
    pairs(workers.map(({ name }, i) => ({ name, i })))
      .filter(([a, b]) => a.name === b.name)
      .map(([a, b]) => ({
        at: `workers[${b.i}].name`,
        problem: `"${b.name}" is also the name of workers[${a.i}]`,
        fix: "give each pool its own name",
      })),
});
