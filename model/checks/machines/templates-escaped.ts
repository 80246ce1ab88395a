import type { Stack } from "../../config/schema";
import { defineCheck } from "../check";
import { ofEachMachines } from "./each-machines";

/** Cluster API marks the whole of a machine's user data as a Jinja template (facts/capi-metal3.md 3.1). */
const raw = /\{%-?\s*raw\s*-?%\}[\s\S]*?\{%-?\s*endraw\s*-?%\}/g;
/** What may be meant: the machine's own metadata, and Jinja's statements. */
const meant =
  /^\{\{-?\s*(ds|v1|merged_cfg|instance_id|local_hostname)\b|^\{%-?\s*(if|elif|else|endif|for|endfor|set)\b/;

export const templatesEscaped = defineCheck({
  id: "machines/templates-escaped",
  why: "cloud-init expands it before anything runs: the text vanishes, or the machine gets no configuration at all",
  acceptable: false,
  run: ofEachMachines(({ machines }) =>
    textsOf(machines).flatMap(({ at, text }) => {
      const left = text.replace(raw, "");
      const found = [...left.matchAll(/\{[{%#]/g)]
        .map(({ index }) => left.slice(index, index + 40).split("\n")[0] ?? "")
        .find((rest) => !meant.test(rest));
      if (found === undefined) return [];
      return [
        {
          at,
          problem: `"${found.slice(0, 24)}" starts an expression of cloud-init's template language`,
          fix: "put {% raw %} before and {% endraw %} behind that text",
        },
      ];
    }),
  ),
});

function textsOf({ files, preKubeadmCommands, postKubeadmCommands, kubeletArguments }: Stack["machines"]) {
  return [
    ...files.map(({ content }, i) => ({ at: `machines.files[${i}].content`, text: content })),
    ...preKubeadmCommands.map((text, i) => ({ at: `machines.preKubeadmCommands[${i}]`, text })),
    ...postKubeadmCommands.map((text, i) => ({ at: `machines.postKubeadmCommands[${i}]`, text })),
    ...Object.entries(kubeletArguments).map(([name, text]) => ({
      at: `machines.kubeletArguments.${name}`,
      text,
    })),
  ];
}
