import { parse } from "yaml";
import { field, list, text } from "../../../model/kubernetes/object";

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
      'cloud-init: user data does not start with "#cloud-config"; only cloud-config is simulated',
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

const kubeadm = /\bkubeadm (init|join)\b/;

/** The commands before kubeadm runs. */
function commandsBeforeKubeadm(commands: readonly string[]): readonly string[] {
  const at = commands.findIndex((command) => kubeadm.test(command));
  return at === -1 ? commands : commands.slice(0, at);
}

/**
 * The content of a file when kubeadm starts: the `sed -i` substitutions of earlier commands, and of the files that these
 * name with `-f`, are applied when the files that they test for (`[ -f … ]`) are there. Other commands are not run: they are a real server's business.
 */
export function fileAtKubeadm(config: CloudConfig, path: string): string | undefined {
  let content = config.files.get(path);
  if (content === undefined) return undefined;
  for (const command of commandsBeforeKubeadm(config.commands)) {
    if (!command.includes(path) || !/\bsed\b[^|;]*\s-i/.test(command)) continue;
    const tests = [...command.matchAll(/(!\s*)?-[fe]\s+([^\s\])&;]+)/g)];
    if (!tests.every((test) => config.files.has(test[2] ?? "") === (test[1] === undefined))) continue;
    const script = config.files.get(/\bsed\b[^|;]*\s-f\s+(\S+)/.exec(command)?.[1] ?? "") ?? "";
    for (const [, , from = "", to = "", every = ""] of `${command}\n${script}`.matchAll(
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

/** A first boot that ends as it would on a real machine: cloud-init or kubeadm fails, and no retry helps. */
export class BootRefused extends Error {}

const rawBlock = /\{%-?\s*raw\s*-?%\}([\s\S]*?)\{%-?\s*endraw\s*-?%\}/g;
const templateExpression = /\{\{-?\s*([\s\S]*?)\s*-?\}\}/g;
const metaDataExpression = /^(\{[\s\S]*\}\[)?ds\.meta_data\.([A-Za-z_][A-Za-z0-9_]*)(\])?$/;

/**
 * cloud-init's jinja as far as bootstrap data uses it: `{{ ds.meta_data.x }}`, `{{ {"a": "1"}[ds.meta_data.x] }}` and raw blocks. Text without the line
 * `## template: jinja` is taken as it is. Anything else in double braces is refused: cloud-init would ignore the whole
 * user data, or write CI_MISSING_JINJA_VAR where the value belongs.
 */
export function renderJinja(text: string, metaData: Readonly<Record<string, string>>): string {
  const [first = "", ...rest] = text.split("\n");
  if (!/^##\s*template:\s*jinja\s*$/.test(first)) return text;
  const known = new Map(Object.entries(metaData).map(([key, value]) => [key.replace(/-/g, "_"), value]));
  let out = "";
  let at = 0;
  const body = rest.join("\n");
  for (const match of body.matchAll(rawBlock)) {
    out += renderPlain(body.slice(at, match.index), known) + (match[1] ?? "");
    at = match.index + match[0].length;
  }
  return out + renderPlain(body.slice(at), known);
}

function renderPlain(text: string, known: ReadonlyMap<string, string>): string {
  return text.replace(templateExpression, (whole: string, expression: string) => {
    const [, map, key, end] = metaDataExpression.exec(expression) ?? [];
    if (key === undefined || (map === undefined) !== (end === undefined)) {
      throw new BootRefused(
        `cloud-init cannot render the user data as a jinja template: "${whole}"; write it inside {% raw %}…{% endraw %}`,
      );
    }
    const value = known.get(key);
    if (value === undefined) {
      const have = [...known.keys()].sort().join(", ");
      throw new BootRefused(
        `cloud-init: ds.meta_data.${key} is not in the machine's metaData; it has ${have}`,
      );
    }
    return map === undefined ? value : chosen(map.slice(0, -1), value, whole);
  });
}

/** The entry of a map that the text itself holds; cloud-init would write CI_MISSING_JINJA_VAR for one that it lacks. */
function chosen(map: string, key: string, whole: string): string {
  const entries = JSON.parse(map) as Readonly<Record<string, string>>;
  const value = Object.hasOwn(entries, key) ? entries[key] : undefined;
  if (value === undefined) throw new BootRefused(`cloud-init: ${whole} has no entry "${key}"`);
  return value;
}
