import { list, text } from "../../kubernetes/object";
import { agent, configOf, operator, workloadsOf } from "./anatomy";
import { defineProof } from "./proof";

export const settingsNotOverridden = defineProof({
  id: "render/settings-not-overridden",
  why: "flags and CILIUM_ variables win over cilium-config, so that what was proven there is not what runs",
  run: (render) => {
    const settings = new Set(Object.keys(configOf(render) ?? {}));
    return workloadsOf(render, [agent, operator]).flatMap(({ place, pod, values }) =>
      list(pod, "containers").flatMap((container) => [
        ...list(container, "args")
          .map((arg) => /^--?([a-z0-9-]+)/.exec(String(arg))?.[1] ?? "")
          // The chart itself hands the operator the key "debug".
          .filter((flag) => flag !== "debug" && (settings.has(flag) || unsaid.includes(flag)))
          .map((flag) => ({
            key: `${values}extraArgs`,
            problem: `${place} is started with --${flag}, which overrides cilium-config`,
            fix: `remove it from ${values}extraArgs in cilium.values, and set the chart's own key`,
          })),
        ...list(container, "env")
          .map((entry) => text(entry, "name") ?? "")
          .filter((name) => settings.has(settingOf(name)) && name !== "CILIUM_DEBUG")
          .map((name) => ({
            key: `${values}extraEnv`,
            problem: `${place}: the variable ${name} overrides ${settingOf(name)} of cilium-config`,
            fix: `remove it from ${values}extraEnv in cilium.values, and set the chart's own key`,
          })),
      ]),
    );
  },
});

/** Settings that other proofs want to be absent, so that they are not among the keys of cilium-config. */
const unsaid = ["skip-crd-creation", "kvstore", "k8s-api-server", "k8s-api-server-urls"];

function settingOf(variable: string): string {
  return variable.startsWith("CILIUM_")
    ? variable.slice("CILIUM_".length).toLowerCase().replaceAll("_", "-")
    : "";
}
