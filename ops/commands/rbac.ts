import { Command, Option } from "commander";
import type { RightsOf } from "../rights/stack-rights";
import { stackOption } from "./options";
import type { Terminal } from "./terminal";
import { type ExitCode, exitCodes } from "../exit-codes";

interface RbacOptions {
  readonly stack?: string;
  readonly readOnly?: true;
  readonly refresh?: true;
  readonly workload?: true;
  readonly group?: string;
}

/** `rbac`: the rights that a stack needs, as manifests for its clusters. */
export function rbacCommand(terminal: Terminal): Command {
  return new Command("rbac")
    .description("print the RBAC manifests with the rights that a stack needs on the management cluster")
    .addOption(stackOption())
    .option("--read-only", "the rights of a preview: reading without Secrets, and dry runs")
    .addOption(
      new Option(
        "--refresh",
        "the rights of a preview with --refresh: those of a preview, and reading the stack's Secrets",
      ).conflicts(["readOnly", "workload"]),
    )
    .addOption(
      new Option("--workload", "the rights on the workload cluster that status and verify need").conflicts(
        "readOnly",
      ),
    )
    .option(
      "--group <name>",
      "group that gets them (default: metal:NAMESPACE:CLUSTER[:preview|:refresh|:workload])",
    )
    .addHelpText(
      "after",
      "\nAn administrator of the cluster applies them. docs/security.md describes each role.\n" +
        "Examples:\n  npm run metal -- rbac --stack capi-1\n  npm run --silent metal -- rbac --stack capi-1 | kubectl --context management apply -f -\n" +
        "  npm run --silent metal -- rbac --stack capi-1 --read-only --group previews",
    )
    .action(async (options: RbacOptions) => terminal.end(await rbac(terminal, options)));
}

async function rbac(terminal: Terminal, options: RbacOptions): Promise<ExitCode> {
  const { chosenPlan } = await import("./options.js");
  const { rightsManifests } = await import("../rights/stack-rights.js");
  const { stringify } = await import("yaml");
  const { plan } = chosenPlan(terminal, options.stack);
  const of = rightsOf(options);
  const objects = rightsManifests(plan, of, options.group);
  terminal.document(
    objects.map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })).join("---\n"),
  );
  return exitCodes.holds;
}

function rightsOf({ readOnly, refresh, workload }: RbacOptions): RightsOf {
  if (readOnly === true) return "preview";
  if (refresh === true) return "refresh";
  return workload === true ? "workload" : "operator";
}
