import { type Count, hide } from "./forms";
import { namesSecret } from "./names";

// cspell:disable, for words of many configurations

/** What follows the name of a secret in a sentence and is none. */
const states =
  "(?:absent|accepted|added|already|and|approved|are|as|at|authentication|can|cannot|changed|configured|correct|created|data|default|deleted|denied|differs?|disabled|does|empty|enabled|encrypted|error|exists?|expired|failed|failure|false|file|for|found|from|generated|has|have|hidden|in|incorrect|invalid|is|key|length|login|mismatch|missing|must|name|needed|no|none|not|null|of|ok|on|opaque|or|patched|policy|present|prompt|protected|read|ready|refused|rejected|removed|renewed|required|reset|revoked|rotated|set|shared|stays|stored|that|the|to|too|true|type|unchanged|undefined|unknown|unset|updated|used|valid|value|was|with|without|wrong|yes)";
/** Letters and digits, as no word has them. */
const mixed = "(?=[^\\s]{0,200}\\d)(?=[^\\s]{0,200}[A-Za-z])";
const end = "(?=[.!]?(?:[\\s,;]|$))";
const login = "(?:root|administrator|admin|operator|calvin|ipmi|maint|ubuntu|sysadmin)";

/** Sentences and lines of configurations that state a secret; the secret is the last group. */
const statements: readonly RegExp[] = [
  // `password for root: x`, `password (root): x`, `password calvin: x`
  new RegExp(
    `(\\bpass(?:word|wd|phrase|code)[ \\t]+(?!${states}:)(?:(?:for|of)[ \\t]+(?:the[ \\t]+|user[ \\t]+)?|user[ \\t]+)?\\(?[\\w.@-]{1,40}\\)?[ \\t]*[:=][ \\t]+["']?)(?!${states}\\b)([^\\s"'\\[<]\\S{2,200}?)${end}["']?[.,;!]?(?=$|[ \\t]*$|[,;][ \\t])`,
    "gi",
  ),
  // `password set to x`, `password was changed from x to y`
  new RegExp(
    `(\\bpass(?:word|wd|phrase|code)[ \\t]+(?:(?:is|was|has been)[ \\t]+(?:now[ \\t]+)?)?(?:set|reset|changed)[ \\t]+(?:from|to)[ \\t]+["']?)(?!(?:a|an|the|its|no)\\b)([^\\s"'\\[<]\\S{2,200}?)["']?${end}`,
    "gi",
  ),
  new RegExp(
    `(\\bpass(?:word|wd|phrase|code)[ \\t]+(?:is|was)[ \\t]+(?:now[ \\t]+)?["']?)${mixed}([^\\s"'()[<,;]{3,200}?)["']?${end}`,
    "gi",
  ),
  /(\b(?:password|passwd|passphrase|passcode)[ \t]+)("[^"\n]{1,200}"|'[^'\n]{1,200}')(?=[ \t]*(?:$|[.,;!]|for\b|is\b|was\b|rejected\b|refused\b|invalid\b))/gi,
  // A token or a key whose letters are of both cases is the name of no object.
  /(\b(?:[Tt]oken|[Ss]ecret|[Pp]asscode|PRE-?SHARED|[Pp]re-?shared(?:[ -][Kk]ey)?|psk|PSK|(?:LUKS|luks|crypt|[Ee]ncryption|[Pp]rivate|API|api|[Aa]ccess|[Ss]hared|[Ll]icense|[Aa]ctivation)[ -][Kk]ey)[ \t]+)(?=\S{0,200}\d)(?=\S{0,200}[a-z])(?=\S{0,200}[A-Z])([^\s:=,;"'()./[\]]{7,200})(?=[\s,;]|$)/g,
  // `idrac root/x`, `login root:x`
  new RegExp(
    `(\\b(?:login|logon|log in|user|account|creds?|credentials|default|defaults|i?drac\\d?|ilo\\d?|bmc|ipmi|xcc|cimc|irmc|console|access|auth|pass)\\b[^\\n/]{0,30}?[ \\t(]${login}[ \\t]?[/:][ \\t]?)(?![/.])([^\\s/:,;"')\\[]{3,100})(?=[\\s,;)]|[.]?$)`,
    "gi",
  ),
  new RegExp(`(\\blogin:?[ \\t]+${login}[ \\t]+)${mixed}([^\\s:=,;"'()./[\\]]{5,200})(?=[\\s,;]|$)`, "gi"),
  // Lines of configurations: keepalived, wpa_supplicant, Redis, kickstart, GRUB, SNMP, chrony.
  /(\b(?:auth_pass|wpa-psk|wpa-passphrase|wireless-key|requirepass|masterauth|masterpass)[ \t]+)("[^"\n]*"|'[^'\n]*'|[^\s:="'][^\s"']*)/g,
  /(\b(?:rocommunity6?|rwcommunity6?|trapcommunity|authcommunity[ \t]+\S+)[ \t]+)("[^"\n]*"|[^\s:="]\S*)/g,
  /(\bcom2sec6?[ \t]+(?:-Cn[ \t]+\S+[ \t]+)?\S+[ \t]+\S+[ \t]+)(\S+)/g,
  /(\b(?:trap2?sink|informsink)[ \t]+\S+[ \t]+)([^\s\d]\S*)/g,
  /([ \t](?:MD5|SHA[\d-]*|3?DES|AES[\d-]*)[ \t]+(?:-[lm][ \t]+)?)(?<=\bcreateUser\b[^\n]{0,200})("[^"\n]*"|\S+)/gi,
  /(\brootpw[ \t]+(?:--(?:plaintext|iscrypted|lock)[ \t]+){0,3}["']?)([^\s"'-][^\s"']*)/g,
  /(\bpassword_pbkdf2[ \t]+\S+[ \t]+)(\S+)/g,
  /((?<![\w.:-])\d{1,5}[ \t]+(?:M|MD5|SHA(?:1|256|384|512)|AES(?:128|256))[ \t]+(?:HEX:|ASCII:))(\S+)(?=[ \t]*$)/g,
  /(^[ \t+~!>-]{0,20}\d{1,5}[ \t]+(?:M|MD5|SHA(?:1|256|384|512)|AES(?:128|256))[ \t]+)(\S{8,})(?=[ \t]*$)/g,
];

