import path from "node:path";
import { Command } from "commander";
import { sysdumpCall } from "../../model/cilium/cli";
import { chosenPlan, stackOption } from "./options";
import { Refusal, type Terminal } from "./terminal";
import { type ExitCode, exitCodes } from "../exit-codes";

interface SysdumpOptions {
  readonly stack?: string;
  readonly output?: string;
  readonly quick?: true;
}

/** `sysdump`: the Cilium CLI's own archive of everything about Cilium, for support. */
export function sysdumpCommand(terminal: Terminal): Command {
  return new Command("sysdump")
    .description("collect logs and state of Cilium into one archive, with the Cilium CLI; changes nothing")
    .addOption(stackOption())
    .option("--output <file>", "path of the archive, without .zip (default: cilium-sysdump-STACK-TIME)")
    .option("--quick", "skip what takes long to collect")
    .addHelpText(
      "after",
      "\nThe archive holds logs and objects without redaction: review it before you share it.\n" +
        "Examples:\n  npm run metal -- sysdump --stack capi-1\n  npm run metal -- sysdump --quick --output for-support",
    )
    .action(async (options: SysdumpOptions) => terminal.end(await sysdump(terminal, options)));
}

async function sysdump(terminal: Terminal, options: SysdumpOptions): Promise<ExitCode> {
  const { StackClusters } = await import("../live/clusters.js");
  const { runCilium } = await import("../cilium/cli.js");
  const { name, plan } = chosenPlan(terminal, options.stack);
  await using clusters = new StackClusters(plan, terminal.directory);
  const kubeconfig = await clusters.kubeconfig();
  if (kubeconfig === undefined) throw new Refusal(`Secret ${clusters.kubeconfigSecret} does not exist`);
  const time = terminal.now().toISOString().slice(0, 19).replaceAll(":", "");
  const output = path.resolve(
    terminal.directory,
    (options.output ?? `cilium-sysdump-${name}-${time}`).replace(/\.zip$/, ""),
  );
  const code = await runCilium(sysdumpCall(output, options.quick === true), kubeconfig, terminal);
  if (code !== 0) throw new Refusal(`cilium sysdump ended with ${code}; its output is above`);
  terminal.out(`${path.relative(terminal.directory, output)}.zip`);
  return exitCodes.holds;
}
