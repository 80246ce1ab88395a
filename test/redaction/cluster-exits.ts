import { metal } from "../ops/command-line";
import type { FakeClusters } from "../wait/fake-clusters";
import type { Exit } from "./exits";
import { plantedProject } from "./planted-fleet";

/** Exits of whole command lines against two clusters. */
export function clusterExits(clusters: FakeClusters): Readonly<Record<string, Exit>> {
  const row = (shows: Exit["shows"], ...argv: readonly string[]): readonly [string, Exit] => [
    argv.join(" "),
    {
      commands: [argv.filter((word) => /^[a-z][a-z-]*$/.test(word)).join(" ")],
      shows,
      show: async (texts) => {
        const { out, err } = await metal(plantedProject(clusters, texts), argv, { PATH: "/usr/bin:/bin" });
        return out + err;
      },
    },
  ];
  return Object.fromEntries([
    row("each", "status"),
    row("each", "status", "--json"),
    row("some", "diagnose"),
    row("each", "diagnose", "--json"),
    row("some", "preflight"),
    row("some", "preflight", "--json"),
    row("some", "preflight", "--format", "github"),
    row("some", "verify"),
    row("some", "verify", "--json"),
    row("some", "bgp", "verify"),
    row("some", "bgp", "verify", "--json"),
    row("each", "destroy-plan"),
    row("each", "destroy-plan", "--json"),
    row("each", "detach", "--all"),
  ]);
}
