import { defineCheck } from "../check";
import { ofEachMachines } from "./each-machines";

/** At the start of a command, also after another one. */
const interrupting =
  /(^|[;&|]\s*|\b(?:sudo|exec)\s+)((?:systemctl\s+)?(?:reboot|poweroff|halt)|shutdown|kubeadm\s+(?:init|join|reset))\b/;

export const commandsLeaveKubeadm = defineCheck({
  id: "machines/commands-leave-kubeadm",
  why: "cloud-init runs once: a machine that restarts in the middle of it, or is joined by hand, never becomes a node",
  acceptable: false,
  run: ofEachMachines(({ machines }) =>
    (["preKubeadmCommands", "postKubeadmCommands"] as const).flatMap((key) =>
      machines[key].flatMap((command, i) => {
        const found = interrupting.exec(command)?.[2];
        if (found === undefined) return [];
        return [
          {
            at: `machines.${key}[${i}]`,
            problem: `"${found}" interrupts the machine's only run of kubeadm`,
            fix: "remove it; put what needs a restart into the image",
          },
        ];
      }),
    ),
  ),
});
