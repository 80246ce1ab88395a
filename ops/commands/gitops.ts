import { Command, Option } from "commander";
import { gitopsTools } from "../../model/live/hand-over/tool";
import { stackOption } from "./options";
import type { GitopsOptions } from "./gitops-action";
import type { Terminal } from "./terminal";

/** `gitops`: the objects with which Argo CD or Flux takes ownership of Cilium, once it is proven that nothing would change. */
export function gitopsCommand(terminal: Terminal): Command {
  return new Command("gitops")
    .description(
      "write the objects with which Argo CD or Flux owns Cilium; refused if that would change the running Cilium",
    )
    .addOption(stackOption())
    .addOption(
      new Option("--tool <tool>", "the next owner of Cilium").choices(gitopsTools).makeOptionMandatory(),
    )
    .option("--output <directory>", "write cilium.yaml (and bgp.yaml) there instead of printing")
    .option("--bgp", "also hand over the BGP objects; passwords stay with the stack")
    .option(
      "--namespace <namespace>",
      "the namespace of the tool's objects (default: argocd, or for Flux the stack's namespace)",
    )
    .option(
      "--destination <name>",
      "how the tool finds the cluster: its name in Argo CD, a kubeconfig's Secret for Flux, or in-cluster",
    )
    .option("--repository <url>", "the chart repository (default: the public one)")
    .addHelpText(
      "after",
      "\nThen: write cilium.lifecycle: gitops (with --bgp also bgp.lifecycle: gitops) into the stack file, pulumi up, and\n" +
        "only then apply the files. Deleting a Flux HelmRelease uninstalls Cilium unless it is suspended first.\n" +
        "Examples:\n  npm run metal -- gitops --stack capi-1 --tool argocd\n" +
        "  npm run metal -- gitops --tool flux --bgp --output clusters/capi-1",
    )
    .action(async (options: GitopsOptions) => {
      const { gitopsAction } = await import("./gitops-action.js");
      terminal.end(await gitopsAction(terminal, options));
    });
}
