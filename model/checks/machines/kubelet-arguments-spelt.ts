import { defineCheck } from "../check";
import { ofEachMachines } from "./each-machines";

export const kubeletArgumentsSpelt = defineCheck({
  id: "machines/kubelet-arguments-spelt",
  why: "the kubelet ends at once when it is given a flag that it cannot read",
  run: ofEachMachines(({ machines }) =>
    Object.keys(machines.kubeletArguments).flatMap((name) =>
      /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)
        ? []
        : [
            {
              at: `machines.kubeletArguments.${name}`,
              problem: `"${name}" is not the bare name of a flag`,
              fix: `write ${spelt(name)}`,
            },
          ],
    ),
  ),
});

/** `--maxPods=` as `max-pods`. */
function spelt(name: string): string {
  return name
    .replace(/=.*$/, "")
    .replace(/([a-z])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
}
