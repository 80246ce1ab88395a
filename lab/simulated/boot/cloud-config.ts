import { parse } from "yaml";
import { field, list, text } from "../../../model/kubernetes/object";
import { BootRefused } from "./refusal";
import { renderJinja } from "./jinja";

/** What a machine does on its first boot, read from its bootstrap data. */
export interface CloudConfig {
  /** Content by path. */
  readonly files: ReadonlyMap<string, string>;
  readonly commands: readonly string[];
}

/** Renders and reads Cluster API's cloud-config. Throws {@link BootRefused} for what cloud-init would not take. */
export function readCloudConfig(userData: string, metaData: Readonly<Record<string, string>>): CloudConfig {
  const rendered = renderJinja(userData, metaData);
  if (!/^#cloud-config\s*$/m.test(rendered)) {
    throw new BootRefused(
      'cloud-init: user data does not start with "#cloud-config"; only cloud-config is played',
    );
  }
  let config: unknown;
  try {
    config = parse(rendered);
  } catch (error) {
    throw new BootRefused(`cloud-init: the cloud-config is not YAML: ${(error as Error).message}`);
  }
  const files = new Map<string, string>();
  for (const file of list(config, "write_files")) {
    const encoding = text(file, "encoding") ?? "";
    const content = text(file, "content") ?? "";
    const plain = /base64|b64/.test(encoding) ? Buffer.from(content, "base64").toString("utf8") : content;
    const path = text(file, "path") ?? "";
    files.set(path, field(file, "append") === true ? (files.get(path) ?? "") + plain : plain);
  }
  const commands = list(config, "runcmd").map((command) =>
    Array.isArray(command) ? command.map(String).join(" ") : String(command),
  );
  return { files, commands };
}

const KUBEADM = /\bkubeadm (init|join)\b/;

/** The commands before kubeadm runs. */
export function commandsBeforeKubeadm(commands: readonly string[]): readonly string[] {
  const at = commands.findIndex((command) => KUBEADM.test(command));
  return at === -1 ? commands : commands.slice(0, at);
}

/**
 * A file as it stands when kubeadm starts: the `sed -i` substitutions of earlier commands are applied when the files that
 * they test for (`[ -f … ]`) are there. Other commands are not run: they are a real server's business.
 */
export function fileAtKubeadm(config: CloudConfig, path: string): string | undefined {
  let content = config.files.get(path);
  if (content === undefined) return undefined;
  for (const command of commandsBeforeKubeadm(config.commands)) {
    if (!command.includes(path) || !/\bsed\b[^|;]*\s-i/.test(command)) continue;
    const tests = [...command.matchAll(/(!\s*)?-[fe]\s+([^\s\])&;]+)/g)];
    if (!tests.every((test) => config.files.has(test[2] ?? "") === (test[1] === undefined))) continue;
    for (const [, , from = "", to = "", every = ""] of command.matchAll(
      /[\s'"]s([#|,@/])(.+?)\1(.*?)\1(g?)/g,
    )) {
      const pattern = new RegExp(from, every);
      content = content
        .split("\n")
        .map((line) => line.replace(pattern, to))
        .join("\n");
    }
  }
  return content;
}
