import { defineCheck } from "../check";
import { ofEachMachines } from "./each-machines";
import { ownFilePaths } from "./own-files";

export const filesNotOurs = defineCheck({
  id: "machines/files-not-ours",
  why: "the file that is written last wins, and a control plane without our kube-vip has no endpoint",
  acceptable: false,
  run: ofEachMachines((stack) => {
    const ours = ownFilePaths(stack);
    return stack.machines.files.flatMap(({ path }, i) =>
      ours.includes(path)
        ? [
            {
              at: `machines.files[${i}].path`,
              problem: `"${path}" is written by this program`,
              fix: "remove it, and say what you need with kubernetes.endpoint, machines.registryMirrors or machines.proxy",
            },
          ]
        : [],
    );
  }),
});
