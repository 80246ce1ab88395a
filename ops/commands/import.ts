import fs from "node:fs";
import path from "node:path";
import { Command } from "commander";
import type { ImportedStack } from "../../model/import/import-stack";
import type { NotCarried } from "../../model/import/draft";
import { shownOnOneLine } from "../../model/redaction/shown";
import { type FileText, fileTooLarge, largestFileBytes } from "../../model/stack/source/yaml-file";
import { counted } from "../../model/text/wording";
import { readRegularFile } from "../stack/project-files";
import { stackFileOf } from "../stack/stack-files";
import { type ExitCode, exitCodes } from "../exit-codes";
import { stackName } from "./options";
import { type Terminal, Refusal } from "./terminal";

interface ImportOptions {
  readonly name?: string;
  readonly context?: string;
  readonly json?: true;
}

/** `import FILES`: writes a stack file that plans the objects which the files hold. */
export function importCommand(terminal: Terminal): Command {
  return new Command("import")
    .description(
      "write Pulumi.<name>.yaml from the objects of a cluster (Cluster API, Metal3, Cilium), and list what it does not hold of them",
    )
    .argument("<paths...>", "YAML files, or folders of them")
    .option("--name <name>", "the stack's name (default: the cluster's)", stackName)
    .option(
      "--context <context>",
      "context of the management cluster in your kubeconfig (default: management)",
    )
    .option("--json", "print the lists as JSON")
    .addHelpText(
      "after",
      "\nReads BareMetalHost with its network data, Metal3MachineTemplate, Metal3DataTemplate, IPPool, Cluster, Metal3Cluster,\n" +
        "KubeadmControlPlane, KubeadmConfigTemplate, MachineDeployment, MachineHealthCheck, CiliumBGP*, CiliumLoadBalancerIPPool,\n" +
        "CiliumL2AnnouncementPolicy and Helm values of Cilium. Values of Secrets are never read into the stack file or printed.\n" +
        "Exit code 1: the stack file is written, and something is listed; 2: nothing is written.\n" +
        "\nExamples:\n  npm run metal -- import cluster.yaml hosts.yaml cilium-values.yaml\n  npm run metal -- import manifests/ --name home",
    )
    .action(async (paths: readonly string[], options: ImportOptions) =>
      terminal.end(await importPaths(terminal, paths, options)),
    );
}

async function importPaths(
  terminal: Terminal,
  paths: readonly string[],
  options: ImportOptions,
): Promise<ExitCode> {
  const { importStack } = await import("../../model/import/import-stack.js");
  const { files, problems } = readFiles(terminal.directory, paths);
  const { name, context } = options;
  const result = importStack(files, { name, context });
  const all = [
    ...problems,
    ...("problems" in result ? result.problems.filter(() => files.length > 0 || problems.length === 0) : []),
    ...existing(terminal.directory, "problems" in result ? name : result.name),
  ];
  if (all.length > 0 || "problems" in result) {
    throw new Refusal(`nothing is written:\n${all.map((line) => `  ${shownOnOneLine(line)}`).join("\n")}`);
  }
  fs.writeFileSync(stackFileOf(terminal.directory, result.name), result.text, { flag: "wx" });
  const { notCarried, added } = result;
  const file = `Pulumi.${result.name}.yaml`;
  if (options.json === true) terminal.json({ file, notCarried, added }, 2);
  else terminal.out(reportOf(result, file, files));
  return notCarried.length + added.length === 0 ? exitCodes.holds : exitCodes.findings;
}

function existing(directory: string, name: string | undefined): readonly string[] {
  if (name === undefined || !fs.existsSync(stackFileOf(directory, name))) return [];
  return [`Pulumi.${name}.yaml already exists; choose another name: --name`];
}

/** The texts of files, and of the YAML and JSON files in folders; everything that cannot be read is a problem. */
function readFiles(
  directory: string,
  paths: readonly string[],
): { readonly files: readonly FileText[]; readonly problems: readonly string[] } {
  const problems: string[] = [];
  const found = paths.flatMap((given) => {
    const place = path.resolve(directory, given);
    const stat = fs.statSync(place, { throwIfNoEntry: false });
    if (stat === undefined) problems.push(`${given} does not exist`);
    if (stat?.isDirectory() !== true) return stat === undefined ? [] : [given];
    const inside = fs
      .readdirSync(place, { recursive: true, encoding: "utf8" })
      .filter((file) => /\.(ya?ml|json)$/.test(file))
      .sort();
    if (inside.length === 0) problems.push(`${given} holds no YAML file`);
    return inside.map((file) => path.join(given, file));
  });
  const files = [...new Set(found)].flatMap((name) => {
    const bytes = readRegularFile(path.resolve(directory, name), largestFileBytes);
    if (bytes.length > largestFileBytes) {
      problems.push(fileTooLarge(name, bytes.length).problem);
      return [];
    }
    return [{ name, text: bytes.toString("utf8") }];
  });
  return { files, problems };
}

function reportOf(
  { name, stack, notCarried, added }: ImportedStack,
  file: string,
  files: readonly FileText[],
): string {
  const workers = stack.workers.reduce((sum, { replicas }) => sum + replicas, 0);
  return [
    `wrote ${file} from ${counted(files.length, "file")}: ${counted(stack.hosts.length, "host")}, ${counted(stack.controlPlane.replicas, "control plane machine")}, ${counted(workers, "worker")}`,
    ...listOf("Not carried over", notCarried),
    ...listOf("Planned in addition", added),
    "",
    `1. edit ${file}: look at what is marked "yours"`,
    `2. npm run metal -- check --stack ${name}`,
    `3. npm run rehearse -- --stack ${name}`,
  ].join("\n");
}

function listOf(title: string, entries: readonly NotCarried[]): readonly string[] {
  if (entries.length === 0) return [];
  return [
    "",
    `${title} (${entries.length}):`,
    ...entries.map(({ file, object, at, why }) => {
      const place = [file, object, at].filter((part) => part !== "").map(shownOnOneLine);
      return `  ${place.join("  ")}\n    ${shownOnOneLine(why)}`;
    }),
  ];
}
