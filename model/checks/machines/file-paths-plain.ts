import { defineCheck } from "../check";
import { ofEachMachines } from "./each-machines";

export const filePathsPlain = defineCheck({
  id: "machines/file-paths-plain",
  why: "cloud-init fails on a path that names a folder, and a file in another place than meant is not found",
  run: ofEachMachines(({ machines }) =>
    machines.files.flatMap(({ path }, i) => {
      const plain = `/${path
        .trim()
        .split("/")
        .filter((step) => step !== "" && step !== ".")
        .join("/")}`;
      if (path === plain && !path.split("/").includes("..")) return [];
      return [
        {
          at: `machines.files[${i}].path`,
          problem: `"${path}" is no plain path of a file`,
          fix: plain === "/" || plain.includes("..") ? "write the whole path of the file" : `write ${plain}`,
        },
      ];
    }),
  ),
});
