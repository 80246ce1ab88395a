import type { Stack } from "../../config/schema";
import { type CheckResult, defineCheck } from "../check";
import { componentsOf } from "../kubernetes/components";
import { ofEachMachines } from "./each-machines";

/** Cluster API marks the whole of a machine's user data as a Jinja template (Cluster API v1.14 bootstrap/kubeadm/pkg/cloudinit). */
const raw = /\{%-?\s*raw\s*-?%\}[\s\S]*?\{%-?\s*endraw\s*-?%\}/g;
/** What may be meant: the machine's own metadata, and Jinja's statements. */
const meant =
  /^\{\{-?\s*(ds|v1|merged_cfg|instance_id|local_hostname)\b|^\{%-?\s*(if|elif|else|endif|for|endfor|set)\b/;

export const templatesEscaped = defineCheck({
  id: "machines/templates-escaped",
  why: "cloud-init expands it before anything runs: the text vanishes, or the machine gets no configuration at all",
  acceptable: false,
  run: (stack) => [
    ...ofEachMachines(({ machines }) => unescaped(textsOf(machines)))(stack),
    ...unescaped(argumentsOf(stack)),
  ],
});

interface Text {
  readonly at: string;
  readonly text: string;
}

function unescaped(texts: readonly Text[]): readonly CheckResult[] {
  return texts.flatMap(({ at, text }) => {
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
  });
}

/** The arguments of the control plane's components, which stand in the same user data. */
function argumentsOf(stack: Stack): readonly Text[] {
  return componentsOf(stack).flatMap(({ name, extraArgs }) =>
    Object.entries(extraArgs).map(([flag, text]) => ({ at: `kubernetes.${name}.extraArgs.${flag}`, text })),
  );
}

function textsOf({
  files,
  preKubeadmCommands,
  postKubeadmCommands,
  kubeletArguments,
}: Stack["machines"]): readonly Text[] {
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
