import { type Count, hide, removedSecret } from "./forms";
import { namesSecret, namesSecretFile } from "./names";
import { withoutStatements } from "./sentences";

// cspell:ignore chpasswd chgpasswd newusers smbpasswd vncpasswd mkpasswd kinit cryptsetup

/** Commands that read a secret from their input, or options that make them. */
const readers =
  "(?:(?<![\\w-]|/etc/)(?:chpasswd|chgpasswd|passwd|newusers|smbpasswd|vncpasswd|htpasswd|mkpasswd|cryptsetup|kinit)(?![\\w./-])|" +
  "(?<![\\w-])sudo[ \\t]+(?:-\\w+[ \\t]+){0,4}-\\w*S\\b|--?(?:password|passphrase|token|key)-(?:stdin|fd)\\b|--with-token\\b|" +
  "(?<![\\w-])openssl[ \\t]+passwd\\b|--key-file[= ]-(?=\\s|$)|-pass(?:in|out)?[ \\t]+stdin\\b)";
/** What a shell writes: words and quoted texts up to a pipe, a redirection or the next command. */
const written = "(?:\"[^\"\\n]{0,2000}\"|'[^'\\n]{0,2000}'|[^|\\n\"';&<>]){1,2000}";
const writer = "\\b(?:echo|printf)(?:[ \\t]+-[neE]{1,3})?[ \\t]+";

