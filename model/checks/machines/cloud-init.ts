import type { Stack, WorkerPool } from "../../stack/schema";
import { listed } from "../../findings/finding";
import { type Check, type CheckDefinition, type CheckResults, type PlacedText, defineCheck } from "../check";
import { componentsOf } from "../kubernetes/components";

/** A check's run over the machine settings of the stack and of each pool with its own: places below `machines` become the pool's. */
export function ofEachMachines(run: (stack: Stack) => CheckResults): CheckDefinition["run"] {
  return (stack) => [
    run(stack),
    stack.workers.flatMap(({ machines: own }, i) =>
      own === undefined
        ? []
        : listed(run({ ...stack, machines: withOwn(stack.machines, own) })).map((result) => ({
            ...result,
            at: result.at.replace(/^machines\b/, `workers[${i}].machines`),
          })),
    ),
  ];
}

function withOwn(all: Stack["machines"], own: NonNullable<WorkerPool["machines"]>): Stack["machines"] {
  return { ...all, ...own, users: [...all.users, ...own.users] };
}

/** At the start of a command, also after another one. */
const interrupting =
  /(^|[;&|]\s*|\b(?:sudo|exec)\s+)((?:systemctl\s+)?(?:reboot|poweroff|halt)|shutdown|kubeadm\s+(?:init|join|reset))\b/;

/** Cluster API marks the whole of a machine's user data as a Jinja template (Cluster API v1.14 bootstrap/kubeadm/pkg/cloudinit). */
const raw = /\{%-?\s*raw\s*-?%\}[\s\S]*?\{%-?\s*endraw\s*-?%\}/g;

/** Expressions that are probably intended: the machine's metadata, and Jinja's statements. */
const intended =
  /^\{\{-?\s*(ds|v1|merged_cfg|instance_id|local_hostname)\b|^\{%-?\s*(if|elif|else|endif|for|endfor|set)\b/;

/** Checks of the commands and templates that cloud-init runs. */
export const cloudInitChecks: readonly Check[] = [
  defineCheck({
    id: "machines/commands-leave-kubeadm",
    summary: "Commands neither restart the machine nor run kubeadm.",
    why: "cloud-init runs once: a machine that restarts during that run, or joins by hand, never becomes a node",
    acceptable: false,
    run: ofEachMachines(({ machines }) =>
      (["preKubeadmCommands", "postKubeadmCommands"] as const).flatMap((key) =>
        machines[key].flatMap((command, i) => {
          const found = interrupting.exec(command)?.[2];
          if (found === undefined) return [];
          return {
            at: `machines.${key}[${i}]`,
            problem: `"${found}" interrupts the machine's only run of kubeadm`,
            fix: "remove it; a change that needs a restart belongs in the image",
          };
        }),
      ),
    ),
  }),
  defineCheck({
    id: "machines/templates-escaped",
    summary: "Files, commands and arguments contain no unescaped template expression of cloud-init.",
    why: "cloud-init expands it before anything runs: the text disappears, or the machine gets no configuration at all",
    acceptable: false,
    run: (stack) => [
      ofEachMachines(({ machines }) => unescaped(textsOf(machines)))(stack),
      unescaped(argumentsOf(stack)),
    ],
  }),
];

function unescaped(texts: readonly PlacedText[]): CheckResults {
  return texts.flatMap(({ at, text }) => {
    const left = text.replace(raw, "");
    const found = [...left.matchAll(/\{[{%#]/g)]
      .map(({ index }) => left.slice(index, index + 40).split("\n")[0] ?? "")
      .find((rest) => !intended.test(rest));
    if (found === undefined) return [];
    return [
      {
        at,
        problem: `"${found.slice(0, 24)}" starts an expression of cloud-init's template language`,
        fix: "put {% raw %} before and {% endraw %} after that text",
      },
    ];
  });
}

/** The arguments of the control plane's components and the patches of their pods, which are in the same user data. */
function argumentsOf(stack: Stack): readonly PlacedText[] {
  const patches = stack.kubernetes.patches.map(({ patch }, i) => ({
    at: `kubernetes.patches[${i}].patch`,
    text: JSON.stringify(patch),
  }));
  const args = componentsOf(stack).flatMap(({ name, extraArgs }) =>
    Object.entries(extraArgs).map(([flag, text]) => ({ at: `kubernetes.${name}.extraArgs.${flag}`, text })),
  );
  return [...args, ...patches];
}

function textsOf({
  files,
  preKubeadmCommands,
  postKubeadmCommands,
  kubeletArguments,
}: Stack["machines"]): readonly PlacedText[] {
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
