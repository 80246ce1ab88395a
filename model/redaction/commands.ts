import { type Count, hide, removedSecret } from "./forms";
import { namesSecret } from "./names";

const name = "[\\p{L}_][\\p{L}\\p{N}_./-]{0,159}";
/** `--secret-key value`; without an equals sign the value is the next word. */
const option = new RegExp(`(?<![\\p{L}\\p{N}_-])--?(${name})(?:["']?,[ \\t]*|["']?[ \\t]+)(?=[^\\s-])`, "gu");
/** `-u user:password` of curl and others, `-p` of a login, `-P` of ipmitool, and routers' own ways. */
const commands: readonly RegExp[] = [
  /((?:^|\s)(?:-u|-U|--user|--creds|--credentials|--proxy-user|--src-creds|--dest-creds)(?:[ \t]*|=)["']?)([^\s"':-][^\s"':]*:[^\s"']+)/gm,
  /(\bsshpass[ \t]+-p[ \t]*["']?)([^\s"']+)/g,
  /(\bipmitool\b[^\n]{0,300}?[ \t]-P[ \t]*["']?)([^\s"']+)/g,
  /(\blogin\b[^\n]{0,300}?[ \t]-p[ \t]+["']?)([^\s"']+)/g,
  /(\bneighbor[ \t]+\S+[ \t]+password[ \t]+(?:\d[ \t]+)?)(\S[^\n]*)/g,
  /(\bmessage-digest-key[ \t]+\d+[ \t]+md5[ \t]+(?:\d[ \t]+)?)(\S+)/g,
  /(\b(?:key-string|enable (?:password|secret)|snmp-server community|rndc-key)[ \t]+(?:\d[ \t]+)?)(\S+)/g,
  /(\busername[ \t]+\S+[ \t]+(?:[^\n]{0,60}?[ \t])?(?:password|secret)[ \t]+(?:\d[ \t]+)?)(\S+)/g,
  /(\b(?:tacacs|radius)-server[ \t][^\n]{0,100}?key[ \t]+(?:\d[ \t]+)?)(\S+)/g,
  /(\b(?:authentication-key|encrypted-password|plain-text-password|pre-shared-key(?:[ \t]+ascii-text)?|shared-secret)[ \t]+)([^\s:=]\S*)/g,
  /(\blogin[ \t]+\S+[ \t]+password[ \t]+)(\S+)/g,
  /(\bidentified[ \t]+by[ \t]+)('[^'\n]*'|"[^"\n]*"|\S+)/gi,
  /(\b(?:mysql|mysqldump|mariadb)\b[^\n]{0,300}?[ \t]-p)([^\s"']+)/g,
  /(\bracadm\b[^\n]{0,300}?[ \t]-p[ \t]+["']?)([^\s"']+)/g,
  /(\b(?:redis-cli|valkey-cli)\b[^\n]{0,300}?[ \t]-a[ \t]+["']?)([^\s"']+)/g,
  /(\bldap\w+\b[^\n]{0,300}?[ \t]-w[ \t]*["']?)([^\s"']+)/g,
  /((?<!\w)-?pass(?:in|out|word)?[ \t]+pass:)([^\s"']+)/g,
  /(\bsmbclient\b[^\n]{0,300}?[ \t]-U[ \t]*["']?[^\s%"']+%)([^\s"']+)/g,
];

/** What any of them has; most lines have nothing. */
const mayBeCommand =
  /[ \t=]-[uUpPaw]|--(?:user|cred|proxy-user|src-creds|dest-creds)|pass|secret|key|community|identified/i;

/** An element of XML, and an attribute that names what its element holds. */
const element = /(<([\p{L}_][\p{L}\p{N}_.:-]{0,159})((?:\s[^<>]{0,400})?)>)([^<>]+)(?=<\/)/gu;
/** `pulumi config set` with the value behind the name. */
const setting =
  /(\bconfig[ \t]+set(?:[ \t]+--?[\w-]+(?:=\S+)?){0,8}[ \t]+["']?([\p{L}\p{N}_.:[\]-]{1,160})["']?[ \t]+)(?!-)("[^"\n]*"|'[^'\n]*'|[^\s"']\S*)/gu;

/** A line without secrets that stand behind an option, in a command of a tool or of a router, in an element of XML. */
export function withoutCommands(line: string, count: Count): string {
  let shown = "";
  let at = 0;
  option.lastIndex = 0;
  for (let match = option.exec(line); match !== null; match = option.exec(line)) {
    const [whole, key = ""] = match;
    if (!namesSecret(key) || key === "show-secrets") continue;
    const start = match.index + whole.length;
    const value = optionValue(line, start);
    shown += line.slice(at, start) + hide(line.slice(start, value), count);
    at = option.lastIndex = Math.max(value, start);
  }
  const rest = withoutElements(shown + line.slice(at), count);
  if (!mayBeCommand.test(rest)) return rest;
  return commands.reduce(
    (text, pattern) =>
      text.replace(pattern, (_match, head: string, held: string) => head + hide(held, count)),
    rest,
  );
}

/** Values of XML elements, and of settings on a command line. */
function withoutElements(line: string, count: Count): string {
  const xml = line.includes("</")
    ? line.replace(element, (whole, head: string, tag: string, attributes: string, value: string) => {
        const named = /\bname=["']([^"']{1,160})["']/i.exec(attributes)?.[1] ?? "";
        return namesSecret(tag) || namesSecret(named.replace(/.*#/, "")) ? head + hide(value, count) : whole;
      })
    : line;
  return xml.replace(setting, (whole, head: string, key: string, value: string) =>
    namesSecret(key.replace(/\[\d*\]/g, "")) ? head + hide(value, count) : whole,
  );
}

function optionValue(line: string, start: number): number {
  if (line.startsWith(removedSecret, start)) return start + removedSecret.length;
  const quote = /^["']/.exec(line.charAt(start))?.[0];
  const end =
    quote === undefined ? line.slice(start).search(/[\s"',\]]/) : line.indexOf(quote, start + 1) - start + 1;
  return end <= 0 ? line.length : start + end;
}