const mayState =
  /pass|token|secret|psk|shared|[ -]key|login|logon|log in|user|account|cred|default|drac|ilo|bmc|ipmi|xcc|cimc|irmc|console|access|auth|community|com2sec|sink|rootpw|\d[ \t]+(?:M|SHA|AES)/i;

/** A name of several words and a value at the end of a line: `bind_password x`, `authPassword x`. */
const directive =
  /((?<![\w.-])((?=[A-Za-z\d]{0,80}[_.-]|[a-z\d]{1,80}[A-Z])[A-Za-z][\w.-]{2,80})[ \t]+(?:0x)?["']?)((?=\S{0,200}\d)(?=\S{0,200}[A-Za-z])[^\s:=,"'()/[\]]{5,200})(?=["']?[ \t]*;?$)/;
/** Names of objects, which stand behind one another in tables. */
const objectName = /^[a-z\d]+(?:[-.][a-z\d]+)+$/;

/** A line without secrets that a sentence states (`idrac root/x`), or a line of a configuration (`auth_pass x`). */
export function withoutStatements(line: string, count: Count): string {
  if (!mayState.test(line)) return line;
  const rest = statements.reduce(
    (text, pattern) =>
      text.replace(pattern, (whole, head: string, held: string) => {
        const tail = whole.slice(head.length + held.length);
        return head + hide(held, count) + tail;
      }),
    line,
  );
  return rest.replace(directive, (whole, head: string, name: string, held: string) =>
    namesSecret(name) && !objectName.test(held) ? head + hide(held, count) : whole,
  );
}