const piped = new RegExp(`(${writer})(${written})(?=\\|[^\\n]{0,300}?${readers})`, "g");
const hereString = new RegExp(
  `(${readers}[^\\n<]{0,300}<<<[ \\t]*)("[^"\\n]*"|'[^'\\n]*'|[^\\s;&|"']+)`,
  "g",
);
const saved = new RegExp(
  `(${writer})(${written})(?=(?:>{1,2}\\|?|\\|[ \\t]*(?:sudo[ \\t]+)?tee(?:[ \\t]+-\\w+)?[ \\t])[ \\t]*["']?([^\\s"';&|<>]{1,400}))`,
  "g",
);
/** Of a quoted text on one line, whose line breaks are written as `\\n`, the document is in the line itself. */
const document = /<<-?[ \t]*\\?["']?([A-Za-z_]\w{0,40})(?![^\n]*\\n)/;
const reads = new RegExp(readers);
/** The files that a command with a document writes. */
const target =
  />{1,2}\|?[ \t]*["']?([^\s"';&|<>]{1,400})|\btee[ \t]+(?:-\w+[ \t]+)?["']?([^\s"';&|<>]{1,400})/g;

/** A line without what its commands give to one that reads a secret, or write to a file that is one. */
function withoutInput(line: string, count: Count): string {
  let rest = line;
  if (/\b(?:echo|printf)\b/.test(rest) && /[|>]/.test(rest)) {
    rest = rest.replace(piped, (_whole, head: string, held: string) => head + hide(held, count));
    rest = rest.replace(saved, (whole, head: string, held: string, path: string) =>
      namesSecretFile(path) ? head + hide(held, count) : whole,
    );
  }
  if (!rest.includes("<<<")) return rest;
  return rest.replace(hereString, (_whole, head: string, held: string) => head + hide(held, count));
}

/** The word that ends a document of secrets: below `chpasswd <<EOF`, or below one that goes to a file that is a secret. */
export function endOfInput(line: string): string | undefined {
  const [, end] = line.includes("<<") && !line.includes("<<<") ? (document.exec(line) ?? []) : [];
  if (end === undefined) return undefined;
  const files = [...line.matchAll(target)].map(([, redirected = "", teed = redirected]) => teed);
  return reads.test(line) || files.some(namesSecretFile) ? end : undefined;
}

// cspell:disable, for names and options of many tools

const name = "[\\p{L}_][\\p{L}\\p{M}\\p{N}_./-]{0,159}";
/** `--secret-key value`; without an equals sign the value is the next word. */
const option = new RegExp(`(?<![\\p{L}\\p{N}_-])--?(${name})(?:["']?,[ \\t]*|["']?[ \\t]+)(?=[^\\s-])`, "gu");
/** How an option and its password follow each other: as two words, as one, or in either way. */
type Spelt = "apart" | "attached" | "either";

/** Options of one letter that hold a password, by tool; for most tools the same letter means something else. */
const tools: readonly (readonly [names: string, letters: string, spelt: Spelt])[] = [
  ["ipmitool|ipmiutil|mosquitto_(?:pub|sub)|unzip|zip", "P", "either"],
  ["sshpass", "p", "either"],
  [
    "login|racadm|redfishtool|ilorest|bmc-\\w+|ipmi-\\w+|ipmipower|ipmiconsole|fence_\\w+|wsman",
    "p",
    "apart",
  ],
  ["mongo\\w*", "p", "apart"],
  ["mysql|mysqldump|mysqladmin|mariadb|mariadb-dump|7za?|rar", "p", "attached"],
  ["redis-cli|valkey-cli", "a", "apart"],
  ["ldap\\w+", "w", "either"],
  ["ipa-client-install", "w", "either"],
  ["(?:docker|podman|nerdctl|helm registry)[ \\t]+login", "p", "attached"],
  ["user(?:add|mod)|adduser|group(?:add|mod)", "p", "either"],
  ["SUSEConnect|transactional-update[ \\t]+register", "r", "either"],
  ["ceph-authtool", "a", "either"],
  ["openssl", "k", "apart"],
  ["openssl", "K", "apart"],
  ...["c", "A", "X"].map(
    (letter) => ["snmp(?:get|walk|set|bulk\\w*|trap|inform|table|status)", letter, "apart"] as const,
  ),
];
/** The value behind an option, and the option's end where it is part of the same word. */
const following: Readonly<Record<Spelt, string>> = {
  apart: "(?:[\"']?,[ \\t]*|[ \\t]+)[\"']?)([^\\s\"'-][^\\s\"']*)",
  attached: ")([^\\s\"',]+)",
  either: "(?:[\"']?,[ \\t]*|[ \\t]*)[\"']?)([^\\s\"'-][^\\s\"']*)",
};
const toolCommands = tools.map(
  ([names, letters, spelt]) =>
    new RegExp(`((?<![\\w-])(?:${names})\\b[^\\n]{0,300}?[ \\t,"'[]-${letters}${following[spelt]}`, "g"),
);
/** The tools as words of a list, with the option as a word; of curl the login is one word, which is a form of its own. */
const toolWords = [...tools, ["curl", "[uU]", "either"] as const].map(
  ([names, letters, spelt]) =>
    [new RegExp(`(?:^|/)(?:${names})$`), new RegExp(`^-${letters}${spelt === "apart" ? "$" : ""}`)] as const,
);

/** The options of the tool that a word of a command line starts; undefined for any other word. */
export function optionsOf(word: string): RegExp | undefined {
  const own = toolWords.filter(([name]) => name.test(word)).map(([, option]) => option);
  return own.length < 2 ? own[0] : new RegExp(own.map(({ source }) => source).join("|"));
}

/** Finds, line by line, the option of a tool in a list of words; `end` is where its password begins in the same word. */
export function argumentIn(): (line: string) => { readonly end?: number } | undefined {
  let options: RegExp | undefined;
  let column = 0;
  return (line) => {
    const [, before = "", quote = "", word = ""] =
      /^([+\-~!> ]?\s*(?:- +)?)(["']?)([^\s"',]+)["']?,?\s*$/.exec(line) ?? [];
    if (word === "" || before.length !== column) options = undefined;
    column = before.length;
    const option = options?.exec(word)?.[0];
    options = optionsOf(word) ?? options;
    if (option === undefined) return undefined;
    return option === word ? {} : { end: before.length + quote.length + option.length };
  };
}

/** A value that a port, a path or a number of another option is, and no password. */
const otherArgument = "(?![\\d:.]*(?:\\s|$)|[./{-])";
/** `-u user:password` of curl and others, `-p` of a login, `-P` of ipmitool, and routers' own ways. */
const commands: readonly RegExp[] = [
  /((?:^|\s)(?:-u|-U|--user|--creds|--credentials|--proxy-user|--src-creds|--dest-creds)(?:[ \t]*|=)["']?)([^\s"':-][^\s"':]*:[^\s"']+)/gm,
  // Options of one letter may be joined: `curl -sku user:password`.
  /(\bcurl\b[^\n]{0,300}?[ \t]-[A-Za-z]{1,12}[uU][ \t]*["']?)([^\s"':-][^\s"':]*:[^\s"']+)/g,
  // A router's server of logins, and SNMP in YAML.
  /(\b(?:tacacs|radius)[ \t]+key[ \t]+(?:\d[ \t]+)?)(\S+)/g,
  ...toolCommands,
  // A login of any other tool, in either order.
  new RegExp(
    `([ \\t]-[uU][ \\t]+[^\\s-]\\S*[^\\n]{0,200}?[ \\t]-[pP][ \\t]+["']?)${otherArgument}([^\\s"']+)`,
    "g",
  ),
  new RegExp(`([ \\t]-[pP][ \\t]+["']?)${otherArgument}([^\\s"']+)(?=[^\\n]{0,200}[ \\t]-[uU][ \\t])`, "g"),
  /(\bneighbor[ \t]+\S+[ \t]+password[ \t]+(?:(?:\d|encrypted)[ \t]+)?)(\S[^\n]*)/g,
  /(\bmessage-digest-key[ \t]+\d+[ \t]+md5[ \t]+(?:\d[ \t]+)?)(\S+)/g,
  /(\b(?:key-string|enable (?:password|secret)|snmp-server community|rndc-key)[ \t]+(?:(?:\d|clear|encrypted)[ \t]+)?)(\S+)/g,
  /(\b(?:isis[ \t]+password|area-password|domain-password|ppp[ \t]+chap[ \t]+password|password[ \t]+encrypted)[ \t]+(?:(?:\d|clear|md5|level-[12])[ \t]+)*)([^\s:=]\S*)/g,
  /(\bauthentication[ \t]+(?:string|key|text|simple|cleartext|key-string)[ \t]+(?:\d[ \t]+)?)([^\s:=]\S*)/g,
  /(\b(?:auth|priv)[ \t]+(?:md5|sha[\d-]*|aes(?:[ \t]*\d+)?|3?des)[ \t]+)([^\s:=]\S*)/gi,
  /(\b(?:crypto[ \t]+)?isakmp[ \t]+key[ \t]+(?:\d[ \t]+)?)(\S+)/g,
  /(\b(?:nhrp|vrrp[ \t]+\d+|standby[ \t]+\d+)[ \t]+authentication[ \t]+(?:(?:text|md5|key-string|\d)[ \t]+)*)([^\s:=]\S*)/g,
  /(\bmsdp[ \t]+[^\n]{0,100}?[ \t]password[ \t]+)(\S+)/g,
  // BIRD has `password "…";`, and a router's own login is a line of two words.
  /(\bpassword[ \t]+)("[^"\n]*"|'[^'\n]*')(?=[ \t]*[;{])/g,
  /^([+\-~! \t]*(?:no[ \t]+)?password[ \t]+(?:(?:\d|clear|cleartext|md5)[ \t]+)?)(?!(?:accepted|authentication|changed|correct|empty|expired|failed|file|incorrect|invalid|is|login|mismatch|missing|policy|prompt|rejected|refused|required|reset|set|unknown|was|wrong)\b)([^\s:="'[<][^\s:=]*)[ \t]*;?$/g,
  // In a sentence only what no word is: letters and digits.
  /(\bpass(?:word|wd|phrase)[ \t]+(?:\d[ \t]+)?)((?=\S{0,200}\d)(?=\S{0,200}[A-Za-z])[^\s:=,;"'()./[\]]{5,200})(?=[\s,;]|$)/gi,
  /(\busername[ \t]+\S+[ \t]+(?:[^\n]{0,60}?[ \t])?(?:password|secret)[ \t]+(?:\d[ \t]+)?)(\S+)/g,
  /(\b(?:tacacs|radius)-server[ \t][^\n]{0,100}?key[ \t]+(?:\d[ \t]+)?)(\S+)/g,
  /(\b(?:authentication-key|encrypted-password|plain-text-password|pre-shared-key(?:[ \t]+ascii-text)?|shared-secret)[ \t]+)([^\s:=]\S*)/g,
  /(\blogin[ \t]+\S+[ \t]+password[ \t]+)(\S+)/g,
  /(\bidentified[ \t]+by[ \t]+)('[^'\n]*'|"[^"\n]*"|\S+)/gi,
  /((?<!\w)-?pass(?:in|out|word)?[ \t]+pass:)([^\s"']+)/g,
  // `iscsiadm -n node.session.auth.password -v X`, in either order.
  /((?:-n|--name)[ \t=]+["']?[\w./:-]{0,100}(?:password|passwd|secret|psk|token)[\w.-]{0,40}["']?[ \t]+(?:[^\n]{0,60}?[ \t])?(?:-v|--value)[ \t=]+["']?)([^\s"']+)/gi,
  /((?:[ \t]-v|--value)[ \t=]+["']?)([^\s"'=][^\s"']{0,400})(?=["']?[ \t]+(?:-n|--name)[ \t=]+["']?[\w./:-]{0,100}(?:password|passwd|secret|psk|token))/gi,
  /(\buser[ \t]+set[ \t]+password[ \t]+\d+[ \t]+["']?)([^\s"']+)/g,
  /(--from-literal(?:=|[ \t]+)["']?[\w.-]{1,160}=)(?<=\bcreate[ \t]+secret\b[^\n]{0,500})(?!\.{3})("[^"\n]*"|'[^'\n]*'|[^\s"']+)/g,
  /(\b(?:vault[ \t]+login|(?:pro|ua)[ \t]+attach)[ \t]+)((?=\S{0,200}\d)(?=\S{0,200}[A-Za-z])[^\s=-][^\s=]{5,400})(?=\s|$)/g,
  /(\bhtpasswd[ \t]+(?:-\w*n\w*b\w*|-\w*b\w*n\w*|-\w*b\w*[ \t]+\S+)[ \t]+\S+[ \t]+["']?)([^\s"']+)/g,
  /(\bopenssl[ \t]+passwd(?:[ \t]+-(?:salt[ \t]+\S+|\w+)){1,4}[ \t]+["']?)([^\s"'-][^\s"']*)/g,
  /(\bmkpasswd(?:[ \t]+(?:-[mSR][ \t]+\S+|--?[\w=-]+)){1,6}[ \t]+["']?)([^\s"'-][^\s"']*)/g,
  /(\bwpa_passphrase[ \t]+(?:"[^"\n]*"|'[^'\n]*'|\S+)[ \t]+)(\S+)/g,
  // Samba's login is one word, `user%password`, in quotes where it has blanks.
  /((?<![\w-])(?:smb\w+|rpcclient|samba-tool|wbinfo|net[ \t]+(?:ads|rpc|rap))\b[^\n]{0,300}?[ \t](?:-U[ \t]*|--user(?:name)?[ \t=]+)["'][^\n%"']{1,200}%)([^\n"']+)/g,
  /((?<![\w-])(?:smb\w+|rpcclient|samba-tool|wbinfo|net[ \t]+(?:ads|rpc|rap))\b[^\n]{0,300}?[ \t](?:-U[ \t]*|--user(?:name)?[ \t=]+)[^\s%"']{1,200}%)([^\s"']+)/g,
  // restic's `-p` is a file, in whose place people write the password.
  /((?<![\w-])restic\b[^\n]{0,300}?[ \t]-p[ \t]+["']?)(?![^\s"']*\/|[.~-])([^\s"']+)/g,
  /(--(?:regcode|add-key)(?:=|[ \t]+)["']?)([^\s"'-][^\s"']*)/g,
];

/** What any of them has; most lines have nothing. */
const mayBeCommand =
  /[ \t=,"'[]-[uUpPawcAXkKvr]|--(?:regcode|user|cred|proxy-user|src-creds|dest-creds|value)|pass|secret|key|community|identified|auth|priv|vault|attach/i;

/** An element of XML, and an attribute that names what its element holds. */
const element = /(<([\p{L}_][\p{L}\p{M}\p{N}_.:-]{0,159})((?:\s[^<>]{0,400})?)>)([^<>]+)(?=<\/)/gu;
/** An element of XML whose value is an attribute, and one whose value is an element of its own. */
const attribute =
  /(<([\p{L}_][\p{L}\p{M}\p{N}_.:-]{0,159})(?:\s[^<>]{0,400}?)?\s(?:[vV]alue|val|content|text)\s{0,9}=\s{0,9})("[^"<>\n]*"|'[^'<>\n]*')/gu;
const inner = /(<([\p{L}_][\p{L}\p{M}\p{N}_.:-]{0,159})>\s{0,9}<[vV]alue>)([^<>]+)(?=<\/)/gu;
/** `pulumi config set` with the value behind the name. */
const setting =
  /(\bconfig[ \t]+set(?:[ \t]+--?[\w-]+(?:=\S+)?){0,8}[ \t]+["']?([\p{L}\p{M}\p{N}_.:[\]-]{1,160})["']?[ \t]+)(?!-)("[^"\n]*"|'[^'\n]*'|[^\s"']\S*)/gu;

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
  const elements = withoutElements(shown + line.slice(at), count);
  const rest = withoutStatements(withoutInput(elements, count), count);
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
  const held = line.includes("<") ? [attribute, inner] : [];
  const nested = held.reduce(
    (text, pattern) =>
      text.replace(pattern, (whole, head: string, tag: string, value: string) =>
        namesSecret(tag) ? head + hide(value, count) : whole,
      ),
    xml,
  );
  return nested.replace(setting, (whole, head: string, key: string, value: string) =>
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
