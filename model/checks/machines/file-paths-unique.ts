import { defineCheck, pairs } from "../check";
import { ofEachMachines } from "./each-machines";

export const filePathsUnique = defineCheck({
  id: "machines/file-paths-unique",
  why: "of two files with one path only the last one is there",
  run: ofEachMachines(({ machines }) =>
    pairs(machines.files.map(({ path }, i) => ({ path, i })))
      .filter(([a, b]) => a.path === b.path)
      .map(([a, b]) => ({
        at: `machines.files[${b.i}].path`,
        problem: `"${b.path}" is also the path of machines.files[${a.i}]`,
        fix: "remove one of the two",
      })),
  ),
});
