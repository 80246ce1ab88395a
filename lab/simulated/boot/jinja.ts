import { BootRefused } from "./refusal";

const RAW = /\{%-?\s*raw\s*-?%\}([\s\S]*?)\{%-?\s*endraw\s*-?%\}/g;
const EXPRESSION = /\{\{-?\s*([\s\S]*?)\s*-?\}\}/g;
const META_DATA = /^ds\.meta_data\.([A-Za-z_][A-Za-z0-9_]*)$/;

/**
 * cloud-init's jinja as far as bootstrap data uses it: `{{ ds.meta_data.x }}` and raw blocks. Text without the line
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
  for (const match of body.matchAll(RAW)) {
    out += renderPlain(body.slice(at, match.index), known) + (match[1] ?? "");
    at = match.index + match[0].length;
  }
  return out + renderPlain(body.slice(at), known);
}

function renderPlain(text: string, known: ReadonlyMap<string, string>): string {
  return text.replace(EXPRESSION, (whole: string, expression: string) => {
    const key = META_DATA.exec(expression)?.[1];
    if (key === undefined) {
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
    return value;
  });
}
