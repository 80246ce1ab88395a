import type { Stack, WorkerPool } from "../../stack/schema";
import { listed } from "../../findings/finding";
import { type Check, type CheckDefinition, type CheckResults, defineCheck } from "../check";

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

/** Checks of the commands that cloud-init runs. */
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
];
