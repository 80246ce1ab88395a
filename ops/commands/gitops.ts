import { Command, Option } from "commander";
import { gitopsTools } from "../../model/live/hand-over/tool";
import { stackOption } from "./options";
import type { GitopsOptions } from "./gitops-action";
import type { Terminal } from "./terminal";

/** `gitops`: the objects with which Argo CD or Flux takes Cilium over, once it is proven that nothing would change. */
export function gitopsCommand(terminal: Terminal): Command {
  return new Command("gitops")
    .description(
      "write what Argo CD or Flux needs to own Cilium; refused unless it would change nothing that runs",
    )
    .addOption(stackOption())
    .addOption(new Option("--tool <tool>", "who will own Cilium").choices(gitopsTools).makeOptionMandatory())
    .option("--output <directory>", "write cilium.yaml (and bgp.yaml) there instead of printing")
    .option("--bgp", "hand BGP's objects over too; passwords stay with the stack")
    .option(
      "--namespace <namespace>",
      "of the tool's objects; argocd, or for Flux the stack's own, when left out",
    )
    .option(
      "--destination <name>",
      "how the tool finds the cluster: its name in Argo CD, a kubeconfig's Secret for Flux, or in-cluster",
    )
    .option("--repository <url>", "where the tool gets the chart; the public place when left out")
    .addHelpText(
      "after",
      "\nThen: write cilium.lifecycle: gitops (with --bgp also bgp.lifecycle: gitops) into the stack file, pulumi up, and\n" +
        "only then apply the files. Deleting a Flux HelmRelease uninstalls Cilium unless it is suspended before.\n" +
        "Examples:\n  npm run metal -- gitops --stack capi-1 --tool argocd\n" +
        "  npm run metal -- gitops --tool flux --bgp --output clusters/capi-1",
    )
    .action(async (options: GitopsOptions) => {
      const { gitopsAction } = await import("./gitops-action.js");
      terminal.end(await gitopsAction(terminal, options));
    });
}
